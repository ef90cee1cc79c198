/** What the endpoints answer: the rows, parsed once as they come from the database. openapi.ts documents these. */

import { z } from "zod";
import { time } from "../../shared/checks.ts";

const count = z.int().min(0);
const names = z.array(z.string());
const next = z.string().nullable().describe("cursor of the next page; null when this was the last one");

/** A row of the view catalog_assets, without its columns. */
export const Asset = z.object({
  name: z.string().describe("Table or view, or prefix within the lake with a slash at its end"),
  kind: z.enum(["table", "view", "lake"]),
  description: z.string(),
  owner: z.string(),
  classification: z.enum(["public", "internal", "confidential", "restricted"]),
  quality_level: z.enum(["bronze", "silver", "gold"]),
  schema_version: z.int(),
  retention_days: z.int().nullable().describe("Null: kept for ever"),
  tags: names,
  sources: names.describe("What it is made of; what is no asset begins with outside:"),
  transforms: names.describe("What makes it"),
  consumers: names.describe("Who reads it, besides the assets in downstream"),
  downstream: names.describe("Assets that are made of it"),
  approximate_rows: count.nullable(),
  objects: count.nullable().describe("Of a prefix of the lake: objects below it"),
  bytes: count.nullable().describe("Of a prefix of the lake: their bytes"),
  last_change: time.nullable().describe("When something in it last changed, where that is known"),
  updated_at: time.describe("When its entry in the catalogue was last changed"),
});

/** A column as it is in the live database. */
export const Column = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  description: z.string().nullable(),
});

/** A row of the view asset_schema_changes. */
export const SchemaChange = z.object({
  column_name: z.string(),
  change: z.enum(["added", "removed", "type changed", "nullability changed"]),
  recorded: z.string().nullable(),
  live: z.string().nullable(),
});

/** A row of asset_schemas. */
export const SchemaVersion = z.object({ version: z.int(), recorded_at: time });

/** An asset with its columns. */
export const AssetWithColumns = Asset.extend({
  columns: z.array(Column).nullable().describe("As they are now; null for prefixes of the lake"),
});

const Dataset = z.object({
  namespace: z.string(),
  name: z.string(),
  inputFacets: z.record(z.string(), z.unknown()).optional().describe("spool_part says which part of it"),
});

/** A row of find_lineage. */
export const PlacedEvent = z.object({
  place: z.string(),
  event: z.record(z.string(), z.unknown()).describe(
    "Run event: https://openlineage.io/spec/2-0-2/OpenLineage.json",
  ),
});

/** Where a batch came from. */
const origin = {
  source: z.string().nullable().describe("Door it came through"),
  reference: z.string().nullable().describe("What it was there"),
  input: Dataset.nullable().describe("reference as a dataset: the file, the stream, the requests"),
  code_version: z.string().nullable().describe("Version of Spool that stored it"),
  received_at: time.nullable(),
};

/** A row of reading_lineage. */
export const ReadingLineage = z.object({
  reading_timestamp: time,
  in_postgres: z.boolean().describe(
    "False: it is not, or no longer, in Postgres, and only the lake can tell whether it was",
  ),
  batch_id: z.guid().nullable(),
  ...origin,
  lake_key: z.string().nullable().describe("Object of the lake that its day is in"),
  in_lake_object: z.boolean().nullable().describe("Whether the object was written since the batch came"),
  check_runs: z.array(z.object({
    id: z.int(),
    window_start: time,
    as_of: time,
    finished_at: time,
    passed: count,
    warned: count,
    failed: count,
  })).describe("Runs of the checks that looked at it, latest first; at most 100"),
});

/** A row of lake_objects. */
export const LakeObject = z.object({
  key: z.string(),
  kind: z.string(),
  day: z.string().nullable().describe("Day that it is about (UTC)"),
  day_version: z.int().nullable(),
  row_count: count.nullable(),
  row_digest: z.string().nullable(),
  bytes: count,
  sha256: z.string(),
  written_at: time,
  written_by: z.guid().nullable().describe("Run that wrote it"),
  verified_at: time.nullable().describe("When its content was last read back and compared"),
  fault: z.string().nullable().describe("What that comparison found"),
});

/** A batch inside an object of the lake. */
export const HeldBatch = z.object({
  batch_id: z.guid(),
  row_count: count.describe("How many of its readings are in the object"),
  ...origin,
});

const node = z.object({
  id: z.string(),
  type: z.enum(["dataset", "job"]),
  name: z.string(),
  kind: z.string().describe("table, view, lake; outside: no asset"),
  classification: z.string().nullable(),
});
const edge = z.object({
  from: z.string().describe("id of a node"),
  to: z.string().describe("id of a node"),
  declared: z.boolean().describe("Whether the catalogue says so"),
  runs: count.describe("How many runs have taken it"),
  last_run_at: time.nullable(),
});

/** The answers. */
export const Answer = {
  assets: z.object({ assets: z.array(Asset) }),
  asset: z.object({
    asset: AssetWithColumns,
    schema_versions: z.array(SchemaVersion).describe("Latest first"),
    schema_changes: z.array(SchemaChange).describe("Columns that changed without a new schema_version"),
  }),
  lineage: z.object({ events: z.array(PlacedEvent.shape.event), next }),
  readings: z.object({ readings: z.array(ReadingLineage) }),
  graph: z.object({ nodes: z.array(node), edges: z.array(edge) }),
  lake: z.object({ objects: z.array(LakeObject), next }),
  object: LakeObject.extend({ batches: z.array(HeldBatch) }),
} as const;
