/**
 * Benchmark of the dashboard: what its pages ask for, how many bytes that is on the way, and how long somebody waits for the first
 * view, with a large fleet behind it.
 *
 * Hypothesis: a chart costs what its engine has, and not what the fleet has; so each query stays below 200 ms at ten million
 * readings, a page below 500 kB, and a first view of a thousand engines below two seconds.
 */

import { Buffer } from "node:buffer";
import { get } from "node:http";
import { type Browser, chromium } from "playwright-core";
import { runChecks } from "../../shared/checks.ts";
import { LOCAL_KEYS } from "../local/data_api.ts";
import { freePort } from "../local/postgres.ts";
import { startSystem, type System } from "../local/system.ts";
import { addEngines, addHistory, fleetUntil } from "./fleet.ts";
import { milliseconds, type Spread, spread } from "./measure.ts";

export interface DashboardBenchOptions {
  readonly engines: number;
  /** Readings of history, an hour apart. */
  readonly rows: number;
  /** Counted runs of each. */
  readonly runs: number;
}

/** What a request costs. */
export interface RequestCost {
  /** Milliseconds until the whole answer is there. */
  readonly time: Spread;
  /** Of the answer, compressed. */
  readonly bytes: number;
}

/** What the first view of a page costs, in a browser that has seen none. */
export interface ViewCost {
  /** Milliseconds until what it is about is there. */
  readonly time: Spread;
  /** Of everything it asked for, compressed. */
  readonly bytes: number;
}

export interface DashboardBenchResult {
  readonly options: DashboardBenchOptions;
  readonly requests: Readonly<Record<string, RequestCost>>;
  /** Null where /usr/bin/chromium is not there. */
  readonly views: Readonly<Record<string, ViewCost>> | null;
}

const HOUR_MS = 3_600_000;

/** Runs of the checks that the pages have to show: those of a day. */
const RUNS = 24;

/** Debian's. */
const CHROMIUM = "/usr/bin/chromium";

/** Bytes of an answer as they come. Fetch would unpack them, and not say how many there were. */
async function compressedBytes(url: string): Promise<number> {
  const headers = { apikey: LOCAL_KEYS.secret, "accept-encoding": "gzip" };
  return await new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const body = Buffer.concat(parts);
        if (response.statusCode === 200) resolve(body.length);
        else reject(new Error(`${url} answered ${response.statusCode}: ${body.toString().slice(0, 200)}`));
      });
    }).on("error", reject);
  });
}

async function costOf(url: string, runs: number): Promise<RequestCost> {
  const times: number[] = [];
  let bytes = await compressedBytes(url); // warms up
  for (let run = 0; run < runs; run++) {
    times.push(await milliseconds(async () => bytes = await compressedBytes(url)));
  }
  return { time: spread(times), bytes };
}

async function viewOf(browser: Browser, url: string, shown: string, runs: number): Promise<ViewCost> {
  const times: number[] = [];
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    bytes = 0;
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    network.on("Network.loadingFinished", ({ encodedDataLength }) => bytes += encodedDataLength);
    await page.addInitScript(`sessionStorage.setItem("spool.key", "${LOCAL_KEYS.secret}")`);
    times.push(
      await milliseconds(async () => {
        await page.goto(url);
        await page.locator(shown).first().waitFor();
      }),
    );
    await page.waitForLoadState("networkidle");
    await context.close();
  }
  return { time: spread(times), bytes };
}

async function viewsOf(
  { url }: System,
  engine: string,
  runs: number,
): Promise<Readonly<Record<string, ViewCost>> | null> {
  if (!await Deno.stat(CHROMIUM).then(() => true, () => false)) return null;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    return {
      fleet: await viewOf(browser, `${url}/#/fleet`, ".cells a", runs),
      engine: await viewOf(browser, `${url}/#/engine/${engine}`, ".sensor:nth-child(14)", runs),
      quality: await viewOf(browser, `${url}/#/quality`, "tbody tr", runs),
      pipeline: await viewOf(browser, `${url}/#/pipeline`, "main svg", runs),
      alerts: await viewOf(browser, `${url}/#/alerts`, "main section", runs),
      data: await viewOf(browser, `${url}/#/data`, "tbody tr", runs),
      lineage: await viewOf(browser, `${url}/#/data/lineage`, "main svg", runs),
    };
  } finally {
    await browser.close();
  }
}

/**
 * Runs it, on a system of its own.
 *
 * @param progress Is told what it is at.
 */
export async function benchDashboard(
  options: DashboardBenchOptions,
  progress: (line: string) => void,
): Promise<DashboardBenchResult> {
  const { engines, rows, runs } = options;
  const home = await Deno.makeTempDir({ prefix: "spool-bench-" });
  await Deno.chmod(home, 0o755); // as root, Postgres runs as another user
  const system = await startSystem({ home, port: freePort(), databasePort: freePort(), fresh: true });
  try {
    const { sql, url } = system;
    const slots = Math.ceil(rows / engines);
    const fleet = fleetUntil(new Date(), engines, slots);
    await addEngines(sql, fleet);
    await addHistory(sql, fleet, 0, slots, progress);
    await sql`analyze`;
    progress("a day of runs of the checks");
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    for (let ago = RUNS - 1; ago >= 0; ago--) {
      await runChecks(sql, 24, new Date(hour - ago * HOUR_MS).toISOString());
    }
    const [{ unit_number: engine }] = await sql`select unit_number from engines order by unit_number limit 1`;
    const quality = `${url}/functions/v1/quality`;
    const month = new Date(Date.now() - 30 * 86_400_000).toISOString();
    const asked = {
      fleet: `${quality}/fleet/engines?limit=1000`,
      "engine, whole life": `${quality}/engines/${engine}/series`,
      "engine, 30 days": `${quality}/engines/${engine}/series?since=${month}`,
      "engine, health": `${quality}/engines/${engine}/health?reports=0`,
      arrivals: `${quality}/arrivals`,
      summary: `${quality}/summary?hours=24`,
      "history of the checks": `${quality}/history?hours=24`,
      "a check, verdicts of a day": `${quality}/metrics?metric=levels&of=table&limit=1000`,
      "drift, 1,000 rows": `${quality}/drift?limit=1000`,
      "service levels": `${quality}/slo?hours=24`,
      alerts: `${quality}/alerts?state=unresolved&limit=1000`,
      pipelines: `${quality}/pipelines`,
      "runs of a pipeline": `${quality}/pipelines/hourly/runs?limit=60`,
      catalogue: `${url}/functions/v1/catalog/assets`,
      lineage: `${url}/functions/v1/catalog/lineage/graph`,
      metrics: `${quality}/prometheus`,
    };
    const requests: Record<string, RequestCost> = {};
    for (const [name, address] of Object.entries(asked)) requests[name] = await costOf(address, runs);
    return { options, requests, views: await viewsOf(system, engine, runs) };
  } finally {
    await system.stop();
    await Deno.remove(home, { recursive: true });
  }
}
