/** Writing the rows of a snapshot into the lake. */

import { availableParallelism } from "node:os";
import { backupPrefix } from "../../shared/lake/keys.ts";
import type { Lake } from "../../shared/lake/lake.ts";
import type { Stage } from "../progress.ts";
import type { StoredTable } from "./catalog.ts";
import { Compressor } from "./compressor.ts";
import { SnapshotReader } from "./copy_out.ts";
import type { BackupPart, BackupTable } from "./manifest.ts";
import { pieces } from "./pieces.ts";
import type { Snapshot } from "./snapshot.ts";

/** Tables that are read at once, at most: each takes a session, a thread that compresses, and 64 MB. */
const MOST_AT_ONCE = 4;

/** Where the parts of one run are, below the folder of the date. */
interface Destination {
  readonly lake: Lake;
  readonly date: string;
  /** Folder of the run. */
  readonly run: string;
}

/** Writes one table. While a piece is compressed and written, the next one is read. */
async function writeTable(
  reader: SnapshotReader,
  table: StoredTable,
  { lake, date, run }: Destination,
  compressor: Compressor,
  stage: Stage,
  signal: AbortSignal,
): Promise<BackupTable> {
  const parts: BackupPart[] = [];
  const write = async (piece: Uint8Array<ArrayBuffer>, number: number) => {
    const textBytes = piece.length;
    const { content, rows } = await compressor.compress(piece);
    // a table's name may have any character, a key may not
    const file = `${table.schema}.${encodeURIComponent(table.name)}.${
      String(number).padStart(5, "0")
    }.copy.zst`;
    const path = `${run}/${file}`;
    const { bytes, sha256 } = await lake.put(`${backupPrefix(date)}${path}`, content);
    parts.push({ path, bytes, sha256, rows, text_bytes: textBytes });
    stage.advance(rows, table.name);
  };

  let number = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const piece of pieces(reader.rows(table))) {
      await writing;
      signal.throwIfAborted();
      writing = write(piece, ++number);
      writing.catch(() => {}); // it is awaited below, perhaps after something else has failed
    }
  } finally {
    await writing;
  }
  return {
    schema: table.schema,
    name: table.name,
    partition_of: table.partitionOf,
    columns: table.columns.map(({ name, type }) => ({ name, type })),
    parts,
  };
}

/**
 * Writes all tables, some at once, the largest first. When one fails, the others stop, and it returns only when
 * nothing is written any more.
 *
 * @param url Of the database.
 * @returns In the order of the snapshot.
 */
export async function writeParts(
  url: string,
  snapshot: Snapshot,
  destination: Destination,
  stage: Stage,
): Promise<BackupTable[]> {
  const waiting = snapshot.tables.toSorted((a, b) => b.bytes - a.bytes);
  const written = new Map<StoredTable, BackupTable>();
  const failure = new AbortController();
  const lane = async () => {
    await using reader = new SnapshotReader(url, snapshot.id);
    using compressor = new Compressor();
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      failure.signal.throwIfAborted();
      written.set(
        table,
        await writeTable(reader, table, destination, compressor, stage, failure.signal),
      );
    }
  };
  const lanes = Array.from({ length: Math.min(MOST_AT_ONCE, availableParallelism()) }, async () => {
    try {
      await lane();
    } catch (error) {
      failure.abort(error); // keeps the first
    }
  });
  await Promise.all(lanes);
  failure.signal.throwIfAborted();
  return snapshot.tables.map((table) => written.get(table)!);
}
