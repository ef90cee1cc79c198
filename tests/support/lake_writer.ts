/**
 * Writes one object as a process that a test can kill or weigh: `lake_writer.ts KEY BYTES`. The lake is the
 * environment's. Says on standard output how many bytes it has written, `committing`, and `committed` with the most
 * memory it has had, in kB.
 */

import { readConfig } from "../../shared/config.ts";
import { LAKE_VARIABLES, openLake } from "../../shared/lake/open_lake.ts";

/** Bytes of a call of `write`. */
const CHUNK_BYTES = 1024 * 1024;

const [key, bytes] = Deno.args;
const lake = openLake(readConfig(LAKE_VARIABLES))!;
const say = (line: string) => Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
const writer = await lake.create(key);
const chunk = new Uint8Array(CHUNK_BYTES);
for (let at = 0; at < Number(bytes); at += CHUNK_BYTES) {
  chunk.fill(at / CHUNK_BYTES % 251);
  await writer.write(chunk.subarray(0, Math.min(CHUNK_BYTES, Number(bytes) - at)));
  await say(String(at + CHUNK_BYTES));
}
await say("committing");
await writer.commit();
const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
await say(`committed ${/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0}`);
