/** Lineage: what was made of what, by which run, as OpenLineage tells it (openlineage.io/spec/2-0-2). */

import type postgres from "postgres";
import { VERSION } from "./version.ts";

/** Where something was read from or written to. */
export interface LineageDataset {
  /**
   * `postgres` for tables of this database, the lake's URL for its objects, `file` for files of whoever ran it. What
   * OpenLineage calls them is made of this by the SQL function openlineage_datasets.
   */
  readonly namespace: string;
  /** `public.sensor_data`, or the object's key. */
  readonly name: string;
  /**
   * Facets of the dataset, by their names. Only their own members: the SQL function openlineage_facets adds who
   * produced them and which schema they keep to, and tables get their columns.
   */
  readonly facets?: Readonly<Record<string, unknown>>;
  /** Facets of the dataset as this run read it (`dataQualityAssertions`). */
  readonly inputFacets?: Readonly<Record<string, unknown>>;
  /** Facets of the dataset as this run wrote it (`outputStatistics`). */
  readonly outputFacets?: Readonly<Record<string, unknown>>;
}

/** What a run has to say of itself when it begins or ends. */
export interface LineageDetails {
  readonly inputs?: readonly LineageDataset[];
  readonly outputs?: readonly LineageDataset[];
  /** Facets of the run, by their names. */
  readonly facets?: Readonly<Record<string, unknown>>;
}

/** A run that has begun. */
export interface LineageRun {
  readonly id: string;
  /**
   * Writes that it has ended well. In the transaction of its work, both are stored together.
   *
   * @param details What it read and wrote in the end; what it said at its beginning unless given.
   */
  complete(sql: postgres.ISql, details?: LineageDetails): Promise<void>;
  /** Writes that it has failed. */
  fail(sql: postgres.ISql, error: unknown): Promise<void>;
}

async function record(
  sql: postgres.ISql,
  type: "START" | "COMPLETE" | "FAIL",
  runId: string,
  job: string,
  { inputs = [], outputs = [], facets = {} }: LineageDetails,
): Promise<void> {
  await sql`
    insert into public.lineage_events (event_type, run_id, job_name, inputs, outputs, run_facets, code_version)
    values (
      ${type}, ${runId}::uuid, ${job}, ${JSON.stringify(inputs)}::text::jsonb,
      ${JSON.stringify(outputs)}::text::jsonb, ${JSON.stringify(facets)}::text::jsonb, ${VERSION}
    )
    on conflict (run_id, event_type) do nothing`;
}

/**
 * Writes that a run has begun.
 *
 * @param job Name of what runs: `archive`, `export`, `backup`, `restore`, `load`, `report`.
 */
export async function startLineage(
  sql: postgres.ISql,
  job: string,
  details: LineageDetails = {},
): Promise<LineageRun> {
  const id = crypto.randomUUID();
  await record(sql, "START", id, job, details);
  return {
    id,
    complete: (sql, { inputs = details.inputs, outputs = details.outputs, facets } = {}) =>
      record(sql, "COMPLETE", id, job, { inputs, outputs, facets }),
    fail: (sql, error) =>
      record(sql, "FAIL", id, job, {
        inputs: details.inputs,
        outputs: details.outputs,
        facets: {
          errorMessage: {
            message: error instanceof Error ? error.message : String(error),
            programmingLanguage: "TypeScript",
          },
        },
      }),
  };
}
