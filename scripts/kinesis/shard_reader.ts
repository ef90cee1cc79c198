/** Reads one shard of a stream, in its order, from where a checkpoint says. */

import {
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { fullJitter } from "../../shared/backoff.ts";
import type { Gap, ShardCheckpoint } from "./checkpoints.ts";
import { failureText, isTransientKinesisFailure } from "./failures.ts";
import { pause } from "../../shared/pause.ts";

/** ms between two reads of a shard: Kinesis takes five a second, of all its consumers together. */
const READ_INTERVAL_MS = 250;

/** Most records of one read. */
const READ_RECORDS = 10_000;

/** ms; a shard gives 2 MiB a second and, after a read of 10 MiB, nothing for five seconds. */
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;

/** A record as it is on the stream. */
export interface ArrivedRecord {
  readonly data: Uint8Array;
  readonly sequenceNumber: string;
  readonly arrivedAt: Date;
}

/** What one read found. */
export interface ShardRead {
  readonly records: readonly ArrivedRecord[];
  /** How far behind the newest record of the shard this is, in ms. */
  readonly behindMs: number;
  /** There was nothing more on the shard at that moment. */
  readonly caughtUp: boolean;
  /** The shard was split or merged, and this is its end. */
  readonly ended: boolean;
  /** Shards that continue it, as far as Kinesis tells them. */
  readonly children: readonly { readonly shardId: string; readonly parents: readonly string[] }[];
}

export interface ShardReaderOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly checkpoint: ShardCheckpoint;
  /** The shard was found by this run, so that `latest` is now. */
  readonly found: boolean;
  /** How long the stream keeps records, in ms. */
  readonly retentionMs: number;
  /** Told of each failed request that is tried again. */
  readonly onRetry: (reason: string) => void;
  /** Told, before reading goes on, when records may be lost. */
  readonly onGap: (gap: Gap) => Promise<void>;
}

/** The shard is gone: the stream has forgotten it. */
export class ShardExpired extends Error {
  override readonly name = "ShardExpired";
}

/** Reads a shard. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  #iterator: string | undefined;
  /** Last record that was read, and until when nothing has been missed. */
  #sequenceNumber: string | null;
  #completeUntil: Date | null;
  #nextReadAt = 0;
  /** `latest` is now; it is asked for once, as what arrives from then on is wanted. */
  #fromNow: boolean;

  constructor(options: ShardReaderOptions) {
    this.#options = options;
    this.#sequenceNumber = options.checkpoint.sequenceNumber;
    this.#completeUntil = options.checkpoint.completeUntil;
    this.#fromNow = options.found;
  }

  /**
   * Reads on, not before it is due. Nothing is found when the signal is aborted.
   *
   * @throws {ShardExpired} The stream has forgotten the shard.
   * @throws The SDK's error where a person is needed: no rights, no stream.
   */
  async read(signal: AbortSignal): Promise<ShardRead> {
    for (let failures = 0;;) {
      await pause(this.#nextReadAt - performance.now(), signal);
      if (signal.aborted) return { records: [], behindMs: 0, caughtUp: false, ended: false, children: [] };
      this.#nextReadAt = performance.now() + READ_INTERVAL_MS;
      try {
        this.#iterator ??= await this.#openIterator(signal);
        const output = await this.#options.client.send(
          new GetRecordsCommand({ ShardIterator: this.#iterator, Limit: READ_RECORDS }),
          { abortSignal: signal },
        );
        return this.#accept(output);
      } catch (error) {
        if (signal.aborted) continue;
        if (error instanceof ExpiredIteratorException) this.#iterator = undefined; // five minutes old: a new one
        else if (error instanceof ResourceNotFoundException) throw new ShardExpired(failureText(error));
        else if (!isTransientKinesisFailure(error)) throw error;
        failures++;
        this.#options.onRetry(failureText(error));
        this.#nextReadAt += fullJitter(failures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
      }
    }
  }

  #accept(output: GetRecordsOutput): ShardRead {
    const records = (output.Records ?? []).map((record): ArrivedRecord => ({
      data: record.Data!,
      sequenceNumber: record.SequenceNumber!,
      arrivedAt: record.ApproximateArrivalTimestamp!,
    }));
    const behindMs = output.MillisBehindLatest ?? 0;
    // kinesalite says 0 even where it has more than fits one read
    const caughtUp = behindMs === 0 && records.length < READ_RECORDS;
    this.#iterator = output.NextShardIterator;
    const last = records.at(-1);
    if (last !== undefined) {
      this.#sequenceNumber = last.sequenceNumber;
      this.#completeUntil = last.arrivedAt;
    }
    if (caughtUp) this.#completeUntil = new Date();
    return {
      records,
      behindMs,
      caughtUp,
      ended: output.NextShardIterator === undefined,
      children: (output.ChildShards ?? []).map(({ ShardId, ParentShards }) => ({
        shardId: ShardId!,
        parents: ParentShards ?? [],
      })),
    };
  }

  async #openIterator(signal: AbortSignal): Promise<string> {
    const { client, stream, checkpoint, retentionMs, onGap } = this.#options;
    const oldestKept = new Date(Date.now() - retentionMs);
    if (this.#completeUntil !== null && this.#completeUntil < oldestKept) {
      // Kinesis itself does not say it: an iterator after a forgotten record begins at the oldest one that is kept
      await onGap({ shardId: checkpoint.shardId, from: this.#completeUntil, until: oldestKept });
      this.#completeUntil = oldestKept;
    }
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: stream,
        ShardId: checkpoint.shardId,
        ...this.#position(),
      }),
      { abortSignal: signal },
    );
    this.#fromNow = false;
    return ShardIterator!;
  }

  #position(): Pick<GetShardIteratorInput, "ShardIteratorType" | "StartingSequenceNumber" | "Timestamp"> {
    const { beginning } = this.#options.checkpoint;
    if (this.#sequenceNumber !== null) {
      return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: this.#sequenceNumber };
    }
    if (beginning.at === "trim_horizon") return { ShardIteratorType: "TRIM_HORIZON" };
    if (beginning.at === "latest" && this.#fromNow) return { ShardIteratorType: "LATEST" };
    return { ShardIteratorType: "AT_TIMESTAMP", Timestamp: beginning.timestamp };
  }
}
