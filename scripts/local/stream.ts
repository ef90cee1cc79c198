/**
 * What `start --kinesis` adds to the system: a Kinesis stream of this machine's own, a simulated fleet that puts its
 * readings on it, and the delivery to the function `kinesis`, as Firehose would.
 */

import { join } from "node:path";
import type postgres from "postgres";
import { CommandError } from "../cli.ts";
import { deliver, type DeliverCounts } from "../kinesis/deliver.ts";
import { startLocalKinesis } from "../kinesis/local.ts";
import type { Progress, Stage } from "../progress.ts";
import { Fleet } from "../simulation/fleet.ts";
import { fly } from "../simulation/flight.ts";
import { KinesisTarget } from "../simulation/kinesis_target.ts";
import { plan } from "../simulation/plan.ts";
import { LOCAL_KEYS } from "./data_api.ts";
import type { System } from "./system.ts";

/** What `aws:setup` calls the stream, too. */
export const LOCAL_STREAM = "spool";

const SHARDS = 2;

/** Of a fleet that flies on and on: four readings a second, and an engine that fails about each minute. */
const LIVE = { engines: "20", rate: "0.2" } as const;

/** Of a fleet that is to be seen whole: what `deno task simulate` flies without options. */
const WHOLE = { engines: "10", cycles: "200" } as const;

/** ms; the function is in this process, so what it has not taken by then it will not take. */
const GIVE_UP_MS = 60_000;

/** ms between two looks for engines that have failed. */
const FAILURES_INTERVAL_MS = 10_000;

export interface StreamOptions {
  readonly system: Pick<System, "url" | "sql">;
  /** Folder of what survives a restart: readings that were not put on the stream. */
  readonly home: string;
  /** Port of Kinesis. */
  readonly port: number;
  /** Fly 200 cycles of ten engines as fast as they are taken, rather than in real time without an end. */
  readonly whole: boolean;
  readonly progress: Progress;
  /** Told, in a sentence, of what a person should hear of. */
  readonly onWarning: (message: string) => void;
}

/** What came of it. */
export interface StreamReport {
  readonly stream: string;
  /** Readings that the fleet has put on the stream. */
  readonly sent: number;
  /** Records that the function has acknowledged, repetitions included. */
  readonly delivered: number;
  /** Readings of this fleet in the database. */
  readonly stored: number;
  /** Engines that have flown, and how many of them have failed. */
  readonly units: number;
  readonly failures: number;
}

/** A running stream. */
export interface Stream {
  /** `http://127.0.0.1:4567`, for AWS_ENDPOINT_URL_KINESIS. */
  readonly endpoint: string;
  /** Settles when the fleet has flown all its cycles, or when fleet or delivery have failed. */
  readonly flown: Promise<void>;
  /** Lands the fleet, delivers all that is on the stream, and stops. */
  finish(): Promise<StreamReport>;
  /** Stops as it is; what is on the stream is gone, as the stream is in memory. */
  stop(): Promise<void>;
}

/** Says of engines that have failed what their operator would say: they fly no more, and nobody waits for them. */
async function takeOutOfService(sql: postgres.Sql, failed: Fleet["failed"]): Promise<void> {
  await sql`
    update public.engines
    set status = 'failed', life_cycles = engine.cycles, updated_at = now()
    from json_to_recordset(${
    JSON.stringify(failed)
  }::text::json) as engine ("unitNumber" text, cycles integer)
    where unit_number = engine."unitNumber" and status = 'active'`;
}

/** Starts one. */
export async function startStream(options: StreamOptions): Promise<Stream> {
  const { system: { url, sql }, home, whole, progress, onWarning } = options;
  const planned = plan(
    { ...whole ? WHOLE : LIVE, target: "kinesis", stream: LOCAL_STREAM },
    Deno.env.toObject(),
    Date.now(),
  );
  const { fleet: { engines, cycles, prefix } } = planned;
  const kinesis = await startLocalKinesis({ port: options.port });
  const landing = new AbortController();
  const closing = new AbortController();
  // the stream of an earlier start is gone with its process, and so is what its checkpoints speak of
  await sql`delete from public.stream_checkpoints where stream like ${`%:000000000000:stream/${LOCAL_STREAM}`}`;
  await kinesis.createStream(LOCAL_STREAM, SHARDS);

  const stage = progress.stage(
    `${engines} engines over Kinesis`,
    cycles === Infinity ? null : engines * cycles,
    "readings",
  );
  let flight = "";
  let arrival = "nothing delivered yet";
  let landed = 0; // records delivered while the fleet flew
  const shown: Stage = {
    ...stage,
    advance(amount, note = flight) {
      flight = note;
      stage.advance(amount, `${flight}, ${arrival}`);
    },
  };

  const delivery = {
    client: kinesis.client,
    stream: LOCAL_STREAM,
    sql,
    url: `${url}/functions/v1/kinesis`,
    accessKey: LOCAL_KEYS.kinesis,
    giveUpAfterMs: GIVE_UP_MS,
    onWarning,
    onProgress({ records, behindMs }: DeliverCounts) {
      const arrived = (landed + records).toLocaleString("en-US");
      arrival = `${arrived} delivered, ${(behindMs / 1000).toFixed(1)} s behind`;
      shown.advance(0);
    },
  };
  const delivering = deliver({ ...delivery, signal: closing.signal });

  const fleet = new Fleet(planned.fleet);
  const target = new KinesisTarget({
    client: kinesis.client,
    stream: LOCAL_STREAM,
    spill: join(home, `${LOCAL_STREAM}.spill`),
    onWarning,
  });
  const flying = fly({
    fleet,
    target,
    rate: planned.rate,
    stage: shown,
    signal: landing.signal,
    labels: async () => {}, // a fleet without faults has none
  }).then((flight) => {
    if (flight.failure !== null) throw new CommandError(`Cannot fly on as ${flight.failure}`);
    return flight;
  });
  const failures = setInterval(() => {
    takeOutOfService(sql, fleet.failed).catch((error) => onWarning(`Cannot note failed engines: ${error}`));
  }, FAILURES_INTERVAL_MS);

  let stopping: Promise<void> | undefined;
  const end = async () => {
    clearInterval(failures);
    landing.abort();
    closing.abort();
    await Promise.allSettled([flying, delivering]);
    stage.end();
    await kinesis.stop();
  };
  const stop = () => stopping ??= end();
  const flown = Promise.race([flying, delivering]).then(() => {});
  // finish tells of a failure, too, and nobody may be listening before
  for (const promise of [flying, delivering, flown]) promise.catch(() => {});

  return {
    endpoint: kinesis.endpoint,
    flown,
    async finish() {
      try {
        landing.abort();
        const { sent, units, failures } = await flying;
        closing.abort();
        landed = (await delivering).records;
        const rest = await deliver({ ...delivery, once: true, signal: new AbortController().signal });
        await takeOutOfService(sql, fleet.failed);
        const [{ stored }] = await sql`
          select count(*)::int as stored
          from public.sensor_data
          where engine_id in (select id from public.engines where starts_with(unit_number, ${prefix}))`;
        return {
          stream: LOCAL_STREAM,
          sent,
          delivered: landed + rest.records,
          stored,
          units,
          failures,
        };
      } finally {
        await stop();
      }
    },
    stop,
  };
}
