/** The listing of the lake in the database: what is said to be where, and what was found when it was looked at. */

import type postgres from "postgres";
import type { WrittenObject } from "./lake.ts";

/** What an object holds; `lake_objects` and its comments tell more. */
export type LakeContent =
  & {
    /** Rows in it; none for what has no rows. */
    readonly rowCount?: number;
    /** Which batches its rows are of, and how many of each. */
    readonly batches?: readonly { readonly batchId: string; readonly rowCount: number }[];
    /** Run that wrote it; `LineageRun.id`. */
    readonly writtenBy?: string;
  }
  & (
    | {
      readonly kind: "sensor_data";
      /** UTC day, `2024-01-31`. */
      readonly day: string;
      /** `sensor_data_days.version` that it holds. */
      readonly dayVersion: number;
      readonly rowCount: number;
      /** `sensor_data_digest` of its rows. */
      readonly rowDigest: string;
    }
    | { readonly kind: "split" | "expectations" | "report" | "backup"; readonly day?: string }
  );

/**
 * Lists an object that has just been written, in place of what was said of its key before. Nothing has verified it yet.
 *
 * @param sql A connection, or a transaction of {@link transaction} that writes more with it.
 * @param asOf When; now unless given.
 */
export async function recordLakeObject(
  sql: postgres.ISql,
  object: WrittenObject,
  content: LakeContent,
  asOf?: Date,
): Promise<void> {
  const { kind, day, rowCount, writtenBy, batches = [] } = content;
  const of = content.kind === "sensor_data" ? content : undefined;
  const listed = batches.map(({ batchId, rowCount }) => ({ batch_id: batchId, row_count: rowCount }));
  await sql`
    select public.record_lake_object(
      key => ${object.key},
      kind => ${kind},
      bytes => ${object.bytes},
      sha256 => ${object.sha256},
      day => ${day ?? null}::date,
      day_version => ${of?.dayVersion ?? null},
      row_count => ${rowCount ?? null},
      row_digest => ${of?.rowDigest ?? null},
      batches => ${JSON.stringify(listed)}::text::jsonb,
      written_by => ${writtenBy ?? null}::uuid,
      as_of => coalesce(${asOf?.toISOString() ?? null}::timestamptz, now())
    )`;
}

/**
 * Writes down what a look at an object has found, unless it was listed anew since it was looked up.
 *
 * @param object As it was listed when it was looked up.
 * @param fault What does not fit; undefined when it is whole.
 * @returns Whether it was written down.
 */
export async function noteLakeVerification(
  sql: postgres.ISql,
  object: { readonly key: string; readonly sha256: string },
  fault: string | undefined,
  asOf?: Date,
): Promise<boolean> {
  const [{ noted }] = await sql`
    select public.note_lake_verification(
      ${object.key}, ${object.sha256}, ${fault ?? null}, coalesce(${
    asOf?.toISOString() ?? null
  }::timestamptz, now())
    ) as noted`;
  return noted;
}

/**
 * Takes objects off the listing, before they are removed from the lake: what is there and not listed does no harm, and
 * what is listed and not there is a fault.
 *
 * @returns How many were listed.
 */
export async function forgetLakeObjects(sql: postgres.ISql, keys: readonly string[]): Promise<number> {
  const [{ forgotten }] = await sql`
    select public.forget_lake_objects(${keys as string[]}::text[]) as forgotten`;
  return forgotten;
}
