/** Delivers one shard: reads ahead, buffers as Firehose does, posts, and moves the checkpoint on. */

import { CommandError } from "../cli.ts";
import type { Checkpoints } from "./checkpoints.ts";
import {
  DELIVERY_RECORDS,
  firehoseBackoffMs,
  type FirehoseOutcome,
  firehoseRequest,
  type FirehoseRequestOptions,
  sendFirehoseRequest,
} from "./firehose_request.ts";
import { pause } from "../../shared/pause.ts";
import type { ArrivedRecord, ShardRead, ShardReader } from "./shard_reader.ts";

/** Buffers read ahead while one is being delivered. */
const READ_AHEAD = 2;

/** ms between two notes that an idle shard is complete; they tell an idle stream from one that was not read. */
const IDLE_NOTE_MS = 60_000;

/** ms that a try may still take once the process is asked to end: a supervisor kills after ten seconds. */
const ENDING_MS = 5000;

/** ms of failures after which Firehose would give up, and a person is told each time. */
const RETRY_DURATION_MS = 300_000;

/** Where deliveries go, and how they are made. */
export interface Destination extends FirehoseRequestOptions {
  readonly url: string;
  /** A delivery has this many bytes of data at most, unless one record alone has more. */
  readonly bufferBytes: number;
  /** A record waits this long at most for others of its delivery. */
  readonly bufferMs: number;
  /** How long one delivery may fail before that ends everything; for ever when it is undefined. */
  readonly giveUpAfterMs: number | undefined;
}

/** What a delivery of a shard tells while it goes on. */
export interface ShardObserver {
  delivered(records: number, bytes: number): void;
  retried(): void;
  warn(message: string): void;
}

export interface ShardDeliveryOptions {
  readonly shardId: string;
  readonly reader: ShardReader;
  readonly checkpoints: Checkpoints;
  readonly destination: Destination;
  readonly observer: ShardObserver;
  /** Ends when there was nothing more on the shard for a moment. */
  readonly once: boolean;
}

/** How it ended: at the shard's end, at its newest record (`once`), or because it was asked to. */
export type ShardOutcome =
  | { readonly end: "ended"; readonly children: ShardRead["children"] }
  | { readonly end: "caught up" | "stopped" };

interface Buffered extends ArrivedRecord {
  /** When it was read, from `performance.now()`. */
  readonly readAt: number;
}

/** The delivery of one shard. Its records go out in their order, one request at a time. */
export class ShardDelivery {
  readonly #options: ShardDeliveryOptions;
  readonly #buffer: Buffered[] = [];
  #bufferedBytes = 0;
  #last: ShardRead | undefined;
  #reading = true;
  /** When there was nothing more on the shard, by the last read that found it so. */
  #caughtUpAt: Date | undefined;
  #notedAt = performance.now();
  #changed = Promise.withResolvers<void>();

  constructor(options: ShardDeliveryOptions) {
    this.#options = options;
  }

  /** How far behind the newest record what is delivered is, in ms. */
  get behindMs(): number {
    const oldest = this.#buffer[0];
    return oldest === undefined
      ? this.#last?.behindMs ?? 0
      : Math.max(Date.now() - oldest.arrivedAt.getTime(), 0);
  }

  /**
   * Runs until the shard's end, or until the signal is aborted. Then the delivery that is under way is finished, and
   * what is only buffered is left to the next run.
   *
   * @throws {CommandError} A delivery has failed for longer than it may.
   */
  async run(signal: AbortSignal): Promise<ShardOutcome> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    stop.addEventListener("abort", () => this.#change(), { once: true });
    const half = async (work: Promise<void>) => {
      try {
        await work;
      } catch (error) {
        failed.abort();
        throw error;
      }
    };
    const results = await Promise.allSettled([half(this.#read(stop)), half(this.#deliver(stop))]);
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    if (stop.aborted || this.#buffer.length > 0) return { end: "stopped" };
    if (this.#last?.ended !== true) {
      // so that a start after a day or two does not take an idle stream for one that was not read
      await this.#options.checkpoints.complete(this.#options.shardId, this.#caughtUpAt!, signal);
      return { end: "caught up" };
    }
    return { end: "ended", children: this.#last.children };
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #read(stop: AbortSignal): Promise<void> {
    const { reader, destination, once } = this.#options;
    try {
      while (!stop.aborted) {
        if (this.#bufferedBytes >= READ_AHEAD * destination.bufferBytes) {
          await this.#changed.promise;
          continue;
        }
        const read = await reader.read(stop);
        if (stop.aborted) return;
        this.#last = read;
        if (read.caughtUp) this.#caughtUpAt = new Date();
        const readAt = performance.now();
        for (const record of read.records) {
          this.#buffer.push({ ...record, readAt });
          this.#bufferedBytes += record.data.length;
        }
        this.#change();
        if (read.ended || (once && read.caughtUp)) return;
      }
    } finally {
      this.#reading = false;
      this.#change();
    }
  }

  async #deliver(stop: AbortSignal): Promise<void> {
    const { bufferBytes, bufferMs } = this.#options.destination;
    while (!stop.aborted) {
      const changed = this.#changed.promise; // of before what follows is looked at
      const [oldest] = this.#buffer;
      if (oldest === undefined) {
        if (!this.#reading) return;
        await this.#noteIdle(stop);
        await changed;
        continue;
      }
      const waitMs = oldest.readAt + bufferMs - performance.now();
      const full = this.#bufferedBytes >= bufferBytes || this.#buffer.length >= DELIVERY_RECORDS;
      if (!full && waitMs > 0 && this.#reading) {
        const waited = new AbortController();
        await Promise.race([pause(waitMs, waited.signal), changed]);
        waited.abort();
        continue;
      }
      if (!await this.#deliverFirst(stop)) return;
    }
  }

  /** The oldest records, as many as one delivery takes. */
  #first(): Buffered[] {
    const { bufferBytes } = this.#options.destination;
    let count = 0;
    let bytes = 0;
    for (const { data } of this.#buffer) {
      if (count === DELIVERY_RECORDS || (count > 0 && bytes + data.length > bufferBytes)) break;
      bytes += data.length;
      count++;
    }
    return this.#buffer.slice(0, count);
  }

  /** Delivers the oldest records and moves the checkpoint on. False when it was asked to end before. */
  async #deliverFirst(stop: AbortSignal): Promise<boolean> {
    const { shardId, checkpoints, destination, observer } = this.#options;
    const records = this.#first();
    const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
    if (!await this.#post(records, destination, stop)) return false;
    const { sequenceNumber, arrivedAt } = records.at(-1)!;
    await checkpoints.advance(
      shardId,
      { sequenceNumber, completeUntil: arrivedAt, records: records.length, bytes },
      stop,
    );
    this.#notedAt = performance.now();
    this.#buffer.splice(0, records.length);
    this.#bufferedBytes -= bytes;
    observer.delivered(records.length, bytes);
    this.#change();
    return true;
  }

  /** Posts until it is acknowledged, each time the same bytes. */
  async #post(records: readonly Buffered[], destination: Destination, stop: AbortSignal): Promise<boolean> {
    const { shardId, observer } = this.#options;
    const request = await firehoseRequest(records, destination);
    let failingSince: number | undefined;
    for (let failures = 1;; failures++) {
      const outcome = await sendUntilEnding(destination.url, request, stop);
      if (outcome.delivered) return true;
      if (stop.aborted) return false;
      const now = performance.now();
      failingSince ??= now;
      observer.retried();
      const failingMs = now - failingSince;
      if (destination.giveUpAfterMs !== undefined && failingMs >= destination.giveUpAfterMs) {
        throw new CommandError(
          `Cannot deliver ${records.length} records of ${shardId}, which has failed ${failures} times, and was to be given up: ${outcome.reason}. Nothing is skipped: the next start begins with them`,
        );
      }
      if (failures === 1) {
        observer.warn(
          `Cannot deliver ${records.length} records of ${shardId}, and will try again: ${outcome.reason}`,
        );
      } else if (failingMs >= RETRY_DURATION_MS) {
        const minutes = Math.round(failingMs / 60_000);
        observer.warn(
          `Cannot deliver ${records.length} records of ${shardId} for ${minutes} minutes, and skips nothing: ${outcome.reason}`,
        );
      }
      await pause(firehoseBackoffMs(failures), stop);
      if (stop.aborted) return false;
    }
  }

  async #noteIdle(stop: AbortSignal): Promise<void> {
    if (this.#last?.caughtUp !== true || performance.now() - this.#notedAt < IDLE_NOTE_MS) return;
    this.#notedAt = performance.now();
    await this.#options.checkpoints.complete(this.#options.shardId, this.#caughtUpAt!, stop);
  }
}

/** Sends once; a try that is under way when the process is asked to end has a little time left. */
async function sendUntilEnding(
  url: string,
  request: Parameters<typeof sendFirehoseRequest>[1],
  stop: AbortSignal,
): Promise<FirehoseOutcome> {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ending = () => timer = setTimeout(() => late.abort(), ENDING_MS);
  stop.addEventListener("abort", ending);
  try {
    return await sendFirehoseRequest(url, request, late.signal);
  } finally {
    stop.removeEventListener("abort", ending);
    clearTimeout(timer);
  }
}
