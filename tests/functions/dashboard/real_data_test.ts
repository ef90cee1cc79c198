/**
 * The dashboard with real FD001 behind it. `SPOOL_SCREENSHOTS=1 deno task test tests/functions/dashboard/real_data_test.ts`
 * writes what it shows to docs/screenshots.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { assessFleet } from "../../../scripts/assessment.ts";
import { DEFAULT_MAX_RUL, DEFAULT_TIMELINE, loadCmapss } from "../../../scripts/cmapss/load.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import { LOCAL_KEYS } from "../../../scripts/local/data_api.ts";
import { createProgress } from "../../../scripts/progress.ts";
import { runChecks } from "../../../shared/checks.ts";
import { hasChromium } from "../../support/browser.ts";
import { cmapssFolder } from "../../support/cmapss.ts";
import { type DashboardPlace, dashboardPlace, overflow } from "../../support/dashboard.ts";
import { readings } from "../../support/readings.ts";

const SCREENSHOTS = join(import.meta.dirname!, "..", "..", "..", "docs", "screenshots");

const PAGES = [
  { name: "fleet", hash: "#/fleet", shows: ["The fleet in numbers"] },
  { name: "engine", hash: "#/engine/FD001_TEST_076", shows: ["The engine in numbers", "Predicted lives"] },
  { name: "quality", hash: "#/quality?hours=720", shows: ["Quality in numbers", "Service levels"] },
  { name: "pipeline-fd001", hash: "#/pipeline", shows: ["The pipeline in numbers", "Tasks of the run"] },
  { name: "alerts-fd001", hash: "#/alerts", shows: ["Alerts in numbers"] },
  { name: "catalogue", hash: "#/data", shows: ["Catalogue"] },
  { name: "live", hash: "#/live?seconds=300", shows: ["Arrivals in numbers"] },
] as const;

/** What `deno task start --data` does. */
async function load({ system: { sql, url } }: DashboardPlace): Promise<void> {
  const quiet = createProgress({ quiet: true });
  await using source = await openSource([cmapssFolder!]);
  const timeline = { ...DEFAULT_TIMELINE, anchor: "until_now", atMs: Date.now() } as const;
  await loadCmapss(sql, source, { timeline, maxRul: DEFAULT_MAX_RUL, allowFailures: false }, quiet);
  await runChecks(sql, 720, null);
  await assessFleet(sql, quiet);
  // whether an hour has been scheduled by now depends on the minute
  await sql`select backfill_pipeline('hourly', now() - interval '1 hour', now())`;
  // a few that arrive as they are measured
  const now = Date.now();
  for (let second = 40; second > 0; second -= 8) {
    const sent = readings(20 + second, { engine_id: "STREAM_001" }).map((reading, place) => ({
      ...reading,
      cycle: second * 100 + place,
      timestamp: new Date(now - second * 1000 - place * 20).toISOString(),
    }));
    const response = await fetch(`${url}/functions/v1/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${LOCAL_KEYS.ingest}`, "content-type": "application/json" },
      body: JSON.stringify(sent),
    });
    assert.equal(response.status, 200, await response.text());
  }
}

Deno.test({
  name: "the dashboard shows real FD001 at 360 and at 1,920 px, in light and in dark colours",
  ignore: !hasChromium || cmapssFolder === undefined,
  // playwright-core keeps a timer and its process's streams until the process ends
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using place = await dashboardPlace();
    await load(place);
    for (const { name, hash, shows } of PAGES) {
      for (const [width, height, colorScheme] of [[1920, 900, "light"], [360, 780, "dark"]] as const) {
        await using opened = await place.open(hash, { colorScheme, viewport: { width, height } });
        const { page, complaints } = opened;
        for (const label of shows) await page.getByLabel(label).first().waitFor();
        assert.equal(await overflow(page), 0, `${name} at ${width} px`);
        assert.deepEqual(complaints, [], `${name} at ${width} px`);
        if (process.env.SPOOL_SCREENSHOTS === undefined) continue;
        await Deno.mkdir(SCREENSHOTS, { recursive: true });
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`) });
      }
    }
  },
});
