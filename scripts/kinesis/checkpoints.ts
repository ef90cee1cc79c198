/** How far a stream has been delivered, in Postgres; and the lease that one process has on it. */

import type postgres from "postgres";
import { isTransient } from "../../shared/database.ts";
import { CommandError } from "../cli.ts";
import { fullJitter } from "../../shared/backoff.ts";
import { failureText } from "./failures.ts";
import { pause } from "../../shared/pause.ts";

/** s; what a start has to wait after a holder that was killed. */
const LEASE_S = 6;

/** ms between two renewals: one can be missed, and a start that is refused is refused as quickly. */
const RENEWAL_MS = 2000;

/** ms; Postgres restarts within seconds. */
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;

/** A stream, told apart from one of the same name that was made before. */
export interface StreamIdentity {
  readonly arn: string;
  readonly createdAt: Date;
}

/** Where the reading of a shard begins. */
export type Beginning =
  | { readonly at: "trim_horizon" }
  | { readonly at: "latest" | "at_timestamp"; readonly timestamp: Date };

/** A shard, before anything of it is read. */
export interface NewShard {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly beginning: Beginning;
}

/** Records that may be lost, because they were not read while the stream kept them. */
export interface Gap {
  readonly shardId: string;
  readonly from: Date;
  readonly until: Date;
}

/** How far a shard has been delivered. */
export interface ShardCheckpoint extends NewShard {
  readonly state: "open" | "ended" | "expired";
  /** Last record acknowledged; null before the first. */
  readonly sequenceNumber: string | null;
  /** Everything that arrived before is delivered, or was there when the shard was found; null when it is new. */
  readonly completeUntil: Date | null;
}

/** What one acknowledged delivery moves a checkpoint on by. */
export interface Advance {
  readonly sequenceNumber: string;
  readonly completeUntil: Date;
  readonly records: number;
  readonly bytes: number;
}

interface CheckpointRow {
  readonly shard_id: string;
  readonly parents: string[];
  readonly begin_at: Beginning["at"];
  readonly begin_timestamp: Date | null;
  readonly state: ShardCheckpoint["state"];
  readonly sequence_number: string | null;
  readonly complete_until: Date | null;
}

function toCheckpoint(row: CheckpointRow): ShardCheckpoint {
  return {
    shardId: row.shard_id,
    parents: row.parents,
    beginning: row.begin_at === "trim_horizon"
      ? { at: "trim_horizon" }
      : { at: row.begin_at, timestamp: row.begin_timestamp! },
    state: row.state,
    sequenceNumber: row.sequence_number,
    completeUntil: row.complete_until,
  };
}

/** A timestamp as the driver is given it: text, which keeps its zone. */
function text(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}

/**
 * The checkpoints of one stream, while this process has its lease. While Postgres is away, each call waits and tries
 * again.
 */
export class Checkpoints implements AsyncDisposable {
  readonly #sql: postgres.Sql;
  readonly #stream: StreamIdentity;
  readonly #owner: string;
  readonly #warn: (message: string) => void;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  #renewing: Promise<void> = Promise.resolve();

  private constructor(
    sql: postgres.Sql,
    stream: StreamIdentity,
    owner: string,
    warn: (message: string) => void,
  ) {
    this.#sql = sql;
    this.#stream = stream;
    this.#owner = owner;
    this.#warn = warn;
  }

  /**
   * Takes the lease of a stream. One whose holder was killed ends within 6 seconds, which are waited for.
   *
   * @returns Nothing when it was asked to end while it waited.
   * @throws {CommandError} Another process has it, and is alive.
   */
  static async claim(
    sql: postgres.Sql,
    stream: StreamIdentity,
    options: { readonly signal: AbortSignal; readonly warn: (message: string) => void },
  ): Promise<Checkpoints | undefined> {
    const owner = crypto.randomUUID();
    const heldBy = `${Deno.hostname()}, process ${Deno.pid}`;
    let seen: string | undefined;
    for (;;) {
      const [taken] = await sql`
        insert into public.stream_readers as reader (stream, owner, held_by, leased_until)
        values (${stream.arn}, ${owner}, ${heldBy}, clock_timestamp() + ${LEASE_S} * interval '1 second')
        on conflict (stream) do update
        set owner = excluded.owner, held_by = excluded.held_by, leased_until = excluded.leased_until
        where reader.owner is null or reader.leased_until < clock_timestamp()
        returning stream`;
      if (taken !== undefined) break;
      const [holder] = await sql`
        select held_by, leased_until::text from public.stream_readers where stream = ${stream.arn}`;
      // a lease that is moved on has a holder that is alive
      if (seen !== undefined && holder.leased_until !== seen) {
        throw new CommandError(
          `Cannot read ${stream.arn} as one process must read it at a time: ${holder.held_by} does. End that one, or wait until it has ended`,
        );
      }
      seen = holder.leased_until;
      await pause(RENEWAL_MS / 8, options.signal);
      if (options.signal.aborted) return undefined;
    }
    const checkpoints = new Checkpoints(sql, stream, owner, options.warn);
    checkpoints.#renewing = checkpoints.#renew();
    return checkpoints;
  }

  /** Aborted, with the reason, when another process has taken the stream over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async #renew(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await pause(RENEWAL_MS, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      try {
        const { count } = await this.#sql`
          update public.stream_readers
          set leased_until = clock_timestamp() + ${LEASE_S} * interval '1 second'
          where stream = ${this.#stream.arn} and owner = ${this.#owner}`;
        if (count === 0) this.#lose();
      } catch (error) {
        // while Postgres is away nobody else can take the lease, either
        if (!isTransient(error)) this.#lost.abort(error);
      }
    }
  }

  #lose(): void {
    this.#lost.abort(
      new CommandError(
        `Cannot go on reading ${this.#stream.arn} as one process must read it at a time: another one has taken over`,
      ),
    );
  }

  /** Runs a query until Postgres has answered it; not at all once the stream is lost. */
  async #query<T>(query: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let failures = 1;; failures++) {
      this.#lost.signal.throwIfAborted();
      try {
        return await query();
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (signal.aborted) throw error; // it will be delivered again, which is harmless
        if (failures === 1) this.#warn(`Cannot write checkpoints, and will try again: ${failureText(error)}`);
        await pause(fullJitter(failures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS), signal);
      }
    }
  }

  /** All shards that were ever read or found, by name. */
  async read(signal: AbortSignal): Promise<Map<string, ShardCheckpoint>> {
    const rows = await this.#query(
      () =>
        this.#sql<CheckpointRow[]>`
        select
          shard_id, parents, begin_at, begin_timestamp, state, sequence_number,
          coalesce(complete_until, updated_at) as complete_until
        from public.stream_checkpoints
        where stream = ${this.#stream.arn} and stream_created_at = ${text(this.#stream.createdAt)}`,
      signal,
    );
    return new Map(rows.map((row) => [row.shard_id, toCheckpoint(row)]));
  }

  /** Whether a stream of this name that has been deleted since was read before. */
  async hadPredecessor(signal: AbortSignal): Promise<boolean> {
    const [row] = await this.#query(
      () =>
        this.#sql`
        select from public.stream_checkpoints
        where stream = ${this.#stream.arn} and stream_created_at <> ${text(this.#stream.createdAt)} limit 1`,
      signal,
    );
    return row !== undefined;
  }

  /** Notes shards that were found; those known already stay as they are. */
  async add(shards: readonly NewShard[], signal: AbortSignal): Promise<void> {
    for (const { shardId, parents, beginning } of shards) {
      const timestamp = beginning.at === "trim_horizon" ? null : beginning.timestamp;
      await this.#query(
        () =>
          this.#sql`
          insert into public.stream_checkpoints
            (stream, stream_created_at, shard_id, parents, begin_at, begin_timestamp)
          values (
            ${this.#stream.arn}, ${text(this.#stream.createdAt)}, ${shardId}, ${parents as string[]}::text[],
            ${beginning.at}, ${text(timestamp)}
          )
          on conflict do nothing`,
        signal,
      );
    }
  }

  /** Writes to the row of a shard, if the stream is still this process's. */
  async #update(
    shardId: string,
    change: () => postgres.PendingQuery<postgres.Row[]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { count } = await this.#query(
      () =>
        this.#sql`
        update public.stream_checkpoints as checkpoint
        set ${change()}, updated_at = clock_timestamp()
        from public.stream_readers as reader
        where checkpoint.stream = ${this.#stream.arn}
          and checkpoint.stream_created_at = ${text(this.#stream.createdAt)}
          and checkpoint.shard_id = ${shardId}
          and reader.stream = checkpoint.stream
          and reader.owner = ${this.#owner}`,
      signal,
    );
    if (count === 0) this.#lose();
    this.#lost.signal.throwIfAborted();
  }

  /** Moves a checkpoint on. To be called when the receiver has acknowledged, and never before. */
  async advance(
    shardId: string,
    { sequenceNumber, completeUntil, records, bytes }: Advance,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#update(
      shardId,
      () =>
        this.#sql`
        sequence_number = ${sequenceNumber}, complete_until = ${text(completeUntil)},
        delivered_records = delivered_records + ${records}, delivered_bytes = delivered_bytes + ${bytes},
        deliveries = deliveries + 1`,
      signal,
    );
  }

  /** Notes that everything that has arrived so far is delivered. */
  async complete(shardId: string, until: Date, signal: AbortSignal): Promise<void> {
    await this.#update(shardId, () => this.#sql`complete_until = ${text(until)}`, signal);
  }

  /** Notes that there will be nothing more of a shard. */
  async end(shardId: string, state: "ended" | "expired", signal: AbortSignal): Promise<void> {
    await this.#update(shardId, () => this.#sql`state = ${state}`, signal);
  }

  /** Notes what may be lost, once; of several gaps, from the first to the last. */
  async lose({ shardId, from, until }: Gap, signal: AbortSignal): Promise<void> {
    await this.#update(
      shardId,
      () =>
        this.#sql`
        lost_from = least(lost_from, ${text(from)}::timestamptz),
        lost_until = greatest(lost_until, ${text(until)}::timestamptz),
        complete_until = greatest(complete_until, ${text(until)}::timestamptz)`,
      signal,
    );
  }

  /** Gives the lease back, so that the next process need not wait for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#renewing;
    try {
      await this.#sql`
        update public.stream_readers set owner = null, held_by = null, leased_until = null
        where stream = ${this.#stream.arn} and owner = ${this.#owner}`;
    } catch (error) {
      if (!isTransient(error)) throw error; // it ends by itself
    }
  }
}
