/** `deno task export split`: training data into the lake. */

import { UsageError, wholeNumber } from "../cli.ts";
import { table } from "../table.ts";
import type { ExportPart } from "./part.ts";
import { exportSplit, type SplitOptions, type SplitReport } from "./split/export_split.ts";

const OPTIONS = {
  dataset: {
    type: "string",
    value: "FD001",
    help: "split: only this set of engines, in a folder of its own (default: all whose life is known)",
  },
  split: {
    type: "string",
    value: "official|engines",
    help:
      "split: test with the official test set, or with engines drawn by --seed (default: official where there is one)",
  },
  test: {
    type: "string",
    value: "last|all",
    help:
      "split: readings that official test engines are tested with (default last, as published results are)",
  },
  "test-fraction": {
    type: "string",
    value: "N",
    help: "split: share of the engines that are drawn to test with (default 0.2)",
  },
  seed: { type: "string", value: "N", help: "split: another number draws other engines (default 42)" },
  "rul-cap": {
    type: "string",
    value: "N|none",
    help: "split: upper bound of labels in cycles (default: each engine's own, else 125)",
  },
  features: {
    type: "string",
    value: "rows|window",
    help: "split: a row of X is one reading (default), or the latest --window of them",
  },
  window: { type: "string", value: "N", help: "split: readings of a window (default 30)" },
  format: { type: "string", value: "parquet|csv", help: "split: how files are written (default parquet)" },
} as const;

/** PostgreSQL's limit of columns is no limit here, but a row of 17,000 cells has stopped being one. */
const LONGEST_WINDOW = 1_000;

function oneOf<const Value extends string>(text: string, name: string, values: readonly Value[]): Value {
  const value = values.find((value) => value === text);
  if (value !== undefined) return value;
  throw new UsageError(
    `Cannot read --${name} as it must be ${values.join(" or ")}: current value is ${text}`,
  );
}

function fraction(text: string): number {
  const value = Number(text);
  if (/^0?\.\d+$/.test(text) && value > 0) return value;
  throw new UsageError(
    `Cannot read --test-fraction as it must be more than 0 and less than 1, such as 0.2: current value is ${text}`,
  );
}

function rulCap(text: string): number | "none" {
  return text === "none" ? text : wholeNumber(text, "--rul-cap", 1, 1_000_000);
}

/** Reads what was given. @throws {UsageError} */
export function splitOptions(
  given: { readonly [Name in keyof typeof OPTIONS]?: string },
): SplitOptions {
  const features = oneOf(given.features ?? "rows", "features", ["rows", "window"]);
  if (features === "rows" && given.window !== undefined) {
    throw new UsageError("Cannot use --window with rows as it is for --features window");
  }
  const window = wholeNumber(given.window ?? "30", "--window", 2, LONGEST_WINDOW);
  if (given.split === "official") {
    for (const name of ["test-fraction", "seed"] as const) {
      if (given[name] === undefined) continue;
      throw new UsageError(`Cannot use --${name} with --split official as nothing is drawn for it`);
    }
  }
  return {
    dataset: given.dataset,
    method: given.split === undefined ? undefined : oneOf(given.split, "split", ["official", "engines"]),
    test: given.test === undefined ? undefined : oneOf(given.test, "test", ["last", "all"]),
    testFraction: fraction(given["test-fraction"] ?? "0.2"),
    seed: wholeNumber(given.seed ?? "42", "--seed", 0),
    rulCap: given["rul-cap"] === undefined ? "engine" : rulCap(given["rul-cap"]),
    features,
    window: features === "rows" ? 1 : window,
    format: oneOf(given.format ?? "parquet", "format", ["parquet", "csv"]),
  };
}

function splitText({ folder, recipe }: SplitReport): string {
  return [
    `Training data in ${folder}`,
    table(["file", "rows", "bytes"], recipe.files.map(({ name, rows, bytes }) => [name, rows, bytes])),
    table(
      ["fleet", "split", "tested with", "train engines", "test engines", "left out"],
      recipe.fleets.map((fleet) => [
        fleet.fleet || "other engines",
        fleet.method === "official" ? "official" : `by engines, seed ${fleet.seed}`,
        `${fleet.test} readings`,
        fleet.train_engines.length,
        fleet.test_engines.length,
        fleet.left_out_engines.length,
      ]),
    ),
  ].join("\n\n");
}

/** The part. */
export const split: ExportPart<typeof OPTIONS> = {
  summary: "training and test data with labels of remaining life",
  options: OPTIONS,
  check: (given) => void splitOptions(given),
  async run({ url, sql, lake, progress }, given) {
    const report = await exportSplit({ url, sql }, lake, splitOptions(given), progress);
    return report === undefined
      ? {
        json: null,
        text: "No training data: no engine with readings has a known life (engines.life_cycles).",
      }
      : { json: report, text: splitText(report) };
  },
};
