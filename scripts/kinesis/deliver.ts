/** Delivers a Kinesis stream to an HTTP endpoint as Firehose would, with checkpoints in Postgres. */

import { DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import type postgres from "postgres";
import { CommandError } from "../cli.ts";
import { fullJitter } from "../../shared/backoff.ts";
import { type Beginning, Checkpoints, type Gap, type StreamIdentity } from "./checkpoints.ts";
import { failureText, isTransientKinesisFailure } from "./failures.ts";
import { pause } from "../../shared/pause.ts";
import { type Destination, ShardDelivery, type ShardOutcome } from "./shard_delivery.ts";
import { ShardExpired, ShardReader } from "./shard_reader.ts";
import { type ListedShard, listShards, readableShards, type ShardLineage } from "./shards.ts";

export type { Gap } from "./checkpoints.ts";

/** ms between two looks for shards that nobody told of; splits and merges are seen at the end of their parents. */
const LIST_INTERVAL_MS = 30_000;

/** ms; see shard_reader.ts. */
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;

export interface DeliverOptions {
  readonly client: KinesisClient;
  /** Name of the stream. */
  readonly stream: string;
  /** Where the checkpoints are. */
  readonly sql: postgres.Sql;
  /** Address of the function. */
  readonly url: string;
  readonly accessKey: string;
  /** Where a stream is begun that has no checkpoints yet; at its oldest record unless given. */
  readonly from?: Beginning["at"] | Date;
  /** Ends when everything that is on the stream has been delivered. */
  readonly once?: boolean;
  /** Most bytes of data in a delivery; 1 MiB unless given. */
  readonly bufferBytes?: number;
  /** How long a record waits for others of its delivery; 0.5 s unless given. */
  readonly bufferMs?: number;
  /** Compresses what is sent. */
  readonly gzip?: boolean;
  /** How long one delivery may fail before `deliver` does; for ever unless given. */
  readonly giveUpAfterMs?: number;
  /** Asks it to finish what is under way, and to return. */
  readonly signal: AbortSignal;
  /** Told, in a sentence, of what a person should hear of while it goes on. */
  readonly onWarning?: (message: string) => void;
  /** Told how far it has come, after each delivery and about each second. */
  readonly onProgress?: (counts: DeliverCounts) => void;
}

/** How far it has come. */
export interface DeliverCounts {
  /** Shards being read, and shards that wait for the end of their parents. */
  readonly reading: number;
  readonly waiting: number;
  /** Acknowledged by the receiver. */
  readonly records: number;
  readonly bytes: number;
  readonly deliveries: number;
  /** Failed tries, of requests to Kinesis and to the receiver. */
  readonly retries: number;
  /** How far behind its newest record the slowest shard is, in ms. */
  readonly behindMs: number;
}

export interface DeliverReport extends Omit<DeliverCounts, "reading" | "waiting" | "behindMs"> {
  /** Everything that was on the stream is delivered. */
  readonly caughtUp: boolean;
  /** What may be lost, because the stream did not keep it until it was read. */
  readonly gaps: readonly Gap[];
}

/** A stream as Kinesis describes it. */
interface Description extends StreamIdentity {
  readonly retentionMs: number;
}

async function describe(client: KinesisClient, stream: string): Promise<Description> {
  let summary;
  try {
    ({ StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName: stream }),
    ));
  } catch (error) {
    if (!isTransientKinesisFailure(error)) throw error;
    throw new CommandError(
      `Cannot read ${stream} as Kinesis must be reachable: ${
        failureText(error)
      }. Check AWS_REGION, the credentials and AWS_ENDPOINT_URL_KINESIS`,
    );
  }
  return {
    arn: summary!.StreamARN!,
    createdAt: summary!.StreamCreationTimestamp!,
    retentionMs: summary!.RetentionPeriodHours! * 3_600_000,
  };
}

/** Where the deliveries say they come from: a delivery stream that has the stream's name. */
function deliveryStreamArn(streamArn: string): string {
  return streamArn.replace(/^(arn:[^:]*):kinesis:/, "$1:firehose:").replace(":stream/", ":deliverystream/");
}

function beginning(from: DeliverOptions["from"]): Beginning {
  if (from instanceof Date) return { at: "at_timestamp", timestamp: from };
  return from === "latest" ? { at: "latest", timestamp: new Date() } : { at: "trim_horizon" };
}

/** One run of {@link deliver}. */
class Delivery {
  readonly #options: DeliverOptions;
  readonly #description: Description;
  readonly #checkpoints: Checkpoints;
  readonly #stop: AbortSignal;
  readonly #abort: AbortController;
  readonly #destination: Destination;
  readonly #warn: (message: string) => void;

  readonly #shards = new Map<string, ShardLineage>();
  readonly #finished = new Map<string, boolean>();
  /** Shards found by this run, and those read to their newest record in a run that ends there. */
  readonly #found = new Set<string>();
  readonly #caughtUp = new Set<string>();
  /** Shards that have an end, which is where they are read to. */
  readonly #closed = new Set<string>();
  readonly #running = new Map<string, ShardDelivery>();
  readonly #tasks = new Map<string, Promise<void>>();
  readonly #gaps: Gap[] = [];
  #changed = Promise.withResolvers<void>();
  #failure: unknown;

  #records = 0;
  #bytes = 0;
  #deliveries = 0;
  #retries = 0;

  constructor(options: DeliverOptions, description: Description, checkpoints: Checkpoints) {
    this.#options = options;
    this.#description = description;
    this.#checkpoints = checkpoints;
    this.#warn = options.onWarning ?? (() => {});
    this.#abort = new AbortController();
    this.#stop = AbortSignal.any([options.signal, checkpoints.lost, this.#abort.signal]);
    this.#destination = {
      url: options.url,
      accessKey: options.accessKey,
      sourceArn: deliveryStreamArn(description.arn),
      gzip: options.gzip ?? false,
      bufferBytes: options.bufferBytes ?? 1024 * 1024,
      bufferMs: options.bufferMs ?? 500,
      giveUpAfterMs: options.giveUpAfterMs,
    };
  }

  get counts(): DeliverCounts {
    const open = [...this.#finished.values()].filter((finished) => !finished).length;
    return {
      reading: this.#running.size,
      waiting: open - this.#running.size - this.#caughtUp.size,
      records: this.#records,
      bytes: this.#bytes,
      deliveries: this.#deliveries,
      retries: this.#retries,
      behindMs: Math.max(0, ...[...this.#running.values()].map(({ behindMs }) => behindMs)),
    };
  }

  async run(): Promise<DeliverReport> {
    const ticking = setInterval(() => this.#tell(), 1000);
    try {
      await this.#begin();
      while (!this.#stop.aborted) {
        this.#startReadable();
        if (this.#tasks.size === 0) break;
        const woken = new AbortController();
        const changed = this.#changed.promise;
        const listed = pause(LIST_INTERVAL_MS, AbortSignal.any([woken.signal, this.#stop]));
        await Promise.race([changed, listed]);
        woken.abort();
        if (!this.#stop.aborted) await this.#find();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      await Promise.all(this.#tasks.values());
      clearInterval(ticking);
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#checkpoints.lost.throwIfAborted();
    const { records, bytes, deliveries, retries } = this.counts;
    const caughtUp = !this.#options.signal.aborted;
    return { records, bytes, deliveries, retries, caughtUp, gaps: this.#gaps };
  }

  #tell(): void {
    this.#options.onProgress?.(this.counts);
  }

  #fail(error: unknown): void {
    if (this.#stop.aborted && this.#failure === undefined && this.#options.signal.aborted) {
      // asked to end, and Postgres or Kinesis was away in that moment: what is not noted is delivered again
      if (!(error instanceof CommandError)) return this.#warn(`Ended early: ${failureText(error)}`);
    }
    this.#failure ??= error;
    this.#abort.abort();
  }

  /** Takes over what earlier runs noted, and finds what is new. */
  async #begin(): Promise<void> {
    const known = await this.#checkpoints.read(this.#stop);
    for (const { shardId, parents, state } of known.values()) {
      this.#shards.set(shardId, { shardId, parents });
      this.#finished.set(shardId, state !== "open");
    }
    if (known.size === 0 && await this.#checkpoints.hadPredecessor(this.#stop)) {
      this.#warn(
        `The stream ${this.#options.stream} was made anew: the checkpoints of the former one do not count for it`,
      );
    }
    const listed = await this.#list();
    // a stream that nobody has read begins where it is told to; what is found later is read from its start
    await this.#add(listed, known.size === 0 ? beginning(this.#options.from) : { at: "trim_horizon" });
    const names = new Set(listed.map(({ shardId }) => shardId));
    for (const checkpoint of known.values()) {
      if (checkpoint.state === "open" && !names.has(checkpoint.shardId)) {
        await this.#expire(checkpoint.shardId, checkpoint.completeUntil);
      }
    }
  }

  /** Looks for shards that are new. */
  async #find(): Promise<void> {
    await this.#add(await this.#list(), { at: "trim_horizon" });
  }

  async #list(): Promise<ListedShard[]> {
    for (let failures = 1;; failures++) {
      try {
        const shards = await listShards(this.#options.client, this.#options.stream);
        for (const { shardId, closed } of shards) if (closed) this.#closed.add(shardId);
        return shards;
      } catch (error) {
        if (this.#stop.aborted || !isTransientKinesisFailure(error)) throw error;
        this.#retries++;
        await pause(fullJitter(failures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS), this.#stop);
      }
    }
  }

  async #add(shards: readonly ShardLineage[], start: Beginning): Promise<void> {
    const added = shards.filter(({ shardId }) => !this.#shards.has(shardId));
    await this.#checkpoints.add(added.map((shard) => ({ ...shard, beginning: start })), this.#stop);
    for (const shard of added) {
      this.#shards.set(shard.shardId, shard);
      this.#finished.set(shard.shardId, false);
      this.#found.add(shard.shardId);
    }
  }

  #startReadable(): void {
    for (const shardId of readableShards(this.#shards.values(), this.#finished)) {
      if (this.#tasks.has(shardId) || this.#caughtUp.has(shardId)) continue;
      const task = this.#deliverShard(shardId)
        .catch((error) => this.#fail(error))
        .finally(() => {
          this.#running.delete(shardId);
          this.#tasks.delete(shardId);
          this.#changed.resolve();
          this.#changed = Promise.withResolvers();
        });
      this.#tasks.set(shardId, task);
    }
  }

  async #deliverShard(shardId: string): Promise<void> {
    const checkpoint = (await this.#checkpoints.read(this.#stop)).get(shardId)!;
    const found = this.#found.has(shardId);
    const reader = new ShardReader({
      client: this.#options.client,
      stream: this.#options.stream,
      checkpoint: found ? { ...checkpoint, completeUntil: null } : checkpoint,
      found,
      retentionMs: this.#description.retentionMs,
      onRetry: () => this.#retries++,
      onGap: (gap) => this.#noteGap(gap),
    });
    const delivery = new ShardDelivery({
      shardId,
      reader,
      checkpoints: this.#checkpoints,
      destination: this.#destination,
      once: (this.#options.once ?? false) && !this.#closed.has(shardId),
      observer: {
        delivered: (records, bytes) => {
          this.#records += records;
          this.#bytes += bytes;
          this.#deliveries++;
          this.#tell();
        },
        retried: () => this.#retries++,
        warn: this.#warn,
      },
    });
    this.#running.set(shardId, delivery);
    let outcome: ShardOutcome;
    try {
      outcome = await delivery.run(this.#stop);
    } catch (error) {
      if (!(error instanceof ShardExpired)) throw error;
      // either the shard is gone, or all of the stream, which listing it says
      await this.#list();
      await this.#expire(shardId, checkpoint.completeUntil);
      return;
    }
    if (outcome.end === "caught up") this.#caughtUp.add(shardId);
    if (outcome.end !== "ended") return;
    await this.#add(outcome.children, { at: "trim_horizon" });
    await this.#checkpoints.end(shardId, "ended", this.#stop);
    this.#finished.set(shardId, true);
  }

  /** A shard that the stream has forgotten before its end was read. */
  async #expire(shardId: string, completeUntil: Date | null): Promise<void> {
    const oldestKept = new Date(Date.now() - this.#description.retentionMs);
    const from = completeUntil ?? oldestKept;
    await this.#noteGap({ shardId, from, until: from < oldestKept ? oldestKept : from });
    await this.#checkpoints.end(shardId, "expired", this.#stop);
    this.#finished.set(shardId, true);
  }

  async #noteGap(gap: Gap): Promise<void> {
    await this.#checkpoints.lose(gap, this.#stop);
    this.#gaps.push(gap);
    this.#warn(
      `Records of ${gap.shardId} that arrived from ${gap.from.toISOString()} to ${gap.until.toISOString()} may be lost: ` +
        `they were not read while the stream kept them (${this.#description.retentionMs / 3_600_000} h)`,
    );
  }
}

/**
 * Reads every shard of a stream and posts what is on it, shard by shard in its order; splits and merges included.
 *
 * A checkpoint moves on when the receiver has acknowledged, and never before: whatever happens in between, records
 * are delivered again and not lost, and the intake takes a reading once. A delivery that fails is tried again as
 * Firehose does it, and on and on after the time in which Firehose would give up, because the stream keeps the data.
 *
 * @returns When it was asked to end, or with `once` when everything on the stream is delivered.
 * @throws {CommandError} Another process reads the stream; Kinesis cannot be reached at the start; or a delivery has
 *   failed for longer than it may.
 * @throws The SDK's error where a person is needed: no such stream, no rights.
 *
 * @example
 * ```ts ignore
 * import { connect } from "../../shared/database.ts";
 * import { kinesisClient } from "./client.ts";
 * import { deliver } from "./deliver.ts";
 *
 * const report = await deliver({
 *   client: kinesisClient(),
 *   stream: "spool-readings",
 *   sql: connect("postgres://postgres:postgres@127.0.0.1:54322/postgres", 4),
 *   url: "http://127.0.0.1:54321/functions/v1/kinesis",
 *   accessKey: "key-of-the-delivery-stream",
 *   once: true,
 *   signal: new AbortController().signal,
 * });
 * ```
 */
export async function deliver(options: DeliverOptions): Promise<DeliverReport> {
  const description = await describe(options.client, options.stream);
  await using checkpoints = await Checkpoints.claim(options.sql, description, {
    signal: options.signal,
    warn: options.onWarning ?? (() => {}),
  });
  if (checkpoints === undefined) {
    return { records: 0, bytes: 0, deliveries: 0, retries: 0, caughtUp: false, gaps: [] };
  }
  return await new Delivery(options, description, checkpoints).run();
}
