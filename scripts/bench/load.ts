/**
 * Benchmark of the C-MAPSS loader beside the shortest way there is: pandas' C parser, then COPY.
 *
 * Hypothesis: a loader that checks the file, sends it through the intake and labels it needs at most one and a
 * half times as long as parsing and copying alone.
 */

import { DEFAULT_MAX_RUL, DEFAULT_TIMELINE, loadCmapss } from "../cmapss/load.ts";
import { openSource } from "../cmapss/source.ts";
import { silent } from "../progress.ts";
import { copyIn, copyOut } from "./copy.ts";
import { milliseconds, ratios, type Spread, spread } from "./measure.ts";
import { emptyReadings, scratchDatabase } from "./scratch.ts";

export interface LoadBenchOptions {
  /** Folder or zip with the file. */
  readonly data: string;
  /** Set whose training file is loaded, FD001 for example. */
  readonly set: string;
  readonly pairs: number;
}

export interface LoadBenchResult {
  readonly options: LoadBenchOptions;
  readonly rows: number;
  /** Milliseconds. */
  readonly load: Spread;
  readonly copy: Spread;
  /** Null where /usr/bin/python3 has no pandas. */
  readonly pandas: Spread | null;
  /** Time of the loader relative to pandas and COPY (or COPY alone), pair by pair. */
  readonly loadToPeer: Spread;
}

/** Prints how many ms pandas needs for each of argv[2] readings of the file argv[1], the import not counted. */
const PANDAS = `
import sys, time, pandas
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    pandas.read_csv(sys.argv[1], sep=r"\\s+", header=None, engine="c")
    print((time.perf_counter() - start) * 1000)
`;

/** The time of each of some runs of pandas, in ms; nothing where it is not installed. */
async function byPandas(file: string, runs: number): Promise<number[] | null> {
  try {
    const { success, stdout } = await new Deno.Command("/usr/bin/python3", {
      args: ["-c", PANDAS, file, String(runs + 1)],
      stderr: "null",
    }).output();
    if (!success) return null;
    return new TextDecoder().decode(stdout).trim().split("\n").map(Number).slice(1); // the first one warms up
  } catch {
    return null;
  }
}

/** Runs the benchmark: the file is parsed, checked and stored each time, into an empty table of a known fleet. */
export async function benchLoad(options: LoadBenchOptions): Promise<LoadBenchResult> {
  await using source = await openSource([options.data]);
  await using database = await scratchDatabase(4);
  const { sql } = database;
  const load = async () => {
    const result = await loadCmapss(sql, source, {
      sets: [options.set],
      subsets: ["train"],
      timeline: DEFAULT_TIMELINE,
      maxRul: DEFAULT_MAX_RUL,
      allowFailures: false,
    }, silent);
    if (!result.loaded) {
      throw new Error(`Cannot count this run as train_${options.set}.txt must pass its checks`);
    }
    return result;
  };
  const rows = (await load()).summary[0].accepted;
  const copyText = await copyOut(database.url);

  const times = { load: [] as number[], copy: [] as number[] };
  for (let pair = 1; pair <= options.pairs; pair++) {
    await emptyReadings(sql);
    times.load.push(await milliseconds(load));
    await emptyReadings(sql);
    times.copy.push(await milliseconds(() => copyIn(sql, copyText)));
  }
  const file = `${options.data}/train_${options.set}.txt`;
  const pandas = await byPandas(file, options.pairs);
  return {
    options,
    rows,
    load: spread(times.load),
    copy: spread(times.copy),
    pandas: pandas && spread(pandas),
    loadToPeer: ratios(times.load, times.copy.map((ms, i) => ms + (pandas?.[i] ?? 0))),
  };
}
