/** The dashboard as people use it: a real Chromium, the whole system behind it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { buildDashboard } from "../../../scripts/dashboard/build.ts";
import { LOCAL_KEYS } from "../../../scripts/local/data_api.ts";
import { hasChromium } from "../../support/browser.ts";
import {
  barriers,
  type DashboardPlace,
  dashboardPlace,
  eventually,
  overflow,
} from "../../support/dashboard.ts";
import { flownFleet } from "../../support/flown_fleet.ts";
import { reading } from "../../support/readings.ts";

/** The pages, with something that is there when they have loaded, without data and with it. */
const PAGES = [
  { hash: "#/fleet", empty: "No engine has sent a reading yet", full: "The fleet in numbers" },
  { hash: "#/engine/FLIES", empty: "Cannot show the health of FLIES", full: "The engine in numbers" },
  { hash: "#/live", empty: "Nothing has arrived yet", full: "Arrivals in numbers" },
] as const;

/** What charts of the page engine show: one pair of times, when all of them show the same. */
async function shownTimes(page: Page): Promise<string[]> {
  const all = await page.locator(".chart").evaluateAll((charts) =>
    charts.map((chart) => `${chart.getAttribute("data-from")}-${chart.getAttribute("data-to")}`)
  );
  return [...new Set(all)];
}

async function engineNames(page: Page): Promise<string[]> {
  return await page.getByRole("region", { name: "Engines" }).locator("tbody th").allTextContents();
}

async function onEmpty({ system, open, signUp }: DashboardPlace, t: Deno.TestContext): Promise<void> {
  await t.step(
    "files are compressed, known by their tags, and allowed to run nothing but themselves",
    async () => {
      const page = await fetch(`${system.url}/`);
      const text = await page.text();
      assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
      assert.equal(page.headers.get("x-content-type-options"), "nosniff");
      assert.match(
        text,
        /Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'/,
      );
      assert.doesNotMatch(text, /<script(?![^>]* src=)|style=|https?:/);
      const script = /src="(dashboard-[0-9a-f]{12}\.js)"/.exec(text)![1];
      const loaded = await fetch(`${system.url}/${script}`, { headers: { "accept-encoding": "gzip" } });
      assert.match(loaded.headers.get("cache-control")!, /immutable/);
      assert.equal(loaded.headers.get("vary")?.toLowerCase(), "accept-encoding");
      await loaded.body?.cancel();
      const tag = loaded.headers.get("etag")!;
      const again = await fetch(`${system.url}/${script}`, { headers: { "if-none-match": tag } });
      assert.equal(again.status, 304);
      const stale = await fetch(`${system.url}/${script}`, { headers: { "if-none-match": '"other"' } });
      assert.equal(stale.status, 200);
      await stale.body?.cancel();
      const configuration = await (await fetch(`${system.url}/config.json`)).json();
      assert.deepEqual(configuration, { supabaseUrl: "/", publishableKey: LOCAL_KEYS.publishable });
      const posted = await fetch(`${system.url}/`, { method: "POST" });
      assert.equal(posted.status, 405);
      assert.equal((await fetch(`${system.url}/nothing`)).status, 404);
    },
  );

  await t.step("whoever is not signed in is asked to, and told why it did not work", async () => {
    await using opened = await open("#/fleet", { viewer: "nobody" });
    const { page } = opened;
    await page.locator("input[type=email]").fill("nobody@example.com");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    assert.match((await page.getByRole("alert").textContent())!, /Invalid login credentials/);
    assert.deepEqual(await barriers(page), []);
    await page.getByRole("radio", { name: "Key" }).check();
    await page.getByRole("textbox", { name: "Key" }).fill("no-key-of-this-project");
    await page.getByRole("button", { name: "Sign in" }).click();
    assert.match((await page.getByRole("alert").textContent())!, /key or token must be a valid one/);
  });

  await t.step("pages without data say what would bring some", async () => {
    for (const { hash, empty } of PAGES) {
      await using opened = await open(hash, { colorScheme: "dark" });
      await opened.page.getByText(empty).waitFor();
      assert.deepEqual(await barriers(opened.page), [], hash);
    }
    await using unknown = await open("#/nowhere");
    await unknown.page.getByText("There is no such page").waitFor();
  });

  await t.step("whom the clearance does not allow is told so, and not shown an empty page", async () => {
    await signUp("public@example.com", "public");
    for (const { hash, empty } of PAGES) {
      await using opened = await open(hash, { viewer: { email: "public@example.com" } });
      await opened.page.getByText(/You may not see/).first().waitFor();
      assert.equal(await opened.page.getByText(empty).count(), 0, hash);
    }
  });
}

async function onFleet(place: DashboardPlace, t: Deno.TestContext): Promise<void> {
  const { system, open, signUp } = place;

  await t.step("a user signs in, stays signed in when the page is loaded again, and signs out", async () => {
    await signUp("engineer@example.com");
    await using opened = await open("#/fleet", { viewer: { email: "engineer@example.com" } });
    const { page, complaints } = opened;
    await page.getByLabel("The fleet in numbers").waitFor();
    await page.reload();
    await page.getByLabel("The fleet in numbers").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.deepEqual(complaints, []);
  });

  await t.step("a key stays in the tab, and is nowhere after signing out", async () => {
    await using opened = await open("#/fleet", { viewer: "nobody" });
    const { page } = opened;
    await page.getByRole("radio", { name: "Key" }).check();
    await page.getByRole("textbox", { name: "Key" }).fill(LOCAL_KEYS.secret);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("The fleet in numbers").waitFor();
    const kept = "JSON.stringify([Object.entries(localStorage), document.cookie])";
    assert.doesNotMatch(await page.evaluate(kept) as string, /sb_secret/);
    await page.reload();
    await page.getByLabel("The fleet in numbers").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.equal(await page.evaluate("sessionStorage.length"), 0);
  });

  await t.step("the fleet is searched and sorted, and the address brings all of it back", async () => {
    await using opened = await open("#/fleet");
    const { page, complaints } = opened;
    await page.getByLabel("The fleet in numbers").waitFor();
    assert.equal(await page.locator(".cells a").count(), 6);
    assert.equal((await engineNames(page))[0], "DRIFTS"); // a warning goes before what is well
    await page.getByRole("button", { name: "Cycles left" }).click();
    assert.deepEqual((await engineNames(page)).slice(0, 3), ["GONE", "WORN", "CALM"]);
    await page.getByRole("button", { name: "Cycles left" }).click();
    assert.deepEqual((await engineNames(page)).slice(0, 3), ["CALM", "WORN", "GONE"]);
    await page.getByRole("searchbox").fill("n");
    await eventually(page, "document.querySelectorAll('.cells a').length === 3");
    await page.getByLabel("Status", { exact: true }).selectOption("active");
    await eventually(page, "document.querySelectorAll('.cells a').length === 2");
    const names = await engineNames(page);
    assert.deepEqual(names, ["WORN", "STRANGE"]);
    assert.match(page.url(), /sort=-left/);
    await page.reload();
    await page.getByLabel("The fleet in numbers").waitFor();
    assert.deepEqual(await engineNames(page), names);
    assert.equal(await page.getByRole("searchbox").inputValue(), "n");
    await page.getByRole("searchbox").fill("nothing like it");
    await page.getByText("No engine is like this").waitFor();
    assert.deepEqual(complaints, []);
  });

  await t.step("cells are walked with the arrow keys, and Enter leads to the engine", async () => {
    await using opened = await open("#/fleet?sort=engine");
    const { page } = opened;
    await page.locator(".cells a").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    const name = await page.evaluate("document.activeElement.getAttribute('aria-label')") as string;
    assert.equal(await page.locator(".cells a[tabindex='0']").count(), 1);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: name.split(":")[0] }).waitFor();
    await page.goBack();
    await page.getByLabel("The fleet in numbers").waitFor();
  });

  await t.step("an engine shows its sensors with baseline, anomaly, gap and conditions", async () => {
    await using opened = await open("#/engine/FLIES");
    const { page, complaints } = opened;
    await page.getByRole("img", { name: /^Ps30/ }).waitFor();
    assert.equal(await page.locator(".sensor").count(), 14);
    const s11 = await page.getByRole("img", { name: /^Ps30/ }).getAttribute("aria-label");
    assert.equal(
      s11?.replace(/: 47\.\d\d to 49\.\d\d; last 47\.\d\d/, ": A to B; last C"),
      "Ps30, Static pressure at HPC outlet in psia: A to B; last C; baseline 47.45 ± 0.03; 1 anomaly",
    );
    await page.getByText("1 gap", { exact: true }).waitFor();
    await page.getByText("148 readings", { exact: true }).waitFor();
    // two of three readings were taken at sea level
    const conditions = page.getByLabel("Operating condition", { exact: true });
    assert.equal(await conditions.inputValue(), "1");
    await conditions.selectOption("3");
    await page.getByRole("img", { name: /^Ps30.*no baseline/ }).waitFor();
    assert.match(page.url(), /condition=3/);
    assert.deepEqual(complaints, []);
  });

  await t.step("zooming in one chart moves all, and the address and Back know about it", async () => {
    await using opened = await open("#/engine/FLIES");
    const { page, complaints } = opened;
    await page.locator(".sensor").nth(13).waitFor();
    const [whole] = await shownTimes(page);
    const chart = page.locator(".sensor .u-over").nth(4);
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 25, { steps: 4 });
    await page.mouse.up();
    await eventually(page, `location.hash.includes("from=")`);
    await eventually(page, `!document.querySelector(".chart[data-from='${whole.split("-")[0]}']")`);
    const zoomed = await shownTimes(page);
    assert.equal(zoomed.length, 1, "all charts show the same times");
    const [from, to] = zoomed[0].split("-").map(Number);
    const [first, last] = whole.split("-").map(Number);
    assert.ok(Math.abs((from - first) / (last - first) - 0.5) < 0.02, `from ${from} of ${whole}`);
    assert.ok(Math.abs((to - first) / (last - first) - 0.75) < 0.02, `to ${to} of ${whole}`);
    await page.reload();
    await page.locator(".sensor").nth(13).waitFor();
    assert.deepEqual(await shownTimes(page), zoomed);
    await page.getByRole("button", { name: "Whole life" }).click();
    await eventually(page, `document.querySelector(".chart[data-from='${first}']")`);
    assert.deepEqual(await shownTimes(page), [whole]);
    await page.goBack();
    await eventually(page, `document.querySelector(".chart[data-from='${from}']")`);
    await page.getByRole("button", { name: "Zoom in" }).click();
    await eventually(page, `!document.querySelector(".chart[data-from='${from}']")`);
    const [closer] = await shownTimes(page);
    const [closerFrom, closerTo] = closer.split("-").map(Number);
    assert.ok(Math.abs((closerTo - closerFrom) / (to - from) - 0.5) < 0.01, `${closer} is half of ${zoomed}`);
    assert.deepEqual(complaints, []);
  });

  await t.step(
    "readings that arrive are seen while they do, and nobody asks while nobody looks",
    async () => {
      await using opened = await open("#/live?seconds=300");
      const { page, complaints } = opened;
      const stored = page.getByLabel("Arrivals in numbers").locator("div", { has: page.getByText("Stored") })
        .locator("dd");
      const before = await stored.textContent();
      const response = await fetch(`${system.url}/functions/v1/ingest`, {
        method: "POST",
        headers: { authorization: `Bearer ${LOCAL_KEYS.ingest}`, "content-type": "application/json" },
        body: JSON.stringify([
          reading({ engine_id: "CALM", cycle: 101, timestamp: new Date(Date.now() - 3000).toISOString() }),
          { ...reading({ engine_id: "CALM", cycle: 102 }), s2: "hot" },
        ]),
      });
      assert.deepEqual(await response.json().then(({ accepted, rejected }) => [accepted, rejected]), [1, 1]);
      await eventually(
        page,
        `document.querySelector("[aria-label='Arrivals in numbers']").textContent.includes("95 % within3.")`,
      );
      assert.notEqual(await stored.textContent(), before);
      let asked = 0;
      page.on("request", (request) => asked += Number(request.url().includes("/arrivals")));
      await page.evaluate(`
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));`);
      await page.getByText("stands still").waitFor();
      asked = 0;
      await page.waitForTimeout(2500);
      assert.equal(asked, 0);
      await page.evaluate(`
      Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
      document.dispatchEvent(new Event("visibilitychange"));`);
      await page.waitForRequest((request) => request.url().includes("/arrivals"));
      assert.deepEqual(complaints, []);
    },
  );

  await t.step(
    "a project that does not answer is told of, and asked again when somebody wants it",
    async () => {
      await using opened = await open("#/fleet");
      const { page } = opened;
      await page.getByLabel("The fleet in numbers").waitFor();
      await page.context().setOffline(true);
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.getByRole("alert").getByText(/cannot be reached from here/).waitFor();
      assert.equal(await page.getByLabel("The fleet in numbers").count(), 1); // what was read last stays
      await page.context().setOffline(false);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("alert").waitFor({ state: "detached" });
    },
  );

  await t.step(
    "pages are fit for all: axe, both themes, narrow and wide, nothing in the console",
    async () => {
      for (const { hash, full } of PAGES) {
        await using opened = await open(hash, {
          colorScheme: "light",
          viewport: { width: 1920, height: 1080 },
        });
        const { page, complaints } = opened;
        await page.getByLabel(full).waitFor();
        if (hash.includes("engine")) await page.locator(".sensor").nth(13).waitFor();
        assert.deepEqual(await barriers(page), [], `${hash}, light, wide`);
        assert.equal(await overflow(page), 0, `${hash} fits into 1,920 px`);
        await page.setViewportSize({ width: 360, height: 780 });
        await page.getByRole("button", { name: "Change to dark colours" }).click();
        assert.deepEqual(await barriers(page), [], `${hash}, dark, narrow`);
        assert.equal(await overflow(page), 0, `${hash} fits into 360 px`);
        assert.deepEqual(complaints, []);
      }
    },
  );

  await t.step(
    "the static files work on another host, below a path, with requests across origins",
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "spool-static-" });
      const allowed = new URL(system.url);
      await buildDashboard(folder, { supabaseUrl: allowed.origin, publishableKey: LOCAL_KEYS.publishable });
      const types = {
        html: "text/html",
        js: "text/javascript",
        css: "text/css",
        json: "application/json",
        svg: "image/svg+xml",
      };
      const host = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
        const name = new URL(request.url).pathname.replace(/^\/some\/path\/?/, "") || "index.html";
        const type = types[name.slice(name.lastIndexOf(".") + 1) as keyof typeof types];
        return new Response(await Deno.readFile(join(folder, name)), { headers: { "content-type": type } });
      });
      try {
        const at = `http://127.0.0.1:${host.addr.port}/some/path/`;
        await using opened = await open("#/engine/FLIES", { at, viewer: { email: "engineer@example.com" } });
        const { page, complaints } = opened;
        await page.locator(".sensor").nth(13).waitFor();
        assert.deepEqual(complaints, []);
      } finally {
        await host.shutdown();
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}

Deno.test({
  name: "the dashboard in a browser",
  ignore: !hasChromium,
  // playwright-core keeps a timer and its process's streams until the process ends
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using place = await dashboardPlace();
    await onEmpty(place, t);
    await flownFleet(place.system.sql);
    await onFleet(place, t);
  },
});
