import assert from "node:assert/strict";
import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from "@aws-sdk/client-kinesis";
import { join } from "node:path";
import { startLocalKinesis } from "../../../scripts/kinesis/local.ts";
import { silent } from "../../../scripts/progress.ts";
import { Fleet } from "../../../scripts/simulation/fleet.ts";
import { fly } from "../../../scripts/simulation/flight.ts";
import { KinesisTarget } from "../../../scripts/simulation/kinesis_target.ts";
import type { Reading } from "../../../shared/reading.ts";

function fleet(): Fleet {
  return new Fleet({
    engines: 50,
    cycles: 60,
    seed: 2,
    prefix: "SIM_",
    firstMs: Date.UTC(2026, 0, 1),
    intervalMs: 1000,
    conditions: 1,
    faultMode: "hpc",
    faults: new Map([["out_of_order", 0.01]]),
  });
}

Deno.test("each reading is one record on the stream, in the order in which its engine sent them", async () => {
  await using kinesis = await startLocalKinesis();
  const { client } = kinesis;
  await kinesis.createStream("readings", 2);
  const home = await Deno.makeTempDir({ prefix: "spool-simulated-" });
  const target = new KinesisTarget({ client, stream: "readings", spill: join(home, "spill") });
  const { sent, failure } = await fly({
    fleet: fleet(),
    target,
    rate: null,
    stage: silent.stage("", null, ""),
    signal: new AbortController().signal,
    labels: () => {},
  });
  assert.equal(failure, null);
  assert.equal(sent, 3000);
  assert.equal(target.counts().accepted, 3000);

  const streamed: Reading[] = [];
  const { Shards: shards } = await client.send(new ListShardsCommand({ StreamName: "readings" }));
  for (const { ShardId } of shards!) {
    let { ShardIterator: iterator } = await client.send(
      new GetShardIteratorCommand({ StreamName: "readings", ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    for (;;) {
      const { Records, NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      if (Records!.length === 0) break;
      for (const { Data, PartitionKey } of Records!) {
        const reading = JSON.parse(new TextDecoder().decode(Data));
        assert.equal(PartitionKey, reading.engine_id);
        streamed.push(reading);
      }
      iterator = NextShardIterator;
    }
  }
  const again = fleet();
  const made = [...again.take(3000), ...again.finish()];
  const byEngine = (readings: readonly Reading[]) =>
    Object.fromEntries([...Map.groupBy(readings, ({ engine_id }) => engine_id)].sort());
  assert.deepEqual(byEngine(streamed), byEngine(made));
  await Deno.remove(home, { recursive: true });
});
