/** Fleets whose life is known, for tests of the split. */

import type postgres from "postgres";
import { DEFAULT_TIMELINE, loadCmapss } from "../../../scripts/cmapss/load.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import type { SplitOptions } from "../../../scripts/export/split/export_split.ts";
import { silent } from "../../../scripts/progress.ts";
import { folderWith, lines, text } from "../cmapss/synthetic.ts";

/** As the command has them when nothing is given. */
export const DEFAULTS: SplitOptions = {
  testFraction: 0.2,
  seed: 42,
  rulCap: "engine",
  features: "rows",
  window: 1,
  format: "parquet",
};

/** Loads C-MAPSS files as `deno task load` does. */
export async function load(sql: postgres.Sql, folder: string): Promise<void> {
  await using source = await openSource([folder]);
  // rules of rows are kept by made-up files, those of how many rows a published set has are not
  const options = { timeline: DEFAULT_TIMELINE, maxRul: 125, allowFailures: true };
  await loadCmapss(sql, source, options, silent);
}

/**
 * Loads a set made up for tests.
 *
 * @param train Last cycle of each train engine.
 * @param test Last cycle of each test engine; each has as many cycles left as its number. None: there is no test set.
 */
export async function loadMadeUp(
  sql: postgres.Sql,
  set: string,
  train: readonly number[],
  test: readonly number[] = [],
): Promise<void> {
  const files: Record<string, string> = { [`train_${set}.txt`]: text(lines(train)) };
  if (test.length > 0) {
    files[`test_${set}.txt`] = text(lines(test));
    files[`RUL_${set}.txt`] = text(test.map((_, i) => String(i + 1)));
  }
  await using folder = await folderWith(files);
  await load(sql, folder.path);
}
