/** What is on a stream of the local Kinesis. */

import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";

/** A record of a test: the nth of its key. */
export interface Numbered {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** The nth record of a key; its data says so. */
export function numbered(key: string, n: number, padding = 0): Numbered {
  return { partitionKey: key, data: new TextEncoder().encode(`${key} ${n}${" ".repeat(padding)}`) };
}

/** The numbers of each key's records, in the order of the stream; parent shards before their children. */
export async function streamed(client: KinesisClient, stream: string): Promise<Map<string, number[]>> {
  const numbers = new Map<string, number[]>();
  const { Shards: shards } = await client.send(new ListShardsCommand({ StreamName: stream }));
  for (const { ShardId } of shards!) {
    let { ShardIterator: iterator } = await client.send(
      new GetShardIteratorCommand({ StreamName: stream, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    while (iterator !== undefined) {
      const { Records, NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      if (Records!.length === 0) break;
      for (const { Data } of Records!) {
        const [key, n] = new TextDecoder().decode(Data).split(" ");
        const known = numbers.get(key);
        if (known === undefined) numbers.set(key, [Number(n)]);
        else known.push(Number(n));
      }
      iterator = NextShardIterator;
    }
  }
  return numbers;
}

/** Numbers without those that came before: what a reader that takes each record once sees. */
export function firsts(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

/** 0, 1, … `count` − 1. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
