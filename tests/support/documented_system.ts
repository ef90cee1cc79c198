/** All functions behind one port, as a project has them, on a database that has something to say to every example. */

import type postgres from "postgres";
import { createApp as createCatalog } from "../../functions/catalog/app.ts";
import { createApp as createIngest } from "../../functions/ingest/app.ts";
import { createApp as createKinesis } from "../../functions/kinesis/app.ts";
import { createApp as createQuality } from "../../functions/quality/app.ts";
import { createApp as createWorker } from "../../functions/worker/app.ts";
import { taskHandlers } from "../../functions/worker/handlers.ts";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { runChecks } from "../../shared/checks.ts";
import { connect } from "../../shared/database.ts";
import { storeBatch } from "../../shared/intake.ts";
import { KeyRing } from "../../shared/keys.ts";
import { archiveAll, lakeFolder } from "./archived.ts";
import { dataApiServer } from "./data_api_server.ts";
import { testDatabase } from "./database.ts";
import { abnormal, arrive, HISTORY_HOURS, scoreAll, startMs, trained } from "./scored_fleet.ts";
import { candidates, reading } from "./readings.ts";
import { simulatedFleet } from "./simulated_fleet.ts";

/** Apps by name. */
export type Apps = Readonly<Record<string, ReturnType<typeof createIngest>>>;

/** Largest body of a reading; small, so that one can be too large. */
const MAX_BODY_BYTES = 256 * 1024;

/** The apps of all functions. */
export function allApps(sql: postgres.Sql, dataApiUrl: string): Apps {
  const keys = new KeyRing([LOCAL_KEYS.secret]);
  const dataApi = { url: dataApiUrl, publishableKey: LOCAL_KEYS.publishable, secretKeys: keys };
  const outside = { channels: {}, lake: undefined, lineage: undefined };
  return {
    ingest: createIngest({ sql, keys, maxBodyBytes: MAX_BODY_BYTES }),
    kinesis: createKinesis({ sql, keys, maxBodyBytes: MAX_BODY_BYTES }),
    quality: createQuality({ sql, keys, dataApi }),
    catalog: createCatalog({ dataApi }),
    worker: createWorker({ sql, keys, handlers: taskHandlers(sql, outside) }),
  };
}

/** A running system. */
export interface DocumentedSystem extends AsyncDisposable {
  readonly apps: Apps;
  /** Sends a request to a path that begins with the name of a function. */
  send(path: string, init?: RequestInit): Promise<Response>;
}

function serve(apps: Apps): { url: string; stop(): Promise<void> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const name = new URL(request.url).pathname.split("/")[1];
    return apps[name].fetch(request);
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

/** What the examples of functions/…/examples.ts are about. */
async function fill(sql: postgres.Sql): Promise<void> {
  await sql`select observe_alerts(${
    JSON.stringify([{
      kind: "check",
      subject: "sensor_data.completeness",
      failing: true,
      summary: "completeness fails: 0.91 of 1 expected",
    }])
  }::text::jsonb)`;
  const fleet = simulatedFleet({
    engines: 2,
    hours: HISTORY_HOURS + 5,
    startMs: startMs(),
    seed: 11,
    name: (number) => `ENGINE_00${number}`,
  });
  await arrive(sql, fleet.slice(0, 2 * HISTORY_HOURS));
  await sql`update engines set dataset = 'FD001'`;
  await trained(sql);
  await scoreAll(sql);
  const next = fleet.slice(2 * HISTORY_HOURS);
  await arrive(sql, [...next.map((reading, i) => i % 2 === 0 ? abnormal(reading) : reading), { s2: "hot" }]);
  await scoreAll(sql);
  await runChecks(sql, 720, null);
  await sql`select check_retraining(now())`;
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([{ s2: "cold" }]));
  await sql`update dead_letters set replayed_at = now(), replay_batch_id = batch_id where payload ->> 's2' = 'cold'`;
  await sql`select backfill_pipeline('hourly', '2026-10-01 00:00+00', '2026-10-01 01:00+00')`;
  await sql`select cancel_run(1)`;
}

/** A day that is in the lake. */
async function archiveDay(sql: postgres.Sql): Promise<void> {
  await using folder = await lakeFolder();
  const origin = { source: "load", reference: "train_FD001.txt lines 1-2" } as const;
  await storeBatch(sql, origin, candidates([reading({ engine_id: "ENGINE_003" })]));
  await archiveAll(sql, folder.lake);
}

/** Starts one. */
export async function documentedSystem(): Promise<DocumentedSystem> {
  const db = await testDatabase();
  await fill(db.sql);
  await archiveDay(db.sql);
  const dataApi = await dataApiServer(db.url);
  const apps = allApps(db.sql, dataApi.url);
  const { url, stop } = serve(apps);
  return {
    apps,
    send: (path, init) => fetch(url + path, init),
    async [Symbol.asyncDispose]() {
      await stop();
      await dataApi[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** One whose database and Data API are away. */
export function systemWithoutDatabase(): DocumentedSystem {
  const nowhere = "127.0.0.1:1";
  const sql = connect(`postgres://postgres@${nowhere}/postgres`, 1);
  const apps = allApps(sql, `http://${nowhere}`);
  const { url, stop } = serve(apps);
  return {
    apps,
    send: (path, init) => fetch(url + path, init),
    async [Symbol.asyncDispose]() {
      await stop();
      await sql.end({ timeout: 1 });
    },
  };
}
