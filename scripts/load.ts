/** `deno task load`: C-MAPSS files into a database. */

import { connect } from "../shared/database.ts";
import { DATABASE_OPTION, databaseUrl, Exit, print, run, task, UsageError, wholeNumber } from "./cli.ts";
import { downloadArchive, NASA_ARCHIVE } from "./cmapss/download.ts";
import { TimesDifferError } from "./cmapss/engines.ts";
import { DEFAULT_MAX_RUL, DEFAULT_TIMELINE, loadCmapss, OutsideWindowError } from "./cmapss/load.ts";
import { loadText } from "./cmapss/load_text.ts";
import { openSource } from "./cmapss/source.ts";
import { parseInterval, parseTime, type Timeline } from "./cmapss/timeline.ts";
import { createProgress } from "./progress.ts";

/** As many as the loader has batches on their way. */
const CONNECTIONS = 4;

/** Where downloads are kept unless told otherwise. */
const CACHE = ".spool/cache";

function setsOption(given: readonly string[]): string[] | undefined {
  if (given.length === 0) return undefined;
  const sets = given.join(",").split(",").map((set) => set.trim().toUpperCase()).filter(Boolean);
  const wrong = sets.length === 0 ? "" : sets.find((set) => !/^FD\d{3}$/.test(set));
  if (wrong !== undefined) {
    throw new UsageError(`Cannot read --set as it must be a set such as FD001: current value is ${wrong}`);
  }
  return sets;
}

function subsetOption(text: string | undefined): ("train" | "test")[] | undefined {
  if (text === undefined) return undefined;
  const subset = text.toLowerCase();
  if (subset !== "train" && subset !== "test") {
    throw new UsageError(`Cannot read --subset as it must be train or test: current value is ${text}`);
  }
  return [subset];
}

function timelineOption(given: {
  readonly "base-date"?: string;
  readonly "cycle-interval"?: string;
  readonly until?: string;
}): Timeline {
  const time = (name: "base-date" | "until", text: string) => {
    const ms = parseTime(text);
    if (ms !== undefined) return ms;
    throw new UsageError(
      `Cannot read --${name} as it must be ${
        name === "until" ? "now, " : ""
      }a date such as 2024-01-01 or a ` +
        `timestamp with zone such as 2024-01-01T00:00:00Z: current value is ${text}`,
    );
  };
  const interval = given["cycle-interval"];
  const intervalMs = interval === undefined ? DEFAULT_TIMELINE.intervalMs : parseInterval(interval);
  if (intervalMs === undefined) {
    throw new UsageError(
      `Cannot read --cycle-interval as it must be like 30m, 12h or 1d, at most 366d: current value is ${interval}`,
    );
  }
  const { "base-date": baseDate, until } = given;
  if (until === undefined) {
    return {
      anchor: "from",
      intervalMs,
      atMs: baseDate === undefined ? DEFAULT_TIMELINE.atMs : time("base-date", baseDate),
    };
  }
  if (baseDate !== undefined) {
    throw new UsageError("Cannot use --base-date and --until together as each alone sets all times");
  }
  if (until === "now") return { anchor: "until_now", intervalMs, atMs: Date.now() };
  return { anchor: "until", intervalMs, atMs: time("until", until) };
}

export const loadTask = task({
  usage: "deno task load PATH… | --download [--set FD001] [--subset train|test] [--until now] [--json]",
  summary:
    "Loads NASA C-MAPSS files (train_FD001.txt, test_FD001.txt, RUL_FD001.txt, …) into a database: from folders, " +
    "from zips and zips within them, or from NASA. Checks them first and prints the report; loading the same files again is harmless.",
  options: {
    download: { type: "boolean", help: "Take NASA's archive, downloaded once and kept in --cache" },
    set: {
      type: "string",
      multiple: true,
      value: "FD001",
      help: "Only this set; several with commas or repeated",
    },
    subset: { type: "string", value: "train|test", choices: ["train", "test"], help: "Only these files" },
    "base-date": {
      type: "string",
      value: "TIME",
      help: "When cycle 1 of every engine is (default 2024-01-01): a date, or a timestamp with zone",
    },
    "cycle-interval": {
      type: "string",
      value: "TIME",
      help: "From one cycle to the next: 30m, 12h, 1d (default)",
    },
    until: {
      type: "string",
      value: "now|TIME",
      help:
        "When the last cycle of every engine is, instead of --base-date; with now, engines that are there keep their times",
    },
    "max-rul": {
      type: "string",
      value: "N",
      help: `Cap of remaining-life labels (default ${DEFAULT_MAX_RUL})`,
    },
    "allow-failures": {
      type: "boolean",
      help: "Load even when checks fail; bad rows become dead letters",
    },
    cache: { type: "string", value: "DIR", help: `Where downloads are kept (default ${CACHE})` },
    database: DATABASE_OPTION,
    json: { type: "boolean", help: "Print report and summary as one JSON document" },
  },
  positionals: [0, Infinity],
  examples: [
    [
      "deno task load ../shared/data/cmapss --until now",
      "Loads a folder, the last cycle of every engine being now",
    ],
    ["deno task load --download --set FD001 --subset train", "Loads one file of NASA's archive"],
  ],
}, async (given, paths) => {
  if (given.download === paths.length > 0) {
    throw new UsageError("Cannot load as there must be either a PATH or --download");
  }
  const options = {
    sets: setsOption(given.set),
    subsets: subsetOption(given.subset),
    timeline: timelineOption(given),
    maxRul: wholeNumber(given["max-rul"] ?? String(DEFAULT_MAX_RUL), "--max-rul", 1, 1_000_000),
    allowFailures: given["allow-failures"],
  };
  const progress = createProgress({ quiet: given.json });
  if (given.download) paths = [await downloadArchive(NASA_ARCHIVE, given.cache ?? CACHE, progress)];

  await using source = await openSource(paths);
  const sql = connect(databaseUrl(given.database), CONNECTIONS);
  try {
    const result = await loadCmapss(sql, source, options, progress);
    print(given.json ? JSON.stringify(result) : loadText(result));
    return result.loaded ? Exit.done : Exit.dataFailed;
  } catch (error) {
    if (error instanceof OutsideWindowError || error instanceof TimesDifferError) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  } finally {
    await sql.end();
  }
});

if (import.meta.main) await run(loadTask);
