/** Reading the lake back, and comparing it with what is listed. */

import { createHash } from "node:crypto";
import { type AsyncBuffer, parquetMetadataAsync } from "hyparquet";
import type postgres from "postgres";
import { type Lake, LakeError, MissingObjectError } from "./lake.ts";
import { noteLakeVerification } from "./listing.ts";

/** What an object should be, as it is listed. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Rows of a Parquet file; null for what has none. */
  readonly rowCount: number | null;
}

/** Objects by what was found. */
export interface VerifyCounts {
  /** As they are listed. */
  verified: number;
  /** Not as they are listed. */
  faulty: number;
  /** Listed anew while they were read: the next time tells. */
  changed: number;
  /** Not looked at, for lack of time. */
  left: number;
  /** Bytes that were read. */
  bytes: number;
}

/** ms after which no further object is begun: a task of the worker has 90 s at least, and the last one takes its time. */
const BUDGET_MS = 45_000;

/** Objects larger than this come after all others: at 10 MB/s one takes the rest of those 90 s. */
const LARGE_BYTES = 400 * 1024 * 1024;

/** Objects that are looked up at once; more than a budget is enough for. */
const MOST_OBJECTS = 5000;

/**
 * Reads an object back whole, bit by bit, and compares it with its listing. A Parquet file is asked for its footer,
 * too: it must be one, and hold as many rows.
 *
 * @returns What does not fit, and how much was read; no fault when all fits.
 * @throws {LakeError} When the lake cannot be read, which says nothing about the object.
 * @throws The signal's reason, when it aborts.
 */
export async function compareObject(
  lake: Lake,
  object: ListedObject,
  signal?: AbortSignal,
): Promise<{ readonly fault?: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of await lake.stream(object.key)) {
      signal?.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
    }
    if (bytes !== object.bytes) return { fault: `other size: ${bytes} of ${object.bytes} bytes`, bytes };
    const sha256 = hash.digest("hex");
    if (sha256 !== object.sha256) {
      return { fault: `other checksum: ${sha256}, and not ${object.sha256}`, bytes };
    }
    return { fault: await parquetFault(lake, object), bytes };
  } catch (error) {
    if (error instanceof MissingObjectError) return { fault: "missing", bytes };
    throw error;
  }
}

async function parquetFault(
  lake: Lake,
  { key, bytes, rowCount }: ListedObject,
): Promise<string | undefined> {
  if (!key.endsWith(".parquet") || rowCount === null) return undefined;
  let rows: bigint;
  try {
    ({ num_rows: rows } = await parquetMetadataAsync(asyncBuffer(lake, key, bytes)));
  } catch (error) {
    if (error instanceof LakeError || error instanceof MissingObjectError) throw error;
    return `not Parquet: ${(error as Error).message}`;
  }
  return rows === BigInt(rowCount) ? undefined : `other row count: ${rows} of ${rowCount}`;
}

/** An object as hyparquet reads it: piece by piece. */
export function asyncBuffer(lake: Lake, key: string, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const piece = new Uint8Array(end - start);
      let filled = 0;
      for await (const chunk of await lake.stream(key, start)) {
        const part = chunk.subarray(0, piece.length - filled);
        piece.set(part, filled);
        filled += part.length;
        if (filled === piece.length) break; // which cancels the rest
      }
      return piece.buffer.slice(0, filled);
    },
  };
}

/**
 * Reads objects back, the most urgent first, until all are read or the time is over; notes what was found, and opens
 * and resolves alerts by it.
 *
 * @param options.signal Ends it; what was noted stays.
 * @param options.budgetMs How long to begin objects; 45 s unless given.
 * @param options.asOf The moment it is about; now unless given. What was read since then is not read again.
 * @throws {LakeError} When something could not be read, after all else was. It says nothing about an object.
 */
export async function verifyLake(
  sql: postgres.Sql,
  lake: Lake,
  { signal, budgetMs = BUDGET_MS, asOf = new Date() }: {
    readonly signal?: AbortSignal;
    readonly budgetMs?: number;
    readonly asOf?: Date;
  } = {},
): Promise<VerifyCounts> {
  const end = performance.now() + budgetMs;
  const at = asOf.toISOString();
  const objects = await sql`
    select key, bytes::float8, sha256, row_count::float8
    from public.lake_objects_to_verify(${LARGE_BYTES}, ${at}::timestamptz)
    limit ${MOST_OBJECTS}`;
  const counts = { verified: 0, faulty: 0, changed: 0, left: objects.length, bytes: 0 };
  let failure: LakeError | undefined;
  for (const { row_count: rowCount, ...rest } of objects) {
    if (performance.now() >= end || signal?.aborted) break;
    const object = { ...rest, rowCount } as ListedObject;
    try {
      const { fault, bytes } = await compareObject(lake, object, signal);
      counts.bytes += bytes;
      const noted = await noteLakeVerification(sql, object, fault, asOf);
      counts[!noted ? "changed" : fault === undefined ? "verified" : "faulty"]++;
      counts.left--;
    } catch (error) {
      if (signal?.aborted) break;
      if (!(error instanceof LakeError)) throw error;
      failure ??= error;
      if (error.transient) break; // it is the lake, and the others would fail as well
    }
  }
  await sql`select public.observe_lake_objects(${at}::timestamptz, ${at}::timestamptz)`;
  if (failure !== undefined) throw failure;
  return counts;
}
