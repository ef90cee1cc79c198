/** The rules as suites of Great Expectations in the lake, one a set of engines. */

import { createHash } from "node:crypto";
import type postgres from "postgres";
import { exportExpectationSuite } from "../expectations.ts";
import { suiteKey } from "../lake/keys.ts";
import type { Lake, WrittenObject } from "../lake/lake.ts";
import { forgetLakeObjects, recordLakeObject } from "../lake/listing.ts";

/** What became of the suites. Names as they are printed with --json. */
export interface SuiteCounts {
  readonly written: number;
  readonly unchanged: number;
  /** Of sets of engines that have no rules any more. */
  readonly removed: number;
}

/** A suite that has been written. */
export interface WrittenSuite extends WrittenObject {
  readonly dataset: string | null;
}

/** The name of the suite with the rules for every engine. */
const EVERY_ENGINE = "every_engine";

/** Where the suite of a set of engines is. Its name may hold what a key cannot, and may be the one above. */
export function keyOf(dataset: string | null): string {
  if (dataset === null) return suiteKey(EVERY_ENGINE);
  if (dataset === EVERY_ENGINE) return suiteKey(EVERY_ENGINE.replace("_", "%5F"));
  return suiteKey(encodeURIComponent(dataset).replace(/^\./, "%2E"));
}

/**
 * Writes the suites that are not in the lake as they are now, and removes those of sets without rules.
 *
 * @param runId Run that writes them; `LineageRun.id`.
 */
export async function storeSuites(
  sql: postgres.Sql,
  lake: Lake,
  runId: string,
): Promise<{ readonly counts: SuiteCounts; readonly written: readonly WrittenSuite[] }> {
  const datasets = await sql<{ dataset: string | null }[]>`
    select distinct dataset from public.expectations order by dataset nulls first`;
  const listed = new Map(
    (await sql<{ key: string; sha256: string }[]>`
      select key, sha256 from public.lake_objects where kind = 'expectations'`)
      .map(({ key, sha256 }) => [key, sha256]),
  );
  const written: WrittenSuite[] = [];
  for (const { dataset } of datasets) {
    const key = keyOf(dataset);
    const content = new TextEncoder().encode(`${await exportExpectationSuite(sql, dataset)}\n`);
    const isThere = listed.get(key) === createHash("sha256").update(content).digest("hex") &&
      (await lake.stat(key))?.bytes === content.length;
    listed.delete(key);
    if (isThere) continue;
    const object = await lake.put(key, content);
    await recordLakeObject(sql, object, { kind: "expectations", writtenBy: runId });
    written.push({ ...object, dataset });
  }
  const gone = [...listed.keys()];
  await forgetLakeObjects(sql, gone);
  for (const key of gone) await lake.remove(key);
  return {
    counts: { written: written.length, unchanged: datasets.length - written.length, removed: gone.length },
    written,
  };
}
