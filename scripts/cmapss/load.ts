/** The loader: files -> report -> engines -> readings through the intake. */

import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { type LineageDataset, startLineage } from "../../shared/lineage.ts";
import type { Progress } from "../progress.ts";
import { type Engine, planEngines, storeEngines, unitNumber } from "./engines.ts";
import { readSuite } from "./expectations.ts";
import { type FileName, formatFileName } from "./file_name.ts";
import { type FileReport, inspect, type Inspection } from "./inspection.ts";
import { pieceCandidates } from "./piece_candidates.ts";
import { parseRemainingLife, type RemainingLife } from "./remaining_life.ts";
import { parseRows } from "./rows.ts";
import type { Source } from "./source.ts";
import { SourceError, type SourceFile } from "./source_file.ts";
import { type Timeline, timestamp } from "./timeline.ts";

/** What to load, and how. */
export interface LoadOptions {
  /** Which sets, `FD001` for example; all that are there unless given. */
  readonly sets?: readonly string[];
  /** Which subsets; both unless given. */
  readonly subsets?: readonly ("train" | "test")[];
  readonly timeline: Timeline;
  /** Upper bound of remaining-life labels, in cycles. */
  readonly maxRul: number;
  /** Load although checks fail, with the bad rows as dead letters. */
  readonly allowFailures: boolean;
}

/** Heimes (PHM 2008) caps labels at 125 to 130 cycles: before that, wear cannot be seen. */
export const DEFAULT_MAX_RUL = 125;

/** Cycle 1 on the first day of 2024, one cycle a day. */
export const DEFAULT_TIMELINE: Timeline = {
  anchor: "from",
  atMs: Date.UTC(2024, 0, 1),
  intervalMs: 86_400_000,
};

/** What became of one file. Names as they are printed with --json. */
export interface FileSummary {
  readonly file: string;
  readonly engines: number;
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly rows_per_second: number;
}

/** What the loader has found and done. */
export interface LoadResult {
  /** False when checks failed and nothing was written. */
  readonly loaded: boolean;
  /** One for each train or test file. */
  readonly report: readonly FileReport[];
  /** One for each file that was loaded; empty when nothing was. */
  readonly summary: readonly FileSummary[];
}

/** The options put timestamps where the intake does not accept them. */
export class OutsideWindowError extends Error {
  override readonly name = "OutsideWindowError";
}

/** The 26 columns of a C-MAPSS file, which has no header. */
const FILE_COLUMNS = [
  { name: "unit", type: "integer" },
  { name: "cycle", type: "integer" },
  ...["altitude", "mach_number", "tra"].map((name) => ({ name, type: "real" })),
  ...Array.from({ length: 21 }, (_, i) => ({ name: `s${i + 1}`, type: "real" })),
];

/** Batches on their way at a time: one is prepared here while Postgres works on the others. */
const IN_FLIGHT = 4;

/** A file that is ready to be loaded. */
interface PlannedFile {
  readonly name: FileName;
  readonly inspection: Inspection;
  readonly engines: ReadonlyMap<number, Engine>;
}

/** The train and test files that were asked for, in the order of sets, train before test. */
function chosenFiles(source: Source, { sets, subsets }: LoadOptions): SourceFile[] {
  const data = source.files.filter(({ kind }) => kind !== "RUL");
  for (const set of sets ?? []) {
    if (data.some((file) => file.set === set)) continue;
    const found = [...new Set(data.map((file) => file.set))].sort().join(", ");
    throw new SourceError(`Cannot load ${set} as its files must be there: found ${found}`);
  }
  const chosen = data.filter(({ kind, set }) =>
    (sets === undefined || sets.includes(set)) &&
    (subsets === undefined || subsets.some((subset) => subset === kind))
  );
  if (chosen.length === 0) {
    const found = data.map(formatFileName).sort().join(", ");
    throw new SourceError(`Cannot load ${subsets?.join(", ")} files as there must be one: found ${found}`);
  }
  return chosen.sort((a, b) => a.set.localeCompare(b.set) || b.kind.localeCompare(a.kind));
}

async function remainingLifeOf(source: Source, file: SourceFile): Promise<RemainingLife | undefined> {
  if (file.kind !== "test") return undefined;
  const found = source.files.find(({ kind, set }) => kind === "RUL" && set === file.set);
  return found && parseRemainingLife(await found.read());
}

/** Checks that every reading falls into the window of the intake, before the first one is sent. */
async function checkWindow(
  sql: postgres.Sql,
  files: readonly PlannedFile[],
  { intervalMs }: Timeline,
): Promise<void> {
  const [window] = await sql<{ from_ms: number; until_ms: number }[]>`
    select
      (extract(epoch from accepted_from) * 1000)::float8 as from_ms,
      (extract(epoch from now() + accepted_ahead) * 1000)::float8 as until_ms
    from public.intake_settings`;
  for (const { name, engines } of files) {
    let first = Infinity;
    let last = -Infinity;
    for (const { firstCycleMs, lastCycle } of engines.values()) {
      first = Math.min(first, firstCycleMs);
      last = Math.max(last, firstCycleMs + (lastCycle - 1) * intervalMs);
    }
    if (engines.size === 0 || (first >= window.from_ms && last <= window.until_ms)) continue;
    throw new OutsideWindowError(
      `Cannot load ${formatFileName(name)} as its timestamps must be between ${
        timestamp(window.from_ms)
      } and ` +
        `${timestamp(window.until_ms)} (table intake_settings): they would run from ${timestamp(first)} to ` +
        `${timestamp(last)}. Use --until now, so that the last cycle of every engine ends now` +
        (first < window.from_ms ? ", with a shorter --cycle-interval" : ""),
    );
  }
}

/** Runs `work` on every item, at most `limit` at a time; after a failure it begins no more. */
async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  const worker = async () => {
    for (const item of queue) {
      // Let what is queued on the sockets leave: preparing the next batch blocks, and Postgres would be idle
      await new Promise((resolve) => setTimeout(resolve));
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

/** Loads a file, and leaves a run of lineage about it as a whole; each of its batches is a run, too. */
async function loadTraced(
  sql: postgres.Sql,
  planned: PlannedFile,
  options: LoadOptions,
  progress: Progress,
): Promise<FileSummary> {
  const table = (name: string, rowCount?: number): LineageDataset => ({
    namespace: "postgres",
    name: `public.${name}`,
    ...rowCount === undefined ? {} : { outputFacets: { outputStatistics: { rowCount } } },
  });
  const run = await startLineage(sql, "load", {
    inputs: [{
      namespace: "file",
      name: formatFileName(planned.name),
      facets: { schema: { fields: FILE_COLUMNS } },
    }],
    outputs: [table("engines"), table("sensor_data")],
  });
  try {
    const summary = await loadFile(sql, planned, options, progress);
    const { engines, accepted, rejected } = summary;
    await run.complete(sql, {
      outputs: [
        table("engines", engines),
        table("sensor_data", accepted),
        ...rejected === 0 ? [] : [table("dead_letters", rejected)],
      ],
    });
    return summary;
  } catch (error) {
    // when the database is what failed, this fails, too: abort_lost_runs ends the run then
    await run.fail(sql, error).catch(() => {});
    throw error;
  }
}

async function loadFile(
  sql: postgres.Sql,
  { name, inspection, engines }: PlannedFile,
  { timeline, maxRul }: LoadOptions,
  progress: Progress,
): Promise<FileSummary> {
  const startedMs = performance.now();
  const file = formatFileName(name);
  const { pieces, faults, report } = inspection;
  const stage = progress.stage(file, report.rows, "rows");
  const sum = { received: 0, accepted: 0, duplicates: 0, rejected: 0 };
  try {
    if (engines.size > 0) await storeEngines(sql, name, engines.values(), maxRul);
    // every row of such a unit is bad, and no other time is known for it
    const stray = (unit: number) => ({ unitNumber: unitNumber(name, unit), firstCycleMs: timeline.atMs });
    await inParallel([...pieces.keys()], IN_FLIGHT, async (p) => {
      const piece = pieces[p];
      const reference = `${file} lines ${piece.lines[0]}-${piece.lines[piece.count - 1]}`;
      const candidates = pieceCandidates(piece, faults[p], engines, timeline.intervalMs, stray);
      const result = await storeBatch(sql, { source: "load", reference }, candidates);
      sum.received += result.received;
      sum.accepted += result.accepted;
      sum.duplicates += result.duplicates;
      sum.rejected += result.rejections.length;
      stage.advance(result.received);
    });
  } finally {
    stage.end();
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    file,
    engines: engines.size,
    ...sum,
    seconds: Math.round(seconds * 1000) / 1000,
    rows_per_second: Math.round(sum.received / seconds),
  };
}

/**
 * Checks C-MAPSS files against their expectations, which it reads from the database, and loads them.
 *
 * Nothing is written before all files have been checked. Then each piece of 2,000 rows is a transaction of its
 * own: an interrupted load is finished by running it again, and what is there already counts as duplicates.
 *
 * @param sql Uses up to four connections of its pool.
 * @param source What {@link openSource} has found.
 * @returns `loaded: false` when a check failed and `allowFailures` is off.
 * @throws {SourceError} When a file cannot be read, or none is what was asked for.
 * @throws {NoExpectationsError} When the database has no rules for a file.
 * @throws {OutsideWindowError} When the intake would refuse the timestamps.
 * @throws {TimesDifferError} When the engines have been loaded before at other times.
 */
export async function loadCmapss(
  sql: postgres.Sql,
  source: Source,
  options: LoadOptions,
  progress: Progress,
): Promise<LoadResult> {
  const inspected = [];
  for (const file of chosenFiles(source, options)) {
    const name: FileName = { kind: file.kind, set: file.set };
    const remainingLife = await remainingLifeOf(source, file);
    const pieces = parseRows(await file.read());
    const inspection = inspect(name, pieces, remainingLife, await readSuite(sql, name));
    inspected.push({ name, remainingLife, inspection });
  }
  const report = inspected.map(({ inspection }) => inspection.report);
  if (!options.allowFailures && report.some(({ status }) => status === "fail")) {
    return { loaded: false, report, summary: [] };
  }

  const planned: PlannedFile[] = [];
  for (const { name, remainingLife, inspection } of inspected) {
    const engines = await planEngines(sql, name, inspection.lastCycles, remainingLife, options.timeline);
    planned.push({ name, inspection, engines });
  }
  await checkWindow(sql, planned, options.timeline);

  const summary: FileSummary[] = [];
  for (const file of planned) summary.push(await loadTraced(sql, file, options, progress));
  return { loaded: true, report, summary };
}
