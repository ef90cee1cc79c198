/** One UTC day of readings, from Postgres into the lake. */

import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import type postgres from "postgres";
import { transaction } from "../database.ts";
import { dayKey } from "../lake/keys.ts";
import type { Lake, WrittenObject } from "../lake/lake.ts";
import { recordLakeObject } from "../lake/listing.ts";
import { ParquetFile } from "../lake/parquet.ts";
import { type LineageDataset, type LineageRun, startLineage } from "../lineage.ts";
import { CopyDecoder } from "./copy_decoder.ts";
import { DaySnapshot } from "./day_snapshot.ts";
import { ARCHIVE_COLUMNS, ReadingGroup } from "./reading_group.ts";

/** Counts the changes of the file's columns; stands in each file's footer. */
export const ARCHIVE_SCHEMA_VERSION = 1;

/** Readings of a row group. */
const GROUP_ROWS = 100_000;

/** How often a day is looked at anew that another session has archived in between. */
const ATTEMPTS = 3;

/** What was done about a day. */
export type ArchivedDay =
  | { readonly day: string; readonly outcome: "written"; readonly rows: number; readonly bytes: number }
  /** The lake has these readings already. */
  | { readonly day: string; readonly outcome: "unchanged"; readonly rows: number }
  /** It has no readings any more, so there is nothing to write; what the lake has stays. */
  | { readonly day: string; readonly outcome: "empty" }
  /** Another session archives it. */
  | { readonly day: string; readonly outcome: "busy" }
  /** It has more readings than may be written here. */
  | { readonly day: string; readonly outcome: "too_large"; readonly rows: number };

export interface ArchiveDayOptions {
  /** Writes it also where the lake has it already. */
  readonly force?: boolean;
  /** Most readings to write; all unless given. */
  readonly mostRows?: number;
  /** Is told how many more readings were written. */
  readonly onRows?: (rows: number) => void;
  /** Ends it: nothing is written then. */
  readonly signal?: AbortSignal;
}

/** What the listing says of a day. */
interface Listed {
  readonly version: number;
  readonly bytes: number;
  readonly digest: string;
  readonly whole: boolean;
}

async function listed(sql: postgres.Sql, key: string): Promise<Listed | undefined> {
  const [row] = await sql`
    select day_version::double precision as version, bytes::double precision, row_digest as digest, fault is null as whole
    from public.lake_objects where key = ${key} and kind = 'sensor_data'`;
  return row as unknown as Listed | undefined;
}

/**
 * Writes the readings of a day into the lake as Parquet, sorted by engine and time, and lists them with their version,
 * their digest and their batches. Readers see what was there before until the new file is whole.
 *
 * It can be ended at any point, and any number of sessions can do it at once: the file becomes visible before it is
 * listed, so that after a death the day counts as not archived, and whoever has the day's lock is alone from the
 * snapshot to the listing.
 *
 * @param day `2024-01-31`.
 */
export async function archiveDay(
  sql: postgres.Sql,
  lake: Lake,
  day: string,
  options: ArchiveDayOptions = {},
): Promise<ArchivedDay> {
  const key = dayKey(day);
  for (let attempt = 1;; attempt++) {
    await using snapshot = await DaySnapshot.open(sql, day);
    if (snapshot === undefined) return { day, outcome: "busy" };
    const { version } = snapshot;
    if (version === undefined) return { day, outcome: "empty" };
    const before = await listed(sql, key);
    // the snapshot is older than the lock: another session may have written a later version in between
    if (before !== undefined && before.version > version && attempt < ATTEMPTS) continue;

    const known = before?.whole && !options.force ? await snapshot.digest() : undefined;
    const rows = known?.rows ?? await snapshot.count();
    if (rows === 0) {
      await sql`select public.forget_empty_day(${day}, ${version})`;
      return { day, outcome: "empty" };
    }
    if (known !== undefined && known.digest === before?.digest) {
      const object = await lake.stat(key);
      if (object?.bytes === before.bytes) {
        const [{ kept }] = await sql`
          select public.keep_archived_day(${day}, ${version}, ${rows}, ${known.digest}) as kept`;
        if (kept) return { day, outcome: "unchanged", rows };
      }
    }
    if (rows > (options.mostRows ?? Infinity)) return { day, outcome: "too_large", rows };
    const { bytes } = await write(sql, lake, snapshot, { key, day, version, rows }, options);
    return { day, outcome: "written", rows, bytes };
  }
}

/** A day that is to be written. */
interface Work {
  readonly key: string;
  readonly day: string;
  readonly version: number;
  readonly rows: number;
}

async function write(
  sql: postgres.Sql,
  lake: Lake,
  snapshot: DaySnapshot,
  work: Work,
  { onRows, signal }: ArchiveDayOptions,
): Promise<WrittenObject> {
  const descriptions = await columnDescriptions(sql);
  const schema = { fields: schemaFields(descriptions) };
  const facets = { spool_archive: { day: work.day, version: work.version } };
  const inputs: LineageDataset[] = [{
    namespace: "postgres",
    name: "public.sensor_data",
    inputFacets: { inputStatistics: { rowCount: work.rows } },
  }];
  const run = await startLineage(sql, "archive", { inputs, facets });
  try {
    const writer = await lake.create(work.key);
    try {
      const copied = await copyInto(await snapshot.copy(), (bytes) => writer.write(bytes), {
        descriptions,
        work,
        onRows,
        signal,
      });
      const written = await writer.commit();
      await transaction(sql, async (tx) => {
        await recordLakeObject(tx, written, {
          kind: "sensor_data",
          day: work.day,
          dayVersion: work.version,
          rowCount: work.rows,
          rowDigest: copied.digest,
          batches: copied.batches,
          writtenBy: run.id,
        });
        await run.complete(tx, {
          inputs,
          outputs: [{
            namespace: lake.url,
            name: work.key,
            facets: {
              schema,
              storage: { storageLayer: new URL(lake.url).protocol.slice(0, -1), fileFormat: "parquet" },
            },
            outputFacets: { outputStatistics: { rowCount: work.rows, size: written.bytes, fileCount: 1 } },
          }],
          facets,
        });
      });
      return written;
    } finally {
      await writer.abort();
    }
  } catch (error) {
    await recordFailure(sql, run, error);
    throw error;
  }
}

/** Writes down that a run has failed, where that can still be done: why it failed matters more. */
async function recordFailure(sql: postgres.Sql, run: LineageRun, error: unknown): Promise<void> {
  try {
    await run.fail(sql, error);
  } catch {
    // the database is away; the run is left without an end, and the task or the command tells why
  }
}

/** What has been copied. */
interface Copied {
  readonly digest: string;
  readonly batches: readonly { readonly batchId: string; readonly rowCount: number }[];
}

/** Makes a Parquet file of what COPY sends. */
async function copyInto(
  stream: Readable,
  sink: (bytes: Uint8Array) => Promise<void>,
  { descriptions, work, onRows, signal }: {
    readonly descriptions: Readonly<Record<string, string>>;
    readonly work: Work;
    readonly onRows?: (rows: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Copied> {
  const decoder = new CopyDecoder();
  const group = new ReadingGroup(Math.min(GROUP_ROWS, work.rows));
  const batches = new Map<string, number>();
  const file = new ParquetFile(ARCHIVE_COLUMNS, sink, {
    "spool.schema_version": String(ARCHIVE_SCHEMA_VERSION),
    "spool.day": work.day,
    "spool.day_version": String(work.version),
    "spool.columns": JSON.stringify(descriptions),
  }, ["engine_id", "timestamp", "cycle"]);
  const writeGroup = async () => {
    signal?.throwIfAborted();
    group.batchCounts().forEach((count, place) => {
      const batch = Buffer.from(group.batches.distinct[place]).toString("hex");
      batches.set(batch, (batches.get(batch) ?? 0) + count);
    });
    await file.writeGroup(group.values());
    onRows?.(group.length);
    group.clear();
  };

  await forEachChunk(stream, (chunk) => {
    const rest = decoder.decode(chunk, group);
    if (rest === undefined && group.length < group.capacity) return undefined;
    return (async () => {
      // a chunk is no longer than what was received at once, but may hold more rows than a small group
      for (let left = rest; group.length === group.capacity;) {
        await writeGroup();
        left = left && decoder.decode(left, group);
      }
    })();
  });
  if (group.length > 0) await writeGroup();
  if (!decoder.ended || decoder.rows !== work.rows) {
    throw new Error(
      `Cannot archive ${work.day} as COPY must give its ${work.rows} readings whole: current value is ${decoder.rows}`,
    );
  }
  const digest = decoder.digest();
  await file.finish({ "spool.row_count": String(work.rows), "spool.digest": digest });
  return {
    digest,
    batches: Array.from(batches, ([hex, rowCount]) => ({
      batchId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
      rowCount,
    })),
  };
}

/**
 * Calls back with each chunk of a stream. COPY sends a chunk for each row, and an `await` for each of them would take
 * longer than all the rest: so only where the callback gives a promise does the stream wait for it.
 */
function forEachChunk(
  stream: Readable,
  take: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let busy: Promise<void> | undefined;
    const fail = (error: unknown) => {
      stream.destroy();
      reject(error);
    };
    stream.on("data", (chunk: Uint8Array) => {
      try {
        busy = take(chunk);
      } catch (error) {
        return fail(error);
      }
      if (busy === undefined) return;
      stream.pause();
      busy.then(() => stream.resume(), fail);
    });
    stream.once("end", resolve);
    stream.once("error", reject);
    stream.once(
      "close",
      () => reject(new Error("Cannot read the copied readings as their stream must end: it was closed")),
    );
  });
}

/** Meaning and unit of each column of the file, as the database describes them. */
async function columnDescriptions(sql: postgres.Sql): Promise<Readonly<Record<string, string>>> {
  const rows = await sql`
    select attname as name, col_description(attrelid, attnum) as description
    from pg_catalog.pg_attribute
    where attrelid = 'public.sensor_data'::regclass and attnum > 0 and not attisdropped
    union all
    select 'engine_id', 'Engine that was measured; engines.unit_number.'`;
  const described = new Map(rows.map(({ name, description }) => [name, description]));
  return Object.fromEntries(ARCHIVE_COLUMNS.map(({ name }) => [name, described.get(name) ?? ""]));
}

function schemaFields(descriptions: Readonly<Record<string, string>>): readonly object[] {
  return ARCHIVE_COLUMNS.map(({ name, type }) => ({ name, type, description: descriptions[name] }));
}
