/**
 * A simulated fleet that is lived through: its readings arrive through the intake when the simulator sends them, and the
 * hourly run comes by at its moments, so that what is late is late for the checks, too.
 */

import type postgres from "postgres";
import { Engine } from "../../scripts/simulation/engine.ts";
import type { FaultLabel } from "../../scripts/simulation/faults.ts";
import { Fleet, type FleetOptions } from "../../scripts/simulation/fleet.ts";
import { anomalyModels, scoreReadings } from "../../shared/anomaly/score_readings.ts";
import { trainAnomalyModels } from "../../shared/anomaly/train.ts";
import { storeBatch } from "../../shared/intake.ts";
import { storeModel, type TrainedModel } from "../../shared/models.ts";
import type { Reading } from "../../shared/reading.ts";
import { testDatabase } from "./database.ts";
import { candidates } from "./readings.ts";

export const HOUR_MS = 3_600_000;

/** How a flight is lived through. */
export interface LifeOptions {
  readonly fleet: FleetOptions;
  /** From one run of the pipeline to the next. */
  readonly runEveryMs: number;
  /** How often senders deliver what they have, within the time from one cycle to the next. */
  readonly deliveriesPerCycle: number;
  /** The detectors that score what has arrived after each run of the checks. */
  readonly model: TrainedModel;
}

/** An engine as the simulator knows it. */
export interface FlownEngine {
  readonly unitNumber: string;
  /** Cycles from new to failure. */
  readonly life: number;
  /** Times of its readings that it flew, by cycle from 1 (timesMs[0] is cycle 1). */
  readonly timesMs: readonly number[];
}

/** What has happened, by the simulator's own truth. */
export interface Flight {
  readonly options: LifeOptions;
  readonly engines: ReadonlyMap<string, FlownEngine>;
  readonly labels: readonly FaultLabel[];
  /** Moments of the runs. */
  readonly runsMs: readonly number[];
}

/**
 * Makes the database's own clock, as far as arrivals tell of it, one that is set: the moment at which a reading, a batch
 * and an engine were stored. The fleet lives in the past.
 */
async function setUpClock(sql: postgres.Sql, firstMs: number): Promise<void> {
  await sql.unsafe(`
    create schema logical_time;
    create table logical_time.clock (at timestamptz not null);
    insert into logical_time.clock values ('${new Date(firstMs).toISOString()}');
    create function logical_time.now() returns timestamptz language sql stable as 'select at from logical_time.clock';
    alter table public.sensor_data alter column created_at set default logical_time.now();
    alter table public.batches alter column received_at set default logical_time.now();
    alter table public.engines alter column created_at set default logical_time.now();
    update public.rollup_horizon set kept_from = '${new Date(firstMs - 24 * HOUR_MS).toISOString()}';
  `);
}

/** Engines and times of their readings: those of the same fleet without faults, which disturb neither. */
function enginesOf(options: FleetOptions): Map<string, FlownEngine> {
  const fleet = new Fleet({ ...options, faults: new Map() });
  const times = new Map<string, number[]>();
  while (!fleet.done) {
    for (const { engine_id, timestamp } of fleet.take(1000)) {
      const known = times.get(engine_id);
      if (known === undefined) times.set(engine_id, [Date.parse(timestamp)]);
      else known.push(Date.parse(timestamp));
    }
  }
  return new Map([...times].map(([unitNumber, timesMs]) => {
    const number = Number(unitNumber.slice(options.prefix.length));
    const { life } = new Engine(unitNumber, options.seed, number, options);
    return [unitNumber, { unitNumber, life, timesMs }];
  }));
}

/** Trains the detectors on a fleet of its own, which no flight knows, as `deno task train` does. */
export async function trainedDetectors(conditions: 1 | 6): Promise<TrainedModel> {
  await using db = await testDatabase();
  const fleet = new Fleet({
    engines: 60,
    cycles: 120,
    seed: 977,
    prefix: "TRAINING_",
    firstMs: Date.UTC(2024, 0, 1),
    intervalMs: HOUR_MS,
    conditions,
    faultMode: "hpc",
    faults: new Map(),
  });
  while (!fleet.done) {
    await storeBatch(db.sql, { source: "load", reference: null }, candidates(fleet.take(2000)));
  }
  await db.sql`select roll_up_readings()`;
  const [{ model }] = await trainAnomalyModels(db.sql, { seed: 42, by: "a test" });
  return model;
}

/**
 * Lives through a flight: delivers, runs the checks and what follows them, and sets an engine that has failed to failed,
 * as its operator would.
 *
 * @param sql An empty database.
 */
export async function live(sql: postgres.Sql, options: LifeOptions): Promise<Flight> {
  const { fleet: { engines, intervalMs, firstMs }, runEveryMs, deliveriesPerCycle, model } = options;
  await setUpClock(sql, firstMs);
  await storeModel(sql, model, "a test");
  const models = anomalyModels();
  const fleet = new Fleet(options.fleet);
  const labels: FaultLabel[] = [];
  const runsMs: number[] = [];
  let nextRunMs = firstMs + runEveryMs;
  let failures = 0;

  const deliver = async (readings: readonly Reading[], atMs: number) => {
    await sql`update logical_time.clock set at = ${new Date(atMs)}`;
    if (readings.length > 0) {
      const { rejections } = await storeBatch(
        sql,
        { source: "ingest", reference: null },
        candidates(readings),
      );
      if (rejections.length > 0) throw new Error(`The intake refused ${JSON.stringify(rejections[0])}`);
    }
    const failed = fleet.failed.slice(failures).map(({ unitNumber }) => unitNumber);
    failures = fleet.failures;
    if (failed.length > 0) {
      await sql`update engines set status = 'failed' where unit_number = any (${failed})`;
    }
    labels.push(...fleet.takeLabels());
  };
  const runUntil = async (ms: number) => {
    for (; nextRunMs <= ms; nextRunMs += runEveryMs) {
      const asOf = new Date(nextRunMs);
      await sql`select from run_checks('24 hours', ${asOf})`;
      await scoreReadings(sql, models, 100_000, { asOf });
      runsMs.push(nextRunMs);
    }
  };

  const perDelivery = Math.ceil(engines / deliveriesPerCycle);
  while (!fleet.done) {
    const { taken } = fleet;
    // none spans two cycles
    const count = Math.min(perDelivery, engines - taken % engines);
    const readings = fleet.take(count);
    const last = taken + count - 1;
    const atMs = fleet.timeMs(Math.floor(last / engines), last % engines);
    await runUntil(atMs - 1);
    await deliver(readings, atMs);
  }
  const endMs = firstMs + options.fleet.cycles * intervalMs;
  await deliver(fleet.finish(), endMs - 1);
  await runUntil(endMs);
  return { options, engines: enginesOf(options.fleet), labels, runsMs };
}
