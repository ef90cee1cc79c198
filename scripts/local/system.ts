/** The whole system as one process tree: Postgres, Data API and Auth, functions, jobs, behind one port. */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type postgres from "postgres";
import { createApp as createCatalog } from "../../functions/catalog/app.ts";
import { createApp as createIngest } from "../../functions/ingest/app.ts";
import { createApp as createKinesis } from "../../functions/kinesis/app.ts";
import { createApp as createQuality } from "../../functions/quality/app.ts";
import { createApp as createWorker } from "../../functions/worker/app.ts";
import { taskHandlers } from "../../functions/worker/handlers.ts";
import { ALERT_VARIABLES, alertChannels } from "../../shared/alert_delivery.ts";
import { readConfig } from "../../shared/config.ts";
import { connect } from "../../shared/database.ts";
import { LINEAGE_VARIABLES, lineageServer } from "../../shared/lineage_forwarding.ts";
import { RETRAINING_VARIABLES, retrainingHook } from "../../shared/retraining_hook.ts";
import {
  accessKeys,
  KeyRing,
  publishableKey,
  secretKeys,
  senderKeys,
  workerKeys,
} from "../../shared/keys.ts";
import { LAKE_VARIABLES, openLake } from "../../shared/lake/open_lake.ts";
import { CommandError } from "../cli.ts";
import { migrate } from "../database/migrations.ts";
import { type ServeDashboard, startDashboard } from "./dashboard.ts";
import { type DataApi, LOCAL_KEYS, startDataApi } from "./data_api.ts";
import { route, type Routes } from "./gateway.ts";
import { applyPlatform } from "./platform.ts";
import { endLeftServer, PostgresDataError, removeDataDir, startPostgres } from "./postgres.ts";
import { Scheduler } from "./scheduler.ts";

const HOST = "127.0.0.1";

export interface SystemOptions {
  /** Folder of everything that survives a restart. */
  readonly home: string;
  /** Port of the gateway. */
  readonly port: number;
  /** Port of Postgres. */
  readonly databasePort: number;
  /** Throw away the database of earlier starts. */
  readonly fresh: boolean;
}

/** A running system. */
export interface System {
  /** `http://127.0.0.1:54321` */
  readonly url: string;
  readonly databaseUrl: string;
  /** LAKE_URL, or a folder beside the database's. */
  readonly lakeUrl: string;
  readonly sql: postgres.Sql;
  /** Settles if Postgres ends without having been asked to. */
  readonly postgresLost: Promise<void>;
  /** Finishes what is being answered, then stops everything, Postgres last. */
  stop(): Promise<void>;
}

/** Holds the folder for this process: two systems on one database folder would destroy it. */
async function lockHome(home: string): Promise<Deno.FsFile> {
  await Deno.mkdir(home, { recursive: true });
  const file = await Deno.open(join(home, "lock"), { create: true, write: true });
  if (!await file.tryLock(true)) {
    file.close();
    throw new CommandError(`Cannot start as ${home} must not be in use: another deno task start runs on it`);
  }
  return file; // the lock goes with the process, however it ends
}

/** Fails early and plainly when somebody else has the port. */
function requirePort(port: number, option: string): void {
  try {
    Deno.listen({ hostname: HOST, port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new CommandError(
      `Cannot start as port ${port} must be free: stop what uses it, or choose another with ${option}`,
    );
  }
}

/** The environment of the functions here: the user's, with the local system's own keys and database. */
function functionConfig(databaseUrl: string, url: string, home: string) {
  const env = Deno.env.toObject();
  return readConfig(
    [
      "DATABASE_URL",
      "INGEST_KEYS",
      "INGEST_MAX_BODY_BYTES",
      "KINESIS_ACCESS_KEYS",
      "SUPABASE_PUBLISHABLE_KEYS",
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_SERVICE_ROLE_KEY",
      "SUPABASE_URL",
      "WORKER_KEY",
      ...ALERT_VARIABLES,
      ...LAKE_VARIABLES,
      ...LINEAGE_VARIABLES,
      ...RETRAINING_VARIABLES,
    ],
    {
      ...env,
      WORKER_KEY: LOCAL_KEYS.worker,
      INGEST_KEYS: [LOCAL_KEYS.ingest, env.INGEST_KEYS ?? ""].join(","),
      KINESIS_ACCESS_KEYS: [LOCAL_KEYS.kinesis, env.KINESIS_ACCESS_KEYS ?? ""].join(","),
      DATABASE_URL: databaseUrl,
      LAKE_URL: env.LAKE_URL || pathToFileURL(join(home, "lake")).href,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: LOCAL_KEYS.publishable }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: LOCAL_KEYS.secret }),
      SUPABASE_URL: url,
    },
  );
}

/** Where pg_cron's job finds the worker; a hosted project's operator writes the same two secrets once. */
async function writeWorkerSecrets(sql: postgres.Sql, url: string): Promise<void> {
  for (const [name, secret] of [["spool_worker_url", url], ["spool_worker_key", LOCAL_KEYS.worker]]) {
    const [known] = await sql`select id from vault.secrets where name = ${name}`;
    if (known === undefined) await sql`select vault.create_secret(${secret}, ${name})`;
    else await sql`select vault.update_secret(${known.id}, ${secret})`;
  }
}

/** Connections of the functions' pool: enough to keep two cores of Postgres busy. */
const FUNCTION_CONNECTIONS = 4;

/**
 * Starts everything, or nothing: what had been started is stopped again when a later part fails.
 *
 * @throws {CommandError} For a reason that its message tells whole: a taken port, a folder in use, damaged data.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const home = resolve(options.home);
  const dataDir = join(home, "postgres");
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    while (stops.length > 0) await stops.pop()!();
  };

  try {
    const lock = await lockHome(home);
    stops.push(() => lock.close());
    await endLeftServer(dataDir); // before the ports are looked at: it may hold one of them
    if (options.port === options.databasePort) {
      throw new CommandError(
        `Cannot start as --port and --database-port must differ: both are ${options.port}`,
      );
    }
    requirePort(options.port, "--port");
    requirePort(options.databasePort, "--database-port");
    if (options.fresh) await removeDataDir(dataDir);

    // while Postgres starts; what goes wrong with it is told when it is waited for
    const dashboard: Promise<ServeDashboard> = startDashboard(join(home, "dashboard"));
    dashboard.catch(() => {});
    const server = await startPostgres({ dataDir, port: options.databasePort });
    stops.push(() => server.stop());
    let stopping = false;
    const postgresLost = new Promise<void>((resolve) => server.ended.then(() => stopping || resolve()));

    const databaseUrl = server.url("postgres");
    const sql = connect(databaseUrl, FUNCTION_CONNECTIONS);
    stops.push(() => sql.end({ timeout: 5 }));
    await applyPlatform(sql);
    await migrate(sql);

    const dataApi: DataApi = await startDataApi(databaseUrl);
    stops.push(() => dataApi.close());

    const url = `http://${HOST}:${options.port}`;
    const config = functionConfig(databaseUrl, url, home);
    const ingest = createIngest({
      sql,
      keys: new KeyRing(senderKeys(config)),
      maxBodyBytes: config.INGEST_MAX_BODY_BYTES,
    });
    const kinesis = createKinesis({
      sql,
      keys: new KeyRing(accessKeys(config)),
      maxBodyBytes: config.INGEST_MAX_BODY_BYTES,
    });
    const quality = createQuality({
      sql,
      keys: new KeyRing(senderKeys(config)),
      dataApi: {
        url: config.SUPABASE_URL,
        publishableKey: publishableKey(config),
        secretKeys: new KeyRing(secretKeys(config)),
      },
    });
    const catalog = createCatalog({
      dataApi: {
        url: config.SUPABASE_URL,
        publishableKey: publishableKey(config),
        secretKeys: new KeyRing(secretKeys(config)),
      },
    });
    const worker = createWorker({
      sql,
      keys: new KeyRing(workerKeys(config)),
      handlers: taskHandlers(sql, {
        channels: alertChannels(config),
        lake: openLake(config),
        lineage: lineageServer(config),
        retraining: retrainingHook(config),
      }),
    });
    await writeWorkerSecrets(sql, `${url}/functions/v1/worker/run`);
    const routes: Routes = {
      functions: {
        ingest: ingest.fetch,
        kinesis: kinesis.fetch,
        quality: quality.fetch,
        catalog: catalog.fetch,
        worker: worker.fetch,
      },
      dataApi: dataApi.fetch,
      dashboard: await dashboard,
    };

    const gateway = Deno.serve(
      { hostname: HOST, port: options.port, onListen: () => {}, automaticCompression: true },
      (request, info) => route(routes, request, info.remoteAddr.hostname),
    );
    stops.push(() => gateway.shutdown());

    const scheduler = new Scheduler(sql);
    stops.push(() => scheduler.stop());
    await scheduler.start();

    return {
      url,
      databaseUrl,
      lakeUrl: config.LAKE_URL!,
      sql,
      postgresLost,
      async stop() {
        stopping = true;
        await stop();
      },
    };
  } catch (error) {
    await stop();
    if (error instanceof PostgresDataError) {
      throw new CommandError(`${error.message}. deno task start --fresh begins with an empty database`);
    }
    throw error;
  }
}
