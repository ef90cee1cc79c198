/**
 * The pages of whoever looks after the system (Quality, Pipeline, Alerts, Data), in a real Chromium.
 * `SPOOL_SCREENSHOTS=1 deno task test tests/functions/dashboard/upkeep_test.ts` writes what they show to docs/screenshots.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import type postgres from "postgres";
import { transaction } from "../../../shared/database.ts";
import { hasChromium } from "../../support/browser.ts";
import { barriers, type DashboardPlace, dashboardPlace, overflow } from "../../support/dashboard.ts";
import { reading } from "../../support/readings.ts";
import { tendedProject } from "../../support/tended_project.ts";

const SCREENSHOTS = join(import.meta.dirname!, "..", "..", "..", "docs", "screenshots");

/** The pages, with something that is there when they have loaded, without data and with it. */
const PAGES = [
  { hash: "#/quality", empty: "No sensor of any engine is like this", full: "Drift by engine and sensor" },
  {
    hash: "#/pipeline",
    empty: "The pipeline hourly has not run yet",
    full: "Runs by task",
    shot: "pipeline",
  },
  { hash: "#/alerts", empty: "There has been no alert yet", full: "Alerts in numbers" },
  { hash: "#/data", empty: "sensor_data", full: "Catalogue" },
  {
    hash: "#/data/lineage",
    empty: "Choose a node to look at what is around it",
    full: "Lineage",
    shot: "lineage",
  },
  { hash: "#/data/lake", empty: "The lake is empty", full: "The lake in numbers", shot: "lake" },
  { hash: "#/data/dead-letters", empty: "Nothing waits to be replayed", full: "Dead letters" },
] as const;

/** Pages with one thing opened, which are looked at with data. */
const OPENED = [
  { hash: "#/quality?check=stuck", full: "Check stuck" },
  { hash: "#/pipeline?task=predictions", full: "Tasks of the run" },
  { hash: "#/alerts?alert=1", full: "Alert 1", shot: "alerts" },
  { hash: "#/data?asset=sensor_drift", full: "Columns of sensor_drift" },
  { hash: "#/data/dead-letters?letter=1", full: "Dead letter 1", shot: "dead-letters" },
] as const;

/** The buttons that change something, as they are called. */
const WRITES = {
  "#/quality": "Run the checks now",
  "#/pipeline": "Backfill hourly",
  "#/alerts?alert=1": "Acknowledge",
} as const;

function region(page: Page, name: string) {
  return page.getByRole("region", { name, exact: true });
}

/** Goes to another page without loading everything anew. */
async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

async function rows(page: Page, name: string): Promise<number> {
  return await region(page, name).locator("tbody tr").count();
}

/** Waits until a table has so many rows. */
async function settles(page: Page, name: string, count: number): Promise<void> {
  for (let waited = 0; await rows(page, name) !== count; waited += 20) {
    assert.ok(waited < 10_000, `${name} has ${await rows(page, name)} rows`);
    await page.waitForTimeout(20);
  }
}

/** Removes what the jobs did that run when a system starts: it is not what a database without data has. */
async function forgetStart(sql: postgres.Sql): Promise<void> {
  await sql`update pipelines set active = false`;
  for (let waited = 0; waited < 20_000; waited += 100) {
    const [{ settled }] = await sql`
      select not exists (select from cron.job where jobid not in (
        select jobid from cron.job_run_details where end_time is not null
      )) as settled`;
    if (settled) break;
    await delay(100);
  }
  // a job that begins at this moment may be chosen to wait, or this
  await transaction(sql, async (tx) => {
    await tx`truncate alerts, alert_events, alert_deliveries, pipeline_runs, task_runs, task_attempts`;
  });
}

async function onEmpty(
  { system: { sql }, open, signUp }: DashboardPlace,
  t: Deno.TestContext,
): Promise<void> {
  await forgetStart(sql);

  await t.step("pages without data say what would bring some", async () => {
    await using opened = await open("#/fleet");
    const { page, complaints } = opened;
    for (const { hash, empty } of PAGES) {
      await visit(page, hash);
      await page.getByText(empty).first().waitFor();
      if (hash === "#/quality") {
        // what was not measured says so, and why
        await region(page, "Service levels").getByText("not measured").first().waitFor();
      }
      assert.deepEqual(await barriers(page), [], hash);
      assert.deepEqual(complaints, [], hash);
    }
  });

  await t.step("whom the clearance does not allow is told so, and not shown an empty page", async () => {
    await signUp("public@example.com", "public");
    await using opened = await open("#/fleet", { viewer: { email: "public@example.com" } });
    for (const { hash, empty } of PAGES) {
      await visit(opened.page, hash);
      await opened.page.getByText(/You may not see/).first().waitFor();
      assert.equal(await opened.page.getByText(empty).count(), 0, hash);
    }
  });
}

async function onTended(place: DashboardPlace, t: Deno.TestContext): Promise<void> {
  const { system: { sql }, open, signUp } = place;

  await t.step("users see all of it and can change none of it, and are told why", async () => {
    await signUp("engineer@example.com");
    await using opened = await open("#/quality", { viewer: { email: "engineer@example.com" } });
    const { page } = opened;
    for (const [hash, name] of Object.entries(WRITES)) {
      await visit(page, hash);
      const button = page.getByRole("button", { name, exact: true });
      await button.waitFor();
      assert.equal(await button.isDisabled(), true, name);
      assert.match((await button.getAttribute("title"))!, /Changing something needs a secret key/);
    }
    await visit(page, "#/pipeline");
    const again = page.getByRole("button", { name: "Run again predictions" });
    await again.waitFor();
    assert.equal(await again.isDisabled(), true);
    // what is confidential, they do not even see
    await visit(page, "#/data/dead-letters");
    await page.getByText("You may not see the dead letters").waitFor();
  });

  await t.step(
    "pages are fit for all: axe, both themes, narrow and wide, nothing in the console",
    async () => {
      for (const [colorScheme, width] of [["light", 1920], ["dark", 360]] as const) {
        await using opened = await open("#/quality", { colorScheme, viewport: { width, height: 900 } });
        const { page, complaints } = opened;
        for (const { hash, full, ...rest } of [...PAGES, ...OPENED]) {
          await visit(page, hash);
          await page.getByLabel(full, { exact: true }).first().waitFor();
          assert.deepEqual(await barriers(page), [], `${hash} ${colorScheme} ${width}`);
          assert.equal(await overflow(page), 0, `${hash} is as wide as ${width} px`);
          if (process.env.SPOOL_SCREENSHOTS === undefined || !("shot" in rest)) continue;
          await page.screenshot({ path: join(SCREENSHOTS, `${rest.shot}-${width}.png`) });
        }
        assert.deepEqual(complaints, []);
      }
    },
  );

  await t.step("checks are searched, opened with their evidence, and their engines are led to", async () => {
    await using opened = await open("#/quality");
    const { page, complaints } = opened;
    await region(page, "Checks").waitFor();
    assert.equal(await region(page, "Checks").locator("tbody th").first().textContent(), "stuck"); // what fails is first
    await page.getByRole("searchbox", { name: "Search checks" }).fill("nulls s1");
    await settles(page, "Checks", 6);
    await page.getByRole("searchbox", { name: "Search checks" }).fill("");
    await page.getByRole("button", { name: "stuck" }).click();
    const detail = region(page, "Check stuck");
    await detail.getByText("Engines that broke it").waitFor();
    assert.match(
      (await detail.locator(".chart").getAttribute("aria-label"))!,
      /^\d verdicts .* asked is at most 0$/,
    );
    await detail.getByRole("link", { name: "CALM" }).first().click();
    await page.getByRole("heading", { name: "CALM" }).waitFor();
    await page.goBack();
    await region(page, "Check stuck").waitFor(); // the address has it
    assert.deepEqual(complaints, []);
  });

  await t.step("drift is filtered and sorted by what was measured", async () => {
    await using opened = await open("#/quality");
    const { page } = opened;
    const shifts = async () =>
      await region(page, "Drift by engine and sensor").locator("tbody td:nth-child(6)").allTextContents();
    await region(page, "Drift by engine and sensor").waitFor();
    assert.deepEqual(await shifts(), ["−4.00", "−4.00", "+2.00", "+2.00"]);
    await page.getByRole("button", { name: "Mean shift" }).click();
    assert.deepEqual(await shifts(), ["+2.00", "+2.00", "−4.00", "−4.00"]);
    await page.getByLabel("Engine", { exact: true }).fill("worn");
    await settles(page, "Drift by engine and sensor", 2);
    await page.getByLabel("Verdict on drift").selectOption("any");
    await page.getByLabel("Sensor", { exact: true }).selectOption("s4");
    await settles(page, "Drift by engine and sensor", 1);
    assert.deepEqual(await shifts(), ["+3.00"]);
    await page.reload();
    await region(page, "Drift by engine and sensor").waitFor();
    assert.deepEqual(await shifts(), ["+3.00"]);
  });

  await t.step("the checks run when they are asked to", async () => {
    const [{ before }] = await sql`select count(*)::int as before from check_runs`;
    await using opened = await open("#/quality");
    const { page } = opened;
    await page.getByRole("button", { name: "Run the checks now" }).click();
    await page.getByText(/The checks have run: \d+ passed/).waitFor();
    const [{ after }] = await sql`select count(*)::int as after from check_runs`;
    assert.equal(after, before + 1);
  });

  await t.step("an alert is acknowledged by name, and says by whom and when", async () => {
    await using opened = await open("#/alerts?kind=levels");
    const { page, complaints } = opened;
    await page.getByRole("button", { name: "levels" }).click();
    await page.getByLabel("Your name").fill("Anna Engineer");
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText(/, acknowledged by Anna Engineer/).waitFor();
    await page.getByText("acknowledged", { exact: true }).first().waitFor();
    const [alert] = await sql`select state, acknowledged_by from alerts where kind = 'levels'`;
    assert.deepEqual({ ...alert }, { state: "acknowledged", acknowledged_by: "Anna Engineer" });
    await page.getByLabel("State").selectOption("open");
    await page.getByText("No alert is like this").waitFor();
    assert.match(page.url(), /kind=levels.*state=open/);
    assert.deepEqual(complaints, []);
  });

  await t.step("a failed task is run again, and what it depends on stays as it is", async () => {
    await using opened = await open("#/pipeline");
    const { page, complaints } = opened;
    await region(page, "Tasks of the run").getByRole("link", { name: "predictions" }).click();
    assert.equal(await page.getByText("The prediction server did not answer").count(), 4); // its last error, and three attempts
    await page.getByRole("button", { name: "Run again predictions" }).click();
    await page.getByText("predictions will run again within a minute").waitFor();
    const states = await sql`
      select task, attempts_before_rerun, task_runs.state <> 'succeeded' as again from task_runs
      join pipeline_runs on pipeline_runs.id = run_id
      where logical_time = (select max(logical_time) from pipeline_runs where pipeline = 'hourly') order by task`;
    assert.deepEqual(states.filter(({ again }) => !again).map(({ task }) => task), [
      "alert_delivery",
      "anomalies",
      "quality",
    ]);
    assert.equal(states.find(({ task }) => task === "predictions")!.attempts_before_rerun, 3);
    const [{ actor }] = await sql`select actor from audit_log where action = 'run.rerun'`;
    assert.equal(actor, "function quality");
    assert.deepEqual(complaints, []);
  });

  await t.step(
    "past periods are backfilled, and what makes no sense is refused with the reason",
    async () => {
      await using opened = await open("#/pipeline");
      const { page } = opened;
      await page.getByLabel("From (UTC)").fill("2024-01-02T00:00");
      await page.getByLabel("To (UTC)").fill("2024-01-01T00:00");
      await page.getByRole("button", { name: "Backfill hourly" }).click();
      await page.getByText(/from_time and to_time must be past moments in this order/).waitFor();
      await page.getByLabel("To (UTC)").fill("2024-01-02T02:00");
      await page.getByRole("button", { name: "Backfill hourly" }).click();
      await page.getByText("3 runs made").waitFor();
      const made = await sql`select logical_time::text from pipeline_runs where trigger = 'backfill'`;
      assert.equal(made.length, 3);
      // it is on the page, too
      await page.getByRole("link", { name: /Run of 2024-01-02 02:00 UTC/ }).waitFor();
      await sql`select cancel_run(id) from pipeline_runs where trigger = 'backfill' and finished_at is null`;
    },
  );

  await t.step("a dead letter is corrected and replayed, and its reading is stored", async () => {
    await using opened = await open("#/data/dead-letters");
    const { page } = opened;
    await page.getByRole("searchbox").fill("hot");
    await region(page, "Dead letters").locator("tbody button").click();
    await page.getByRole("button", { name: "Replay as it is" }).click();
    await page.getByText("0 letters replayed, 1 still refused").waitFor();
    await page.getByText(/^Last replay: /).waitFor();
    const [{ id }] = await sql`select id from dead_letters where payload::text like '%hot%'`;
    await page.getByLabel("What is replayed in its place").fill(
      JSON.stringify(reading({ engine_id: "CALM", cycle: 201 })),
    );
    await page.getByRole("button", { name: "Correct and replay" }).click();
    await page.getByText("1 letter replayed").waitFor();
    const [letter] = await sql`select replayed_at is not null as replayed from dead_letters where id = ${id}`;
    assert.equal(letter.replayed, true);
    assert.equal((await sql`select from sensor_data where cycle = 201`).length, 1);
    await page.getByText("No dead letter is like this").waitFor();
  });

  await t.step(
    "the catalogue is searched, lineage is walked by keyboard, the lake is browsed to its fault",
    async () => {
      await using opened = await open("#/data");
      const { page, complaints } = opened;
      await page.getByRole("searchbox").fill("drift sensor");
      await page.getByRole("button", { name: "sensor_drift" }).click();
      await page.getByText("q after", { exact: false }).or(page.getByText("Benjamini", { exact: false }))
        .first().waitFor();
      await page.getByRole("link", { name: "Its lineage" }).click();
      const graph = region(page, "Lineage");
      await graph.getByRole("link", { name: "engine_health" }).first().focus();
      await page.keyboard.press("Enter");
      await page.locator(".node[aria-current] text").getByText("engine_health").waitFor();
      assert.match(page.url(), /around=dataset%3Aengine_health/);
      await page.getByText(/^As a list: \d+ steps$/).click();
      assert.ok(await rows(page, "Lineage as a list") > 3);
      await page.getByRole("link", { name: "Lake" }).click();
      for (const prefix of ["processed/", "year=2024/", "month=02/", "day=05/"]) {
        await page.getByRole("link", { name: prefix, exact: true }).click();
      }
      await page.getByText("its content has another SHA-256 than its listing").waitFor();
      assert.equal(await rows(page, "Contents of the lake"), 1);
      assert.deepEqual(complaints, []);
    },
  );
}

Deno.test({
  name: "the pages of whoever looks after the system, in a browser",
  ignore: !hasChromium,
  // playwright-core keeps a timer and its process's streams until the process ends
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using place = await dashboardPlace();
    await onEmpty(place, t);
    await tendedProject(place.system.sql, place.system.url);
    await onTended(place, t);
  },
});
