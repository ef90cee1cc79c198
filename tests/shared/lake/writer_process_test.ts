import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import type { Lake } from "../../../shared/lake/lake.ts";
import { s3Server } from "../../support/s3_server.ts";

const MIB = 1024 * 1024;
const WRITER = join(import.meta.dirname!, "..", "..", "support", "lake_writer.ts");

const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What the process writes. */
function written(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Math.floor(i / MIB) % 251);
}

/** Starts it; `said` are its lines as they come. */
function startWriter(env: Readonly<Record<string, string>>, key: string, bytes: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", WRITER, key, String(bytes)],
    env: { ...env },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const said = createInterface({ input: Readable.fromWeb(child.stdout as never) });
  return { child, said };
}

/** Kills the writer some ms after it has said a line. */
async function killAfter(
  env: Readonly<Record<string, string>>,
  key: string,
  bytes: number,
  line: string,
  ms: number,
): Promise<void> {
  const { child, said } = startWriter(env, key, bytes);
  for await (const each of said) {
    if (each !== line) continue;
    await new Promise((resolve) => setTimeout(resolve, ms));
    break;
  }
  try {
    child.kill("SIGKILL");
  } catch {
    // it was done before
  }
  await child.status;
}

const KEY = "processed/year=2024/month=01/day=01/sensor_data.parquet";
const BYTES = 20 * MIB;
/** Where it is killed: in the first part, between parts, before the end, and a few times around it. */
const MOMENTS: [string, number][] = [
  [String(MIB), 0],
  [String(7 * MIB), 3],
  [String(13 * MIB), 0],
  [String(BYTES), 0],
  ["committing", 0],
  ["committing", 5],
  ["committing", 15],
  ["committing", 40],
];

/** Kills writers everywhere; after each, what is there is the earlier object or the whole new one. */
async function killEverywhere(
  lake: Lake,
  env: Readonly<Record<string, string>>,
  settled: () => boolean = () => true,
): Promise<void> {
  const earlier = new TextEncoder().encode("the earlier object");
  const whole = hex(written(BYTES));
  let old = 0;
  for (const [line, ms] of MOMENTS) {
    await lake.put(KEY, earlier);
    await killAfter(env, KEY, BYTES, line, ms);
    while (!settled()) await new Promise((resolve) => setTimeout(resolve, 5));
    const found = hex(await lake.read(KEY));
    assert([hex(earlier), whole].includes(found), `${line} + ${ms} ms`);
    old += Number(found !== whole);
    assert.deepEqual(await Array.fromAsync(lake.list(""), ({ key }) => key), [KEY]);
  }
  assert(old >= 4); // those that were killed before the end
  await lake.put("next", "a writer that lives");
  assert.deepEqual(await Array.fromAsync(lake.list(""), ({ key }) => key), ["next", KEY]);
}

Deno.test("a writer that is killed at any byte leaves the earlier object in a folder, and its leftovers are removed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "spool-lake-" });
  try {
    const env = { LAKE_URL: pathToFileURL(folder).href };
    await killEverywhere(new FileLake(folder), env);
    const unfinished = () => Array.from(Deno.readDirSync(join(folder, ".unfinished")), ({ name }) => name);
    await killAfter(env, KEY, BYTES, String(7 * MIB), 0);
    assert.equal(unfinished().length, 1); // what the killed ones before it have left it has cleared away itself
    assert(!unfinished()[0].includes(".")); // no glob for Parquet finds it

    // the next process clears them away, and leaves alone what a living writer is at
    const living = await new FileLake(folder).create("living");
    await living.write(new Uint8Array(10));
    assert.equal(unfinished().length, 1);
    const other = await new FileLake(folder).create("other");
    assert.equal(unfinished().length, 2);
    await other.commit();
    await living.commit();
    assert.deepEqual(unfinished(), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a writer that is killed at any byte leaves the earlier object in S3", async () => {
  await using server = await s3Server();
  await killEverywhere(server.lake(), server.env, () => server.concurrent === 0);
  assert(server.uploads.size > 0); // which the bucket's lifecycle removes
});

Deno.test("writing 300 MB to S3 takes as much memory as a few parts", async () => {
  await using server = await s3Server();
  const most = async (bytes: number) => {
    const { said } = startWriter(server.env, "large", bytes);
    for await (const line of said) {
      const kilobytes = /^committed (\d+)$/.exec(line)?.[1];
      if (kilobytes !== undefined) return Number(kilobytes) / 1024;
    }
    throw new Error("the writer has failed");
  };
  const [small, large] = [await most(1), await most(300 * MIB)];
  assert.equal((await server.lake().stat("large"))?.bytes, 300 * MIB);
  // deno-lint-ignore no-console -- the figure that the decision quotes
  console.log(`peak memory: ${small.toFixed(0)} MiB for 1 byte, ${large.toFixed(0)} MiB for 300 MiB`);
  assert(large - small < 160, `${large - small} MiB more`);
});
