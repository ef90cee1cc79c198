/** Puts records on a Kinesis stream: in full batches, in the order of each key, and nothing is dropped. */

import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { CommandError } from "../cli.ts";
import { fullJitter } from "../../shared/backoff.ts";
import { failureText, isTransientKinesisFailure } from "./failures.ts";
import { type Segment, Spill, type StreamRecord } from "./spill.ts";

export type { StreamRecord } from "./spill.ts";

/** Most records of one PutRecords request. */
const REQUEST_RECORDS = 500;

/** Most bytes of one PutRecords request, data and keys; 5 MiB until October 2025. */
const REQUEST_BYTES = 10 * 1024 * 1024;

/** Most bytes of one record, data and key: what every stream takes unless its maximum record size was raised. */
const RECORD_BYTES = 1024 * 1024;

/** Most characters of a partition key. */
const KEY_CHARACTERS = 256;

/** ms; a shard that is throttled has room again within the second. */
const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 10_000;

export interface ProducerOptions {
  /** Tries each request once: see client.ts. */
  readonly client: KinesisClient;
  /** Name of the stream. */
  readonly stream: string;
  /** Path of the spill file; see spill.ts. */
  readonly spill: string;
  /** How long a record may wait for others of its request; 100 ms unless given. */
  readonly lingerMs?: number;
  /** Most bytes of records that are not settled; 16 MiB unless given. */
  readonly maxBufferedBytes?: number;
  /** Requests under way at a time; 4 unless given. */
  readonly concurrency?: number;
  /** How long a record is tried for before it is left to the next run; 5 minutes unless given. */
  readonly retryBudgetMs?: number;
  /** How long {@link Producer.close} goes on sending; 10 s unless given. */
  readonly closeWithinMs?: number;
  /** Told, in a sentence, of what a person should hear of while it goes on. */
  readonly onWarning?: (message: string) => void;
}

/** What became of the records so far. */
export interface ProducerCounts {
  /** Acknowledged by Kinesis. */
  readonly sent: number;
  /** Of those sent: left by an earlier run. */
  readonly recovered: number;
  /** Sent again after a failure, each time counted. */
  readonly retried: number;
  /** Not sent, and in the spill file for the next run. */
  readonly spilled: number;
  /** Refused by {@link Producer.put}, and kept beside the spill file with the reason. */
  readonly rejected: number;
  /** Lines of an earlier run's files that could not be read back, and are kept beside the spill file. */
  readonly damaged: number;
  /** Requests that were answered or given up. */
  readonly requests: number;
  /** Records that are neither sent nor spilled yet. */
  readonly buffered: number;
}

export interface ProducerReport extends ProducerCounts {
  /** Why it stopped sending before the end; null when it did not. */
  readonly failure: string | null;
}

/** A record that Kinesis can never take. */
export class RecordRejected extends Error {
  override readonly name = "RecordRejected";
}

/** A record on its way. */
interface Pending {
  readonly record: StreamRecord;
  readonly bytes: number;
  /** When it was put, from `performance.now()`. */
  readonly at: number;
  readonly epoch: Epoch;
  readonly recovered: boolean;
  /** Where it is noted on disk. */
  segment: Segment;
}

/** The records of one key, in their order. Only the first one is ever on its way. */
interface Lane {
  readonly key: string;
  readonly queue: Pending[];
  /** Failures of the first record in a row, and since when. */
  failures: number;
  failingSince: number | undefined;
  retryTimer: ReturnType<typeof setTimeout> | undefined;
}

/** What was put between two flushes. */
interface Epoch {
  open: number;
  /** Settles when everything put in it and before is settled. */
  readonly settled: PromiseWithResolvers<void>;
  closed: boolean;
}

/** A put that waits for room. */
interface Waiting {
  readonly record: StreamRecord;
  readonly bytes: number;
  readonly epoch: Epoch;
  readonly taken: PromiseWithResolvers<void>;
}

const encoder = new TextEncoder();

/**
 * Sends records to a stream.
 *
 * - **Order**: a record is not sent while an earlier one of its partition key is unacknowledged. PutRecords keeps no
 *   order within a request, and takes some records while it refuses others, so a request has at most one record
 *   of each key; keys that fail wait by themselves.
 * - **Nothing is lost**: a record is noted on disk before {@link put} resolves, until Kinesis has acknowledged it.
 *   What was not sent when the process ended, however it ended, is sent first by the next one with the same spill
 *   file; puts wait for that.
 * - **Repetitions** are possible: when an acknowledgement is lost, or the process is killed, the same record is sent
 *   again. The intake takes a reading once, by its engine, timestamp and cycle.
 *
 * @example
 * ```ts
 * import { join } from "node:path";
 * import { startLocalKinesis } from "./local.ts";
 * import { Producer } from "./producer.ts";
 * import assert from "node:assert/strict";
 *
 * await using kinesis = await startLocalKinesis();
 * await kinesis.createStream("readings", 1);
 * const spill = join(await Deno.makeTempDir(), "readings.spill");
 * const producer = new Producer({ client: kinesis.client, stream: "readings", spill });
 * await producer.put({ partitionKey: "ENGINE_001", data: new TextEncoder().encode('{"engine_id":"ENGINE_001"}') });
 * const { sent, spilled } = await producer.close();
 * assert.deepEqual({ sent, spilled }, { sent: 1, spilled: 0 });
 * ```
 */
export class Producer {
  readonly #client: KinesisClient;
  readonly #stream: string;
  readonly #spill: Spill;
  readonly #lingerMs: number;
  readonly #maxBufferedBytes: number;
  readonly #concurrency: number;
  readonly #retryBudgetMs: number;
  readonly #closeWithinMs: number;
  readonly #warn: (message: string) => void;

  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose first record can be sent now. */
  readonly #ready = new Set<Lane>();
  /** Keys of which a record was left to the next run: all their later ones have to follow it there. */
  readonly #leftKeys = new Set<string>();
  readonly #waiting: Waiting[] = [];
  #epoch: Epoch;
  #flushes = 0;
  #lastFlush: Promise<void> = Promise.resolve();

  #takenInARow = 0;
  #bufferedBytes = 0;
  #buffered = 0;
  #inFlight = 0;
  /** When the next request is due, from `performance.now()`, and the timer that waits for it. */
  #dueAt = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #pausedUntil = 0;
  #requestFailures = 0;
  #outageSince: number | undefined;

  #recovering: boolean;
  #room = Promise.withResolvers<void>();
  /** Nothing is sent any more: what is left goes to the spill file. */
  #giveUp = false;
  #failure: Error | undefined;
  #closing: Promise<ProducerReport> | undefined;

  #sent = 0;
  #recovered = 0;
  #retried = 0;
  #spilled = 0;
  #rejected = 0;
  #requests = 0;

  /** @throws {CommandError} Another process uses the spill file. */
  constructor(options: ProducerOptions) {
    this.#client = options.client;
    this.#stream = options.stream;
    this.#lingerMs = options.lingerMs ?? 100;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 16 * 1024 * 1024;
    this.#concurrency = options.concurrency ?? 4;
    this.#retryBudgetMs = options.retryBudgetMs ?? 5 * 60_000;
    this.#closeWithinMs = options.closeWithinMs ?? 10_000;
    this.#warn = options.onWarning ?? (() => {});
    this.#epoch = newEpoch();
    this.#spill = new Spill(options.spill);
    this.#recovering = this.#spill.hasLeftovers;
    if (this.#recovering) this.#recover();
  }

  /** What became of the records so far. */
  get counts(): ProducerCounts {
    return {
      sent: this.#sent,
      recovered: this.#recovered,
      retried: this.#retried,
      spilled: this.#spilled,
      rejected: this.#rejected,
      damaged: this.#spill.damaged,
      requests: this.#requests,
      buffered: this.#buffered + this.#waiting.length,
    };
  }

  /**
   * Takes a record; waits while the buffer is full, and while what an earlier run left is being taken.
   *
   * Once it has resolved, the record will be sent by this process or by the next one with the same spill file. Calls
   * need not be awaited one by one: records are taken in the order of the calls. The data is not copied, and must
   * not be changed afterwards.
   *
   * @throws {RecordRejected} Kinesis can never take it: larger than 1 MiB with its key, or no valid key. It is
   *   kept in `SPILL.rejected`.
   * @throws {CommandError} The producer has stopped, because of a failure that needs a person. The caller still has
   *   the record; everything taken before is in the spill file.
   */
  async put(record: StreamRecord): Promise<void> {
    if (this.#closing !== undefined) {
      throw new CommandError("Cannot take a record as the producer must be open: it has been closed");
    }
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = record.data.length + encoder.encode(record.partitionKey).length;
    this.#requireSendable(record, bytes);
    const epoch = this.#epoch;
    if (!this.#recovering && this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#take(record, bytes, epoch);
      // A caller that does nothing else would keep the event loop, and nothing would be sent before the buffer is full
      if (++this.#takenInARow % REQUEST_RECORDS === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      return;
    }
    epoch.open++;
    const waiting = { record, bytes, epoch, taken: Promise.withResolvers<void>() };
    this.#waiting.push(waiting);
    this.#pump(); // a full buffer is no time to linger
    await waiting.taken.promise;
  }

  #requireSendable(record: StreamRecord, bytes: number): void {
    const { partitionKey: key } = record;
    const characters = key.length <= KEY_CHARACTERS ? key.length : [...key].length;
    const reason = characters < 1 || characters > KEY_CHARACTERS
      ? `Cannot send a record as its partition key must have 1 to ${KEY_CHARACTERS} characters: current value has ${characters}`
      : bytes > RECORD_BYTES
      ? `Cannot send a record as it must be at most ${RECORD_BYTES} bytes with its key: current value is ${bytes}`
      : undefined;
    if (reason === undefined) return;
    this.#spill.reject(record, reason);
    this.#rejected++;
    throw new RecordRejected(reason);
  }

  #fits(bytes: number): boolean {
    return this.#buffered === 0 || this.#bufferedBytes + bytes <= this.#maxBufferedBytes;
  }

  /** Takes a record into the buffer, or straight to the spill file where it would only have to follow. */
  #take(record: StreamRecord, bytes: number, epoch: Epoch, from?: Segment): void {
    // behind a record that is still on its way it waits for that one's end, and is left after it
    const follows = this.#leftKeys.has(record.partitionKey);
    if (follows || (this.#giveUp && !this.#lanes.has(record.partitionKey))) {
      this.#spill.keep(record);
      this.#spilled++;
      if (from !== undefined) this.#spill.settle(from);
      return;
    }
    const segment = from ?? this.#spill.note(record);
    const pending = { record, bytes, at: performance.now(), epoch, recovered: from !== undefined, segment };
    epoch.open++;
    this.#buffered++;
    this.#bufferedBytes += bytes;
    let lane = this.#lanes.get(record.partitionKey);
    if (lane === undefined) {
      lane = {
        key: record.partitionKey,
        queue: [],
        failures: 0,
        failingSince: undefined,
        retryTimer: undefined,
      };
      this.#lanes.set(lane.key, lane);
    }
    lane.queue.push(pending);
    if (lane.queue.length === 1) this.#makeReady(lane);
  }

  /** Takes what earlier runs left, before anything new. */
  async #recover(): Promise<void> {
    const epoch = this.#epoch;
    epoch.open++; // so that whoever flushes waits for all of them
    let records = 0;
    try {
      for await (const [record, segment] of this.#spill.leftovers()) {
        const bytes = record.data.length + encoder.encode(record.partitionKey).length;
        while (!this.#giveUp && !this.#fits(bytes)) {
          this.#pump();
          await this.#room.promise;
        }
        this.#take(record, bytes, epoch, segment);
        records++;
      }
    } catch (error) {
      this.#stop(error); // a disk that cannot be read, or is full
    }
    if (this.#spill.damaged > 0) {
      this.#warn(
        `${this.#spill.damaged} lines of the spill file cannot be read, and are kept in its .damaged`,
      );
    }
    if (records > 0) this.#warn(`${records} records of an earlier run are sent first`);
    this.#recovering = false;
    this.#leaveEpoch(epoch);
    this.#admit();
  }

  /** Lets those in that wait for room, in their order. */
  #admit(): void {
    if (this.#recovering) return;
    while (this.#waiting.length > 0 && (this.#giveUp || this.#fits(this.#waiting[0].bytes))) {
      const { record, bytes, epoch, taken } = this.#waiting.shift()!;
      try {
        if (this.#failure !== undefined) throw this.#failure;
        this.#take(record, bytes, epoch);
        taken.resolve();
      } catch (error) {
        taken.reject(error);
      }
      this.#leaveEpoch(epoch);
    }
  }

  #makeReady(lane: Lane): void {
    this.#ready.add(lane);
    this.#dueAt = Math.min(this.#dueAt, lane.queue[0].at + (this.#flushes > 0 ? 0 : this.#lingerMs));
    if (this.#ready.size >= REQUEST_RECORDS) this.#pump();
    else this.#schedule();
  }

  #schedule(): void {
    const at = Math.max(this.#dueAt, this.#pausedUntil);
    if (at >= this.#timerAt || this.#inFlight >= this.#concurrency) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#pump();
    }, Math.max(at - performance.now(), 0));
  }

  /** Sends what is to be sent now. */
  #pump(): void {
    const now = performance.now();
    while (
      this.#inFlight < this.#concurrency && this.#ready.size > 0 && now >= this.#pausedUntil &&
      (this.#ready.size >= REQUEST_RECORDS || now >= this.#dueAt || this.#flushes > 0 || this.#isFull())
    ) this.#send(this.#nextBatch());
    if (this.#ready.size === 0) this.#dueAt = Infinity;
    this.#schedule();
  }

  #isFull(): boolean {
    return this.#waiting.length > 0 || this.#recovering;
  }

  /** The first records of as many lanes as a request has room for. */
  #nextBatch(): Lane[] {
    const batch: Lane[] = [];
    let bytes = 0;
    for (const lane of this.#ready) {
      bytes += lane.queue[0].bytes;
      if (batch.length === REQUEST_RECORDS || bytes > REQUEST_BYTES) break;
      this.#ready.delete(lane);
      batch.push(lane);
    }
    return batch;
  }

  async #send(batch: Lane[]): Promise<void> {
    this.#inFlight++;
    try {
      const { Records: results } = await this.#client.send(
        new PutRecordsCommand({
          StreamName: this.#stream,
          Records: batch.map(({ queue: [{ record }] }) => ({
            PartitionKey: record.partitionKey,
            Data: record.data,
          })),
        }),
      );
      if (results?.length !== batch.length) {
        throw new SyntaxError(`the answer has ${results?.length ?? 0} results for ${batch.length} records`);
      }
      this.#requestFailures = 0;
      this.#outageSince = undefined;
      // answers are in the order of the request
      for (const [i, { ErrorCode: code, SequenceNumber: sequenceNumber }] of results.entries()) {
        if (code === undefined && sequenceNumber !== undefined) this.#acknowledge(batch[i]);
        else this.#retryLane(batch[i]);
      }
    } catch (error) {
      if (isTransientKinesisFailure(error)) this.#retryBatch(batch, error);
      else this.#stop(error, batch);
    }
    this.#inFlight--;
    this.#requests++;
    this.#admit();
    this.#pump();
  }

  #acknowledge(lane: Lane): void {
    lane.failures = 0;
    lane.failingSince = undefined;
    const pending = lane.queue.shift()!;
    this.#sent++;
    if (pending.recovered) this.#recovered++;
    if (lane.queue.length > 0) this.#requeue(lane);
    else this.#lanes.delete(lane.key);
    this.#settle(pending);
  }

  /** Back in line; unless nothing is sent any more. */
  #requeue(lane: Lane): void {
    if (this.#giveUp) this.#leave(lane);
    else this.#makeReady(lane);
  }

  #settle(pending: Pending): void {
    this.#buffered--;
    this.#bufferedBytes -= pending.bytes;
    this.#spill.settle(pending.segment);
    this.#leaveEpoch(pending.epoch);
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  /** One record of a request was refused, by its shard. */
  #retryLane(lane: Lane): void {
    const now = performance.now();
    lane.failures++;
    lane.failingSince ??= now;
    if (this.#giveUp || now - lane.failingSince >= this.#retryBudgetMs) return this.#leave(lane);
    lane.retryTimer = setTimeout(() => {
      lane.retryTimer = undefined;
      this.#retried++;
      this.#makeReady(lane);
    }, fullJitter(lane.failures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS));
  }

  /** A whole request failed, and the next one would as well: all wait. */
  #retryBatch(batch: readonly Lane[], error: unknown): void {
    const now = performance.now();
    this.#requestFailures++;
    if (this.#outageSince === undefined) {
      this.#outageSince = now;
      this.#warn(`Cannot send to ${this.#stream}, and will try again: ${failureText(error)}`);
    }
    this.#pausedUntil = now + fullJitter(this.#requestFailures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
    const spent = now - this.#outageSince >= this.#retryBudgetMs;
    for (const lane of batch) {
      if (spent || this.#giveUp) this.#leave(lane);
      else {
        this.#retried++;
        this.#makeReady(lane);
      }
    }
  }

  /** Leaves the records of a key to the next run, and with them all later ones of that key. */
  #leave(lane: Lane): void {
    clearTimeout(lane.retryTimer);
    this.#ready.delete(lane);
    this.#lanes.delete(lane.key);
    this.#leftKeys.add(lane.key);
    if (this.#leftKeys.size === 1) {
      this.#warn("Records are left to the next run: they could not be sent, and are in the spill file");
    }
    for (const pending of lane.queue) {
      try {
        this.#spill.keep(pending.record);
      } catch (error) {
        // the disk is full; the record's journal stays, so that the next run finds it there
        pending.segment.open++;
        this.#failure ??= asFailure(this.#stream, error);
      }
      this.#spilled++;
      this.#settle(pending);
    }
  }

  /** Leaves everything that is not on its way to the next run. */
  #leaveAll(): void {
    this.#giveUp = true;
    for (const lane of [...this.#lanes.values()]) {
      if (this.#ready.has(lane) || lane.retryTimer !== undefined) this.#leave(lane);
    }
    this.#room.resolve();
    this.#admit();
  }

  #stop(error: unknown, batch: readonly Lane[] = []): void {
    this.#failure ??= asFailure(this.#stream, error);
    for (const lane of batch) this.#leave(lane);
    this.#leaveAll();
  }

  #leaveEpoch(epoch: Epoch): void {
    if (--epoch.open === 0 && epoch.closed) epoch.settled.resolve();
  }

  /**
   * Resolves when everything that was put before the call has been acknowledged, or is in the spill file.
   *
   * @throws {CommandError} The producer has stopped; see {@link put}.
   */
  async flush(): Promise<void> {
    const epoch = this.#epoch;
    const earlier = this.#lastFlush;
    this.#epoch = newEpoch();
    epoch.closed = true;
    this.#flushes++;
    const done = (async () => {
      await earlier;
      if (epoch.open > 0) await epoch.settled.promise;
    })();
    this.#lastFlush = done;
    this.#pump();
    await done;
    this.#flushes--;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Sends what is left, for a while, and leaves the rest to the next run.
   *
   * Requests under way are waited for, because a record whose fate is unknown would be sent twice.
   *
   * @returns What became of everything. `failure` says why it stopped early, if it did.
   */
  close(): Promise<ProducerReport> {
    return this.#closing ??= this.#end();
  }

  async #end(): Promise<ProducerReport> {
    const timer = setTimeout(() => this.#leaveAll(), this.#closeWithinMs);
    try {
      await this.flush();
    } catch {
      // the report says it
    }
    clearTimeout(timer);
    clearTimeout(this.#timer);
    this.#spill.close();
    return { ...this.counts, failure: this.#failure?.message ?? null };
  }
}

function newEpoch(): Epoch {
  return { open: 0, settled: Promise.withResolvers(), closed: false };
}

function asFailure(stream: string, error: unknown): Error {
  return new CommandError(`Cannot go on sending to ${stream}: ${failureText(error)}`, { cause: error });
}
