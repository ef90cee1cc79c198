/** What the options of `deno task simulate` ask for, or why that makes no sense. */

import { LOCAL_KEYS } from "../local/data_api.ts";
import { readConfig } from "../../shared/config.ts";
import { UsageError, wholeNumber } from "../cli.ts";
import { parseInterval, parseTime } from "../cmapss/timeline.ts";
import type { FaultMode } from "./engine.ts";
import { ARRIVAL_FAULTS, DEFAULT_RATES, type Fault, type FaultRates, FAULTS } from "./faults.ts";
import type { FleetOptions } from "./fleet.ts";

export const TARGETS = ["ingest", "kinesis", "file", "stdout"] as const;
export const FORMATS = ["cmapss", "ndjson", "parquet"] as const;

/** Where the system of `deno task start` takes readings. */
const LOCAL_URL = "http://127.0.0.1:54321/functions/v1/ingest";

const DEFAULT_CYCLES = 200;
const DEFAULT_INTERVAL_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How far ahead of the clock readings are believed: intake_settings, unless somebody has changed it. */
const MOST_AHEAD_MS = 31 * DAY_MS;

/** The last moment that a timestamp with four digits for the year can be. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** Seeds that are drawn have so many values: short enough to be part of names, and rarely the same twice. */
const DRAWN_SEEDS = 1_000_000;

/** Options as they were given. */
export interface Given {
  readonly engines?: string;
  readonly cycles?: string;
  readonly rate?: string;
  readonly speed?: string;
  readonly interval?: string;
  readonly from?: string;
  readonly seed?: string;
  readonly conditions?: string;
  readonly "fault-mode"?: string;
  readonly faults?: string;
  readonly labels?: string;
  readonly prefix?: string;
  readonly target?: string;
  readonly url?: string;
  readonly key?: string;
  readonly stream?: string;
  readonly spill?: string;
  readonly out?: string;
  readonly format?: string;
}

/** Where the readings go. */
export type Destination =
  | { readonly target: "ingest"; readonly url: string; readonly key: string }
  | { readonly target: "kinesis"; readonly stream: string; readonly spill: string }
  | { readonly target: "file"; readonly format: (typeof FORMATS)[number]; readonly out: string }
  | { readonly target: "stdout" };

/** What is to be simulated. */
export interface Plan {
  readonly fleet: FleetOptions;
  /** Cycles a second that each engine flies; null: as fast as possible. */
  readonly rate: number | null;
  readonly destination: Destination;
  /** Path of the side file; null without faults. */
  readonly labels: string | null;
}

function oneOf<const Value extends string>(text: string, name: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot read ${name} as it must be ${
      values.join(", ").replace(/, ([^,]*)$/, " or $1")
    }: current value is ${text}`,
  );
}

function positive(text: string, name: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0) return value;
  throw new UsageError(`Cannot read ${name} as it must be a number above 0: current value is ${text}`);
}

/** Refuses options that belong to something else. */
function refuse(given: Given, names: readonly (keyof Given)[], why: string): void {
  const wrong = names.find((name) => given[name] !== undefined);
  if (wrong !== undefined) throw new UsageError(`Cannot use --${wrong} as ${why}`);
}

/**
 * Reads `spike,late:0.01`.
 *
 * @returns Rates in the order of FAULTS, so that the order on the command line changes nothing.
 *
 * @example
 * ```ts
 * import { parseFaults } from "./plan.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...parseFaults("late:0.01,spike")], [["spike", 0.002], ["late", 0.01]]);
 * assert.deepEqual([...parseFaults("none")], []);
 * ```
 */
export function parseFaults(text: string): FaultRates {
  if (text === "none") return new Map();
  const rates = new Map<Fault, number>();
  for (const part of text.split(",")) {
    const [name, rate, ...rest] = part.trim().split(":");
    const kind = FAULTS.find((fault) => fault === name);
    if (kind === undefined || rest.length > 0) {
      throw new UsageError(
        `Cannot read --faults as it must be none or a list of ${FAULTS.join(", ")}, ` +
          `each with or without a rate as in spike:0.01: current value is ${text}`,
      );
    }
    const value = rate === undefined ? DEFAULT_RATES[kind] : positive(rate, `the rate of ${kind}`);
    if (value > 1) {
      throw new UsageError(
        `Cannot read the rate of ${kind} as it must be a share of the readings, at most 1: current value is ${rate}`,
      );
    }
    rates.set(kind, value);
  }
  return new Map(FAULTS.flatMap((kind) => rates.has(kind) ? [[kind, rates.get(kind)!]] : []));
}

function isLocal(url: URL): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}

function ingestDestination(given: Given, env: Record<string, string | undefined>): Destination {
  const address = given.url ??
    (env.SUPABASE_URL
      ? `${readConfig(["SUPABASE_URL"], env).SUPABASE_URL.replace(/\/$/, "")}/functions/v1/ingest`
      : LOCAL_URL);
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `Cannot read --url as it must be the address of an endpoint such as ${LOCAL_URL}: current value is ${address}`,
    );
  }
  const key = given.key ?? readConfig(["INGEST_KEYS"], env).INGEST_KEYS[0] ??
    (isLocal(url) ? LOCAL_KEYS.ingest : undefined);
  if (key === undefined) {
    throw new UsageError(`Cannot send to ${address} as there must be a key: give --key or INGEST_KEYS`);
  }
  return { target: "ingest", url: address, key };
}

function fileDestination(given: Given): Destination {
  const { out } = given;
  if (out === undefined) throw new UsageError("Cannot write a file as --out must say where");
  const ending = /\.parquet$/i.test(out) ? "parquet" : /\.(ndjson|jsonl)$/i.test(out) ? "ndjson" : undefined;
  const format = given.format ?? ending;
  if (format === undefined) {
    throw new UsageError(
      `Cannot write ${out} as --format must be cmapss, ndjson or parquet, or its name must end in .ndjson or .parquet`,
    );
  }
  return { target: "file", format: oneOf(format, "--format", FORMATS), out };
}

function destination(given: Given, env: Record<string, string | undefined>): Destination {
  const target = oneOf(given.target ?? "ingest", "--target", TARGETS);
  if (target !== "ingest") {
    refuse(given, ["url", "key"], `only --target ingest has an address: target is ${target}`);
  }
  if (target !== "kinesis") {
    refuse(given, ["stream", "spill"], `only --target kinesis has a stream: target is ${target}`);
  }
  if (target !== "file") refuse(given, ["out"], `only --target file writes files: target is ${target}`);
  if (target === "ingest" || target === "kinesis") {
    refuse(given, ["format"], `--target ${target} has its own format`);
  }
  if (target === "ingest") return ingestDestination(given, env);
  if (target === "file") return fileDestination(given);
  if (target === "kinesis") {
    const stream = given.stream ?? readConfig(["KINESIS_STREAM"], env).KINESIS_STREAM;
    if (stream === undefined) {
      throw new UsageError("Cannot send to Kinesis as --stream or KINESIS_STREAM must name the stream");
    }
    return { target, stream, spill: given.spill ?? `.spool/${stream}.spill` };
  }
  if (given.format !== undefined && given.format !== "ndjson") {
    throw new UsageError(
      `Cannot print ${given.format} as standard output must be ndjson; --target file --out PATH writes it`,
    );
  }
  return { target };
}

/** Times of the fleet's readings. */
interface Schedule {
  readonly rate: number | null;
  readonly cycles: number;
  readonly firstMs: number;
  readonly intervalMs: number;
}

function intervalOption(text: string): number {
  const intervalMs = parseInterval(text);
  if (intervalMs !== undefined) return intervalMs;
  throw new UsageError(
    `Cannot read --interval as it must be like 1s, 30m, 12h or 1d, at most 366d: current value is ${text}`,
  );
}

function fromOption(text: string, nowMs: number): number {
  const ms = text === "now" ? nowMs : parseTime(text);
  if (ms !== undefined) return ms;
  throw new UsageError(
    "Cannot read --from as it must be now, a date such as 2024-01-01 or a timestamp with zone such as " +
      `2024-01-01T00:00:00Z: current value is ${text}`,
  );
}

function schedule(given: Given, nowMs: number): Schedule {
  if (given.rate === undefined) {
    refuse(
      given,
      ["speed"],
      "only a fleet that flies in real time has a speed: --rate says how fast it flies",
    );
    const cycles = wholeNumber(given.cycles ?? String(DEFAULT_CYCLES), "--cycles");
    const intervalMs = given.interval === undefined ? DEFAULT_INTERVAL_MS : intervalOption(given.interval);
    const firstMs = given.from === undefined ? nowMs - cycles * intervalMs : fromOption(given.from, nowMs);
    return { rate: null, cycles, firstMs, intervalMs };
  }
  refuse(given, ["interval"], "--rate and --speed together say how far apart cycles are");
  const rate = positive(given.rate, "--rate");
  const intervalMs = positive(given.speed ?? "1", "--speed") / rate * 1000;
  if (intervalMs < 1) {
    throw new UsageError(
      `Cannot fly so fast as cycles must be at least a millisecond apart, --speed / --rate seconds: they are ${
        intervalMs / 1000
      } s`,
    );
  }
  const cycles = given.cycles === undefined ? Infinity : wholeNumber(given.cycles, "--cycles");
  return { rate, cycles, firstMs: fromOption(given.from ?? "now", nowMs), intervalMs };
}

/** Refuses times that the target would not take, or that cannot be written. */
function checkTimes({ rate, cycles, firstMs, intervalMs }: Schedule, target: string, nowMs: number): void {
  const isFile = target === "file" || target === "stdout";
  const lastMs = firstMs + cycles * intervalMs;
  if (rate !== null && cycles === Infinity) {
    // the timestamps go ahead of the clock sooner or later, or they never do
    const allowed = intervalMs * rate <= 1000 && firstMs - nowMs <= MOST_AHEAD_MS;
    if (isFile || allowed) return;
    throw new UsageError(
      "Cannot fly without an end as the timestamps must not get ahead of the clock: --cycles says how long",
    );
  }
  const latest = new Date(Math.min(lastMs, 8.64e15)).toISOString();
  if (isFile) {
    if (lastMs <= LAST_MS) return;
    throw new UsageError(
      `Cannot simulate as timestamps must end before the year 10000: the last would be ${latest}`,
    );
  }
  // without --rate everything is sent now
  const sentMs = nowMs + (rate === null ? 0 : cycles / rate * 1000);
  const aheadMs = rate === null ? 0 : MOST_AHEAD_MS;
  if (lastMs - sentMs <= aheadMs) return;
  throw new UsageError(
    `Cannot simulate as readings must not be from the future${
      rate === null ? "" : ", by more than 31 days"
    }: the last would be at ${latest}. An earlier --from, fewer --cycles or ${
      rate === null ? "--rate" : "a lower --speed"
    } helps`,
  );
}

/**
 * Reads the options.
 *
 * @param env The environment.
 * @throws {UsageError} When one cannot be read, or makes no sense with another.
 */
export function plan(given: Given, env: Record<string, string | undefined>, nowMs: number): Plan {
  const to = destination(given, env);
  const faults = parseFaults(given.faults ?? "none");
  const isCmapss = to.target === "file" && to.format === "cmapss";
  if (isCmapss) {
    refuse(given, ["cycles"], "the engines of a C-MAPSS file run to failure");
    refuse(given, ["rate", "speed", "interval", "from"], "a C-MAPSS file has no times");
    refuse(given, ["prefix"], "a C-MAPSS file has no names: deno task load gives them");
    const wrong = ARRIVAL_FAULTS.find((kind) => faults.has(kind));
    if (wrong !== undefined) {
      throw new UsageError(`Cannot put the fault ${wrong} into a C-MAPSS file as its rows must be in order`);
    }
  }
  const times = schedule(given, nowMs);
  if (!isCmapss) checkTimes(times, to.target, nowMs);
  if (faults.size === 0) refuse(given, ["labels"], "there are no faults to label: --faults says which");

  const seed = given.seed === undefined
    ? Math.floor(Math.random() * DRAWN_SEEDS)
    : wholeNumber(given.seed, "--seed", 0, 2 ** 32 - 1);
  const prefix = given.prefix ?? `SIM_${seed}_`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,49}$/.test(prefix)) {
    throw new UsageError(
      `Cannot read --prefix as it must be 1 to 50 letters, digits or . _ : -, beginning with a letter or digit: current value is ${prefix}`,
    );
  }
  const { rate, ...flown } = times;
  return {
    fleet: {
      engines: wholeNumber(given.engines ?? "10", "--engines", 1, 1_000_000),
      ...flown,
      seed,
      prefix,
      conditions: oneOf(given.conditions ?? "1", "--conditions", ["1", "6"]) === "6" ? 6 : 1,
      faultMode: oneOf(given["fault-mode"] ?? "hpc", "--fault-mode", ["hpc", "fan", "both"]) as
        | FaultMode
        | "both",
      faults,
    },
    rate,
    destination: to,
    labels: faults.size === 0 ? null : given.labels ?? labelsBeside(to, seed),
  };
}

/** Where the side file is unless told otherwise. */
function labelsBeside(to: Destination, seed: number): string {
  if (to.target !== "file") return `simulated_faults_${seed}.ndjson`;
  return to.format === "cmapss" ? `${to.out.replace(/\/$/, "")}/faults.ndjson` : `${to.out}.faults.ndjson`;
}
