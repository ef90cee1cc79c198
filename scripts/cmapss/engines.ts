/** The engines of a file: their names, their times, their rows in the table `engines`. */

import type postgres from "postgres";
import type { FileName } from "./file_name.ts";
import type { RemainingLife } from "./remaining_life.ts";
import { firstCycleMs, type Timeline, timestamp } from "./timeline.ts";

/** An engine as it is going to be loaded. */
export interface Engine {
  /** Unit number inside its file. */
  readonly unit: number;
  /** Its public name: `engines.unit_number`. */
  readonly unitNumber: string;
  /** Last cycle of its recording. */
  readonly lastCycle: number;
  /** Time of its cycle 1, in milliseconds since 1970. */
  readonly firstCycleMs: number;
  /** Its whole life in cycles; null where that is unknown. */
  readonly lifeCycles: number | null;
}

/** The engines are stored already, at other times; a second copy of every reading would be the result. */
export class TimesDifferError extends Error {
  override readonly name = "TimesDifferError";
}

/**
 * The public name of an engine. FD001's train engines are the fleet that everything else is shown with, so they
 * have the short names; the others say where they are from, so that no two are called the same.
 *
 * @example
 * ```ts
 * import { unitNumber } from "./engines.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(unitNumber({ kind: "train", set: "FD001" }, 7), "ENGINE_007");
 * assert.equal(unitNumber({ kind: "test", set: "FD002" }, 7), "FD002_TEST_007");
 * ```
 */
export function unitNumber({ kind, set }: FileName, unit: number): string {
  const number = String(unit).padStart(3, "0");
  return kind === "train" && set === "FD001" ? `ENGINE_${number}` : `${set}_${kind.toUpperCase()}_${number}`;
}

/** An engine of the file that is in the database already, with its first and last loaded reading. */
interface StoredEngine {
  unit: number;
  unit_number: string;
  first_cycle: number | null;
  first_ms: number | null;
  last_cycle: number | null;
  last_ms: number | null;
  life_cycles: number | null;
}

/**
 * The life to store: what the file says, unless the file has less of the engine than is stored. Then it is a part
 * of what was loaded before, and says nothing about the end of the engine's life.
 */
function agreedLife(
  stored: StoredEngine | undefined,
  lastCycle: number,
  left: number | null | undefined,
): number | null {
  const isPart = stored?.last_cycle != null && lastCycle < stored.last_cycle && stored.life_cycles !== null;
  if (isPart || left == null) return null;
  return lastCycle + left;
}

/** Readings that came through other doors do not count: the simulator may use the same names. */
async function storedEngines(sql: postgres.Sql, { kind, set }: FileName): Promise<Map<number, StoredEngine>> {
  const rows = await sql<StoredEngine[]>`
    select
      engines.dataset_unit as unit,
      engines.unit_number,
      engines.life_cycles,
      first.cycle as first_cycle,
      (extract(epoch from first."timestamp") * 1000)::float8 as first_ms,
      last.cycle as last_cycle,
      (extract(epoch from last."timestamp") * 1000)::float8 as last_ms
    from public.engines
    left join lateral (
      select sensor_data.cycle, sensor_data."timestamp"
      from public.sensor_data
      join public.batches on batches.id = sensor_data.batch_id and batches.source = 'load'
      where sensor_data.engine_id = engines.id
      order by sensor_data."timestamp"
      limit 1
    ) as first on true
    left join lateral (
      select sensor_data.cycle, sensor_data."timestamp"
      from public.sensor_data
      join public.batches on batches.id = sensor_data.batch_id and batches.source = 'load'
      where sensor_data.engine_id = engines.id
      order by sensor_data."timestamp" desc
      limit 1
    ) as last on true
    where engines.dataset = ${set} and engines.subset = ${kind}`;
  return new Map(rows.map((row) => [row.unit, row]));
}

/** Time of an engine's cycle 1, given what is stored of it. @throws {TimesDifferError} */
function agreedFirstMs(stored: StoredEngine | undefined, planned: number, timeline: Timeline): number {
  if (stored?.first_cycle == null || stored.first_ms === null) return planned;
  const { intervalMs, anchor } = timeline;
  const storedFirst = stored.first_ms - (stored.first_cycle - 1) * intervalMs;
  const first = anchor === "until_now" ? storedFirst : planned;
  const storedLast = stored.last_ms! - (stored.last_cycle! - 1) * intervalMs;
  // a stored time has microseconds where it was not written by this loader; half a millisecond is nothing
  if (Math.abs(first - storedFirst) < 1 && Math.abs(first - storedLast) < 1) return first;
  throw new TimesDifferError(
    `Cannot load ${stored.unit_number} as its cycle ${stored.first_cycle} must be where it was loaded before, ` +
      `at ${timestamp(stored.first_ms)}, and cycle ${stored.last_cycle} at ${timestamp(stored.last_ms!)}: ` +
      `these options put them at ${timestamp(first + (stored.first_cycle - 1) * intervalMs)} and ` +
      `${timestamp(first + (stored.last_cycle! - 1) * intervalMs)}. ` +
      "Load with the same --base-date, --cycle-interval or --until as before",
  );
}

/**
 * Plans the engines of a file. An engine that somebody has renamed in the database keeps its new name.
 *
 * @param lastCycles Last cycle of each unit.
 * @param remainingLife The RUL file, for a test file that has one.
 * @throws {TimesDifferError} When they have been loaded before at other times.
 */
export async function planEngines(
  sql: postgres.Sql,
  name: FileName,
  lastCycles: ReadonlyMap<number, number>,
  remainingLife: RemainingLife | undefined,
  timeline: Timeline,
): Promise<Map<number, Engine>> {
  const stored = await storedEngines(sql, name);
  const engines = new Map<number, Engine>();
  for (const [unit, lastCycle] of lastCycles) {
    const left = name.kind === "train" ? 0 : remainingLife?.cycles[unit - 1];
    const planned = firstCycleMs(timeline, lastCycle);
    engines.set(unit, {
      unit,
      unitNumber: stored.get(unit)?.unit_number ?? unitNumber(name, unit),
      lastCycle,
      firstCycleMs: agreedFirstMs(stored.get(unit), planned, timeline),
      lifeCycles: agreedLife(stored.get(unit), lastCycle, left),
    });
  }
  return engines;
}

/**
 * Writes the engines of a file, in one statement. Only rows that change are touched; a life that is known
 * stays known when the file is loaded again without its RUL file, or only in part.
 *
 * @param maxRul Upper bound of their remaining-life labels, in cycles.
 */
export async function storeEngines(
  sql: postgres.Sql,
  { kind, set }: FileName,
  engines: Iterable<Engine>,
  maxRul: number,
): Promise<void> {
  const rows = [...engines].map((engine) => ({
    unit_number: engine.unitNumber,
    dataset_unit: engine.unit,
    first_operation_date: timestamp(engine.firstCycleMs)?.slice(0, 10),
    life_cycles: engine.lifeCycles,
  }));
  await sql`
    insert into public.engines as stored (
      unit_number, model, dataset, subset, cohort, dataset_unit, first_operation_date, status, life_cycles, rul_cap
    )
    select
      unit_number, ${`C-MAPSS ${set}`}, ${set}, ${kind}, ${kind}, dataset_unit, first_operation_date,
      ${kind === "train" ? "failed" : "active"}, life_cycles, ${maxRul}::integer
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as engine (
      unit_number text, dataset_unit integer, first_operation_date date, life_cycles integer
    )
    order by unit_number
    on conflict (unit_number) do update set
      model = excluded.model,
      dataset = excluded.dataset,
      subset = excluded.subset,
      cohort = coalesce(stored.cohort, excluded.cohort),
      dataset_unit = excluded.dataset_unit,
      first_operation_date = excluded.first_operation_date,
      status = excluded.status,
      life_cycles = coalesce(excluded.life_cycles, stored.life_cycles),
      rul_cap = excluded.rul_cap,
      updated_at = now()
    where (
      stored.model, stored.dataset, stored.subset, stored.cohort, stored.dataset_unit,
      stored.first_operation_date, stored.status, stored.life_cycles, stored.rul_cap
    ) is distinct from (
      excluded.model, excluded.dataset, excluded.subset, coalesce(stored.cohort, excluded.cohort), excluded.dataset_unit,
      excluded.first_operation_date, excluded.status,
      coalesce(excluded.life_cycles, stored.life_cycles), excluded.rul_cap
    )`;
}
