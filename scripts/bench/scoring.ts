/**
 * Benchmark of the scoring: one new reading of each engine of a fleet, scored and written by the worker, with each detector;
 * and what the intake costs without scoring, with scoring that is switched off, and with scoring.
 *
 * Hypothesis: 1,000 readings take at most 150 ms of the worker's CPU, and scoring that is switched off costs the intake
 * nothing that can be measured.
 */

import process from "node:process";
import { IntakeScoring } from "../../shared/anomaly/intake_scoring.ts";
import { AnomalyModel } from "../../shared/anomaly/anomaly_model.ts";
import { DETECTORS } from "../../shared/anomaly/detectors.ts";
import { readFirst } from "../../shared/anomaly/read_matrix.ts";
import { anomalyModels, scoreReadings } from "../../shared/anomaly/score_readings.ts";
import { storeBatch } from "../../shared/intake.ts";
import { storeModel } from "../../shared/models.ts";
import { SENSORS, VALUE_COLUMNS } from "../../shared/sensors.ts";
import { addEngines, addHistory, addReadings, fleetUntil } from "./fleet.ts";
import { milliseconds, ratios, type Spread, spread } from "./measure.ts";
import { scratchDatabase } from "./scratch.ts";

export interface ScoringBenchOptions {
  /** Engines, each with one new reading. */
  readonly engines: number;
  readonly pairs: number;
}

export interface ScoringBenchResult {
  readonly options: ScoringBenchOptions;
  /** By detector: CPU of the process and time, in ms, and how many anomalies there were in the last run. */
  readonly detectors: Readonly<
    Record<string, { readonly cpuMs: Spread; readonly ms: Spread; readonly anomalies: number }>
  >;
  /** CPU of the first run of a process, which reads the model and has no compiled code yet, in ms. */
  readonly firstCpuMs: number;
  /** Time of a batch of 100 readings, in ms. */
  readonly intake: { readonly without: Spread; readonly off: Spread; readonly on: Spread };
  readonly offToWithout: Spread;
  readonly onToWithout: Spread;
}

/** Hours of history: the baselines, and a little more. */
const HISTORY = 110;

/** Readings of a batch at the intake. */
const BATCH = 100;

/** Engines that are trained on: 20,000 readings. */
const TRAINED_ENGINES = 400;

async function cpuMilliseconds(work: () => Promise<unknown>): Promise<{ cpuMs: number; ms: number }> {
  const before = process.cpuUsage();
  const ms = await milliseconds(work);
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, ms };
}

export async function benchScoring(
  options: ScoringBenchOptions,
  say: (line: string) => void,
): Promise<ScoringBenchResult> {
  await using db = await scratchDatabase(4);
  const { sql } = db;
  const slots = HISTORY + DETECTORS.length * (options.pairs + 1);
  // each slot within an hour of the clock: what changes is noted by hours
  const fleet = fleetUntil(new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000), options.engines, slots);
  await addEngines(sql, fleet);
  await addHistory(sql, fleet, 0, HISTORY, say);
  say(
    `first rollups: ${
      Math.round(await milliseconds(async () => await sql`select public.roll_up_readings()`))
    } ms`,
  );
  const ids = await sql`select id from public.engines order by unit_number limit ${TRAINED_ENGINES}`;
  const healthy = await readFirst(sql, ids.map(({ id }) => id), 50);
  const fit = { seed: 1 };
  await storeModel(sql, {
    purpose: "anomaly",
    name: "anomaly",
    dataset: null,
    features: SENSORS,
    trainedFrom: fleet.beginning,
    trainedUntil: new Date(),
    engines: ids.length,
    readings: healthy.rows,
    seed: fit.seed,
    settings: AnomalyModel.settings(fit),
    metrics: {},
    content: AnomalyModel.fit(healthy, fit).toContent(),
  }, "bench");
  await sql`delete from public.unscored_readings`;

  let slot = HISTORY;
  let firstCpuMs: number | undefined;
  const models = anomalyModels();
  const measured = new Map(
    DETECTORS.map((name) => [name, { cpuMs: [] as number[], ms: [] as number[], anomalies: 0 }]),
  );
  for (let pair = 0; pair <= options.pairs; pair++) {
    for (const [name, into] of measured) {
      await addReadings(sql, fleet, slot, ++slot);
      await sql`select public.roll_up_readings()`;
      await sql`update public.model_settings set anomaly_detector = ${name}`;
      const { cpuMs, ms } = await cpuMilliseconds(async () => {
        const scored = await scoreReadings(sql, models, 2 * options.engines);
        if (scored?.readings !== options.engines) {
          throw new Error(
            `Cannot count this run as ${options.engines} readings must be scored: current value is ${scored?.readings}`,
          );
        }
        into.anomalies = scored.anomalies;
      });
      firstCpuMs ??= cpuMs;
      if (pair > 0) {
        into.cpuMs.push(cpuMs);
        into.ms.push(ms);
      }
    }
    say(`scoring: ${pair === 0 ? "warm-up" : `pair ${pair} of ${options.pairs}`} done`);
  }

  await sql`update public.model_settings set anomaly_detector = 'mean_abs_z'`;
  // each engine says again what it said last
  const units = await sql`
    select engines.unit_number, to_jsonb(last) as values
    from public.engines
    cross join lateral (
      select * from public.sensor_data where engine_id = engines.id order by "timestamp" desc limit 1
    ) as last
    order by engines.unit_number limit ${BATCH}`;
  let minute = 0;
  const batch = () => {
    // a minute that no other reading has
    const timestamp = new Date(Date.now() + ++minute * 60_000).toISOString();
    const readings = units.map(({ unit_number, values }) => ({
      engine_id: unit_number,
      cycle: 10_000 + minute,
      timestamp,
      ...Object.fromEntries(VALUE_COLUMNS.map((column) => [column, values[column]])),
    }));
    return { values: readings, payload: (index: number) => JSON.stringify(readings[index]) };
  };
  const store = async (scoring?: IntakeScoring) => {
    const candidates = batch();
    return await milliseconds(() =>
      storeBatch(sql, { source: "ingest", reference: null }, candidates, { scoring })
    );
  };
  const off = new IntakeScoring(sql);
  await store(off); // it has asked for the settings
  await sql`update public.model_settings set score_at_intake = true, intake_budget = '5 seconds'`;
  const on = new IntakeScoring(sql);
  await store(on);
  const intake = { without: [] as number[], off: [] as number[], on: [] as number[] };
  for (let run = 0; run < 20 * options.pairs; run++) {
    await sql`update public.model_settings set score_at_intake = false`;
    intake.without.push(await store());
    intake.off.push(await store(off));
    await sql`update public.model_settings set score_at_intake = true`;
    intake.on.push(await store(on));
  }
  return {
    options,
    detectors: Object.fromEntries(
      [...measured].map(([name, { cpuMs, ms, anomalies }]) => [
        name,
        { cpuMs: spread(cpuMs), ms: spread(ms), anomalies },
      ]),
    ),
    firstCpuMs: firstCpuMs!,
    intake: { without: spread(intake.without), off: spread(intake.off), on: spread(intake.on) },
    offToWithout: ratios(intake.off, intake.without),
    onToWithout: ratios(intake.on, intake.without),
  };
}
