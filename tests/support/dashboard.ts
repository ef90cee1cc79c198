/** The whole system, as `deno task start` runs it, with a browser in front of it. */

import assert from "node:assert/strict";
import axe, { type AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { freePort } from "../../scripts/local/postgres.ts";
import { startSystem, type System } from "../../scripts/local/system.ts";
import { startBrowser } from "./browser.ts";

/** A page, and what its console has complained of. */
export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What nobody caught, and what has been logged as an error. */
  readonly complaints: string[];
}

/** Who looks. */
export type Viewer = "nobody" | "key" | { readonly email: string };

export interface OpenOptions extends BrowserContextOptions {
  readonly viewer?: Viewer;
  /** Where the dashboard is; the system's own unless given. */
  readonly at?: string;
}

/** A running system with a browser. */
export interface DashboardPlace extends AsyncDisposable {
  readonly system: System;
  readonly browser: Browser;
  /** Opens a place of the dashboard, `#/fleet` for example, as a viewer: with the secret key unless told. */
  open(hash: string, options?: OpenOptions): Promise<Opened>;
  /** Makes a user; with a clearance, as an administrator gives it. */
  signUp(email: string, clearance?: string): Promise<void>;
}

/** Of every user here. */
export const PASSWORD = "a-long-password";

/** Time that a step of a test may take before it counts as failed, in ms: two cores run several tests at once. */
const PATIENCE = 20_000;

/** Starts both, on an empty database. */
export async function dashboardPlace(): Promise<DashboardPlace> {
  const home = await Deno.makeTempDir({ prefix: "spool-dashboard-" });
  await Deno.chmod(home, 0o755); // as root, Postgres runs as another user
  const [system, browser] = await Promise.all([
    startSystem({ home, port: freePort(), databasePort: freePort(), fresh: true }),
    startBrowser(),
  ]);
  const { url, sql } = system;

  async function signIn(page: Page, email: string): Promise<void> {
    await page.getByLabel("E-mail", { exact: true }).and(page.locator("input[type=email]")).fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  }

  return {
    system,
    browser,
    async open(hash, { viewer = "key", at = `${url}/`, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      if (viewer === "key") {
        await page.addInitScript(`sessionStorage.setItem("spool.key", ${JSON.stringify(LOCAL_KEYS.secret)})`);
      }
      await page.goto(at + hash);
      if (typeof viewer === "object") await signIn(page, viewer.email);
      return {
        page,
        complaints,
        async [Symbol.asyncDispose]() {
          await context.close();
        },
      };
    },
    async signUp(email, clearance) {
      const response = await fetch(`${url}/auth/v1/signup`, {
        method: "POST",
        headers: { apikey: LOCAL_KEYS.publishable, "content-type": "application/json" },
        body: JSON.stringify({ email, password: PASSWORD }),
      });
      assert.equal(response.status, 200, await response.text());
      if (clearance === undefined) return;
      await sql`
        update auth.users set raw_app_meta_data = jsonb_build_object('clearance', ${clearance}::text) where email = ${email}`;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await system.stop();
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** What axe finds serious or critical, as text that says where. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(`axe.run(document, { resultTypes: ["violations"] })`) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`)
    );
}

/**
 * Waits until an expression is true on a page. Playwright's own waiting evaluates text inside the page, which its
 * Content-Security-Policy forbids.
 */
export async function eventually(page: Page, expression: string): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (!await page.evaluate(expression)) {
    assert.ok(Date.now() < until, `It has not come true that ${expression}`);
    await page.waitForTimeout(50);
  }
}

/** px by which a page is wider than what it is seen through. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate("document.documentElement.scrollWidth - innerWidth") as number;
}
