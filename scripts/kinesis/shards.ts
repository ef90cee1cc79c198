/** The shards of a stream, and in which order they are read. */

import { type KinesisClient, ListShardsCommand, type ListShardsOutput } from "@aws-sdk/client-kinesis";

/** A shard, and what it was split from or merged of. */
export interface ShardLineage {
  readonly shardId: string;
  readonly parents: readonly string[];
}

/** A shard as the stream tells of it. */
export interface ListedShard extends ShardLineage {
  /** It was split or merged: it has an end, and gets nothing new. */
  readonly closed: boolean;
}

/** All shards that the stream still knows, closed ones included. */
export async function listShards(client: KinesisClient, stream: string): Promise<ListedShard[]> {
  const shards: ListedShard[] = [];
  let token: string | undefined;
  do {
    const { Shards, NextToken }: ListShardsOutput = await client.send(
      // a token stands for the stream, and both together are refused
      new ListShardsCommand(token === undefined ? { StreamName: stream } : { NextToken: token }),
    );
    for (const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange } of Shards ?? []) {
      shards.push({
        shardId: ShardId!,
        parents: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined),
        closed: SequenceNumberRange?.EndingSequenceNumber !== undefined,
      });
    }
    token = NextToken;
  } while (token !== undefined);
  return shards;
}

/**
 * Which shards can be read now: those that are not finished, and whose parents are. A key's records are on the parent
 * first and on the child later. A parent that nobody knows any more counts as finished: the stream has forgotten it.
 *
 * @param finished What is known of each shard: whether it was read to its end, or is forgotten.
 *
 * @example
 * ```ts
 * import { readableShards } from "./shards.ts";
 * import assert from "node:assert/strict";
 *
 * const shards = [{ shardId: "a", parents: [] }, { shardId: "b", parents: [] }, { shardId: "ab", parents: ["a", "b"] }];
 * const finished = new Map([["a", true], ["b", false], ["ab", false]]);
 * assert.deepEqual(readableShards(shards, finished), ["b"]);
 * assert.deepEqual(readableShards(shards, finished.set("b", true)), ["ab"]);
 * ```
 */
export function readableShards(
  shards: Iterable<ShardLineage>,
  finished: ReadonlyMap<string, boolean>,
): string[] {
  return [...shards]
    .filter(({ shardId, parents }) =>
      finished.get(shardId) !== true && parents.every((parent) => finished.get(parent) !== false)
    )
    .map(({ shardId }) => shardId);
}
