/** `recipe.json`: how training data was made, and which files belong together. */

import { z } from "zod";

const count = z.int().min(0);
const engines = z.array(z.string());

/** The document. What stands in it follows from the database and the options alone: no times, no identifiers of runs. */
export const SplitRecipe = z.object({
  version: z.literal(1).describe("Version of this document"),
  code_version: z.string().describe("Version of Spool that made the files"),
  dataset: z.string().nullable().describe("Set of engines that was asked for; null: all whose life is known"),
  format: z.enum(["parquet", "csv"]),
  features: z.enum(["rows", "window"]),
  window: count.describe("Readings of a row of X; 1: each by itself"),
  window_values: z.array(z.string()).describe(
    "What X has of each reading, in order: X.reshape(-1, window, this many)",
  ),
  rul_cap: z.union([z.int(), z.enum(["engine", "none"])]).describe(
    "Upper bound of the label rul in cycles; engine: each engine's own rul_cap",
  ),
  fleets: z.array(z.object({
    fleet: z.string(),
    method: z.enum(["official", "engines"]),
    test: z.enum(["last", "all"]).describe("Which readings of its test engines are tested with"),
    test_fraction: z.number().nullable().describe("Null of an official split"),
    seed: z.int().nullable().describe("Null of an official split: nothing is drawn"),
    train_engines: engines,
    test_engines: engines,
    left_out_engines: engines.describe("Of an official test set, which stays unseen"),
  })),
  filled_engines: z.object({ train: count, test: count }).describe(
    "Engines with fewer readings than the window: filled in front with the first one",
  ),
  files: z.array(z.object({ name: z.string(), rows: count, bytes: count, sha256: z.string() })).describe(
    "The files beside this one. Where the checksum of one of them differs, it is of another run",
  ),
});
export type SplitRecipe = z.output<typeof SplitRecipe>;
