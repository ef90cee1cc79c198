/**
 * A producer as a process that a test can kill: `producer_process.ts ENDPOINT STREAM SPILL KEYS`. Puts records
 * without end, and prints how many `put` has resolved for.
 */

import { kinesisClient } from "../../scripts/kinesis/client.ts";
import { LOCAL_CREDENTIALS, LOCAL_REGION } from "../../scripts/kinesis/local.ts";
import { Producer } from "../../scripts/kinesis/producer.ts";
import { numbered } from "./stream.ts";

const [endpoint, stream, spill, keys] = Deno.args;
const client = kinesisClient({ endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS });
const producer = new Producer({ client, stream, spill });
const out = new TextEncoder();
for (let i = 0;; i++) {
  await producer.put(numbered(`KEY_${i % Number(keys)}`, Math.floor(i / Number(keys))));
  Deno.stdout.writeSync(out.encode(`${i + 1}\n`));
}
