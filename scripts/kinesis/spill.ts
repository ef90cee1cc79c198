/**
 * What a producer has taken and Kinesis has not acknowledged, on disk: nothing that `put` resolved for is lost when
 * the process is killed, and what could not be sent waits for the next run.
 *
 * Beside the spill file `PATH` itself there can be:
 *
 * - `PATH.000001`, …: journals of records that are under way, each deleted when all of its records are settled. The
 *   lowest number of a run is its spill until the run ends, which then becomes `PATH`. A run that was killed leaves
 *   all of them, and the next one sends them in the order of their numbers: nothing is missing then, and a key's
 *   records come in their order, some of them for the second time.
 * - `PATH.rejected`: records that Kinesis can never take, with the reason.
 * - `PATH.damaged`: lines that could not be read back, such as the half line of a crash in the middle of a write.
 * - `PATH.lock`: held by the process that uses these files.
 *
 * Each line is `{"partition_key":"ENGINE_001","data":"<base64>"}`.
 */

import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { CommandError } from "../cli.ts";

/** A record as a producer takes it. */
export interface StreamRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

const Line = z.object({ partition_key: z.string().min(1), data: z.base64() });

/** Bytes after which the next journal is begun: what one stuck record can keep on disk of settled ones. */
const JOURNAL_BYTES = 8 * 1024 * 1024;

/** Bytes read at a time from what an earlier run left. */
const READ_BYTES = 256 * 1024;

const NEWLINE = 10;

const encoder = new TextEncoder();

function lineOf({ partitionKey, data }: StreamRecord, reason?: string): Uint8Array {
  const why = reason === undefined ? "" : `,"reason":${JSON.stringify(reason)}`;
  // by hand: base64 has nothing to escape, and looking for it would take longer than all the rest
  return encoder.encode(
    `{"partition_key":${JSON.stringify(partitionKey)},"data":"${data.toBase64()}"${why}}\n`,
  );
}

/** A file that records are appended to; whole lines only. */
class LineFile {
  bytes = 0;
  readonly #file: Deno.FsFile;

  constructor(readonly path: string) {
    this.#file = Deno.openSync(path, { create: true, append: true });
    this.bytes = this.#file.statSync().size;
  }

  /** Appends a line; takes back what it wrote of it when the disk is full. */
  append(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) written += this.#file.writeSync(bytes.subarray(written));
    } catch (error) {
      this.#file.truncateSync(this.bytes);
      throw error;
    }
    this.bytes += bytes.length;
  }

  empty(): void {
    this.#file.truncateSync(0);
    this.bytes = 0;
  }

  sync(): void {
    this.#file.syncDataSync();
  }

  close(): void {
    this.#file.close();
  }
}

/** Names reach the disk with their folder, not with their file. */
function syncFolder(path: string): void {
  if (Deno.build.os === "windows") return; // which does not let folders be opened
  using folder = Deno.openSync(dirname(path));
  folder.syncSync();
}

/** A file whose records are under way; it goes when it is sealed and all of them are settled. */
export interface Segment {
  readonly path: string;
  /** Records in it that are not settled. */
  open: number;
  /** Nothing more will be written to it, or read from it. */
  sealed: boolean;
}

/** The files of one producer. */
export class Spill {
  readonly #path: string;
  readonly #lock: Deno.FsFile;
  readonly #left: readonly string[];
  readonly #spillNumber: number;
  #spill: LineFile | undefined;
  #spillSynced = true;
  #nextNumber: number;
  #journal: (Segment & { readonly file: LineFile }) | undefined;
  #damaged = 0;

  /**
   * Opens the files, and locks them for this process.
   *
   * @throws {CommandError} Another process has them.
   */
  constructor(path: string) {
    this.#path = resolve(path);
    Deno.mkdirSync(dirname(this.#path), { recursive: true });
    this.#lock = Deno.openSync(`${this.#path}.lock`, { create: true, write: true });
    if (!this.#lock.tryLockSync(true)) {
      this.#lock.close();
      throw new CommandError(
        `Cannot use the spill file as ${path} must belong to one process: another one is sending with it. Wait for it, or choose another --spill`,
      );
    } // the lock goes with the process, however it ends
    const numbered = this.#numbered();
    this.#left = [...exists(this.#path) ? [this.#path] : [], ...numbered.map(({ file }) => file)];
    this.#spillNumber = (numbered.at(-1)?.number ?? 0) + 1;
    this.#nextNumber = this.#spillNumber + 1;
  }

  /** Whether an earlier run has left anything. */
  get hasLeftovers(): boolean {
    return this.#left.length > 0;
  }

  /** Lines that could not be read back, and were put aside. */
  get damaged(): number {
    return this.#damaged;
  }

  #numbered(): { file: string; number: number }[] {
    const prefix = `${basename(this.#path)}.`;
    return [...Deno.readDirSync(dirname(this.#path))]
      .filter(({ name }) => name.startsWith(prefix) && /^\d{6,}$/.test(name.slice(prefix.length)))
      .map(({ name }) => ({
        file: join(dirname(this.#path), name),
        number: Number(name.slice(prefix.length)),
      }))
      .sort((a, b) => a.number - b.number);
  }

  #numberedPath(number: number): string {
    return `${this.#path}.${String(number).padStart(6, "0")}`;
  }

  /** What earlier runs have left, in the order it has to be sent. Each record is to be {@link settle}d. */
  async *leftovers(): AsyncGenerator<readonly [StreamRecord, Segment]> {
    for (const path of this.#left) {
      const segment: Segment = { path, open: 0, sealed: false };
      for await (const line of lines(path)) {
        const record = parse(line);
        if (record === undefined) this.#putAside(line);
        else {
          segment.open++;
          yield [record, segment];
        }
      }
      segment.sealed = true;
      this.#removeIfSettled(segment);
    }
  }

  #putAside(bytes: Uint8Array): void {
    this.#damaged++;
    const file = new LineFile(`${this.#path}.damaged`);
    file.append(joined([bytes, Uint8Array.of(NEWLINE)]));
    file.sync();
    file.close();
  }

  /**
   * Notes a record before it is sent. Written, but not forced to the disk, which would cost more than sending: it
   * survives the process, but the last seconds may not survive the machine's losing power.
   */
  note(record: StreamRecord): Segment {
    if (this.#journal === undefined || this.#journal.file.bytes >= JOURNAL_BYTES) {
      this.#sealJournal();
      const path = this.#numberedPath(this.#nextNumber++);
      this.#journal = { path, open: 0, sealed: false, file: new LineFile(path) };
    }
    this.#journal.file.append(lineOf(record));
    this.#journal.open++;
    return this.#journal;
  }

  #sealJournal(): void {
    if (this.#journal === undefined) return;
    this.#journal.sealed = true;
    this.#journal.file.close();
    this.#removeIfSettled(this.#journal);
    this.#journal = undefined;
  }

  /** Says that a record of the segment is acknowledged or spilled. */
  settle(segment: Segment): void {
    segment.open--;
    if (segment.sealed) this.#removeIfSettled(segment);
    else if (segment.open === 0 && segment === this.#journal) {
      this.#syncSpill();
      this.#journal.file.empty();
    }
  }

  #removeIfSettled(segment: Segment): void {
    if (segment.open > 0) return;
    this.#syncSpill(); // some of it may be there now
    Deno.removeSync(segment.path);
  }

  /** Keeps a record for the next run. {@link settle} its segment afterwards. */
  keep(record: StreamRecord): void {
    this.#spill ??= new LineFile(this.#numberedPath(this.#spillNumber));
    this.#spill.append(lineOf(record));
    this.#spillSynced = false;
  }

  #syncSpill(): void {
    if (this.#spillSynced) return;
    this.#spill!.sync();
    syncFolder(this.#path);
    this.#spillSynced = true;
  }

  /** Keeps a record that Kinesis can never take, with the reason. */
  reject(record: StreamRecord, reason: string): void {
    const file = new LineFile(`${this.#path}.rejected`);
    file.append(lineOf(record, reason));
    file.sync();
    file.close();
    syncFolder(this.#path);
  }

  /** Ends: what was kept is the spill file now, unless something of an earlier run is still there. */
  close(): void {
    this.#sealJournal();
    if (this.#spill !== undefined) {
      this.#syncSpill();
      this.#spill.close();
      if (!exists(this.#path)) {
        Deno.renameSync(this.#spill.path, this.#path);
        syncFolder(this.#path);
      }
    }
    this.#lock.close();
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function parse(bytes: Uint8Array): StreamRecord | undefined {
  try {
    const line = Line.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    return { partitionKey: line.partition_key, data: Uint8Array.fromBase64(line.data) };
  } catch {
    return undefined;
  }
}

/** The lines of a file, without their ends. */
async function* lines(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  let pieces: Uint8Array[] = []; // of a line that has not ended yet
  for (;;) {
    const chunk = new Uint8Array(READ_BYTES);
    const size = await file.read(chunk);
    if (size === null) break;
    let start = 0;
    for (;;) {
      const end = chunk.subarray(0, size).indexOf(NEWLINE, start);
      if (end < 0) break;
      yield joined([...pieces, chunk.subarray(start, end)]);
      pieces = [];
      start = end + 1;
    }
    if (start < size) pieces.push(chunk.subarray(start, size));
  }
  if (pieces.length > 0) yield joined(pieces); // a crash in the middle of a line
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
