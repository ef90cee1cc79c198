import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import { type Lake, LakeError, MissingObjectError } from "../../../shared/lake/lake.ts";
import { s3Server } from "../../support/s3_server.ts";

/** A lake to test, which is gone when it is disposed of. */
interface TestLake extends AsyncDisposable {
  readonly lake: Lake;
}

async function folderLake(): Promise<TestLake> {
  const folder = await Deno.makeTempDir({ prefix: "spool-lake-" });
  return {
    lake: new FileLake(`${folder}/not made yet/lake`),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function s3Lake(prefix: string): Promise<TestLake> {
  const server = await s3Server();
  server.pageKeys = 3;
  return { lake: server.lake({ prefix }), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const LAKES: Record<string, () => Promise<TestLake>> = {
  "a folder": folderLake,
  "a bucket": () => s3Lake(""),
  "a prefix": () => s3Lake("/some/prefix+ =ä/"),
};

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

async function keysOf(lake: Lake, prefix: string): Promise<string[]> {
  return await Array.fromAsync(lake.list(prefix), ({ key }) => key);
}

/** Bytes that no two places of an object have in common. */
function content(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 2654435761);
  return new Uint8Array(words.buffer).subarray(0, length);
}

for (const [where, open] of Object.entries(LAKES)) {
  Deno.test(`a lake in ${where} gives back what was put into it`, async () => {
    await using test = await open();
    const { lake } = test;
    const key = "quality/reports/2024-01-01.json";
    assert.deepEqual(await lake.put(key, '{"ä":1}'), { key, bytes: 8, sha256: hex('{"ä":1}') });
    assert.equal(text(await lake.read(key)), '{"ä":1}');
    assert.equal(await new Response(await lake.stream(key)).text(), '{"ä":1}');
    assert.deepEqual(await lake.stat(key), { key, bytes: 8 });

    await lake.put(key, "shorter");
    assert.equal(text(await lake.read(key)), "shorter");
    assert.deepEqual(await Array.fromAsync(lake.list("")), [{ key, bytes: 7 }]);
  });

  Deno.test(`a lake in ${where} holds empty objects`, async () => {
    await using test = await open();
    const { lake } = test;
    await lake.put("a/empty", "");
    const writer = await lake.create("a/written");
    assert.deepEqual(await writer.commit(), { key: "a/written", bytes: 0, sha256: hex("") });
    for (const key of ["a/empty", "a/written"]) {
      assert.deepEqual(await lake.read(key), new Uint8Array());
      assert.deepEqual(await lake.stat(key), { key, bytes: 0 });
      assert.equal(await new Response(await lake.stream(key)).text(), "");
    }
  });

  Deno.test(`a lake in ${where} shows an object when it is whole, and not before`, async () => {
    await using test = await open();
    const { lake } = test;
    const key = "processed/year=2024/month=01/day=01/sensor_data.parquet";
    const [before, after] = [content(1000), content(9 * 1024 * 1024 + 1)];
    await lake.put(key, before);
    const writer = await lake.create(key);
    const chunk = new Uint8Array(70_001); // what is written is not kept: the same memory is used again
    for (let at = 0; at < after.length; at += chunk.length) {
      const piece = after.subarray(at, at + chunk.length);
      chunk.set(piece);
      await writer.write(chunk.subarray(0, piece.length));
      if (at % 50 === 0) assert.deepEqual(await lake.stat(key), { key, bytes: before.length });
    }
    chunk.fill(0);
    assert.deepEqual(await lake.read(key), before);
    assert.deepEqual(await keysOf(lake, ""), [key]);
    assert.deepEqual(await writer.commit(), { key, bytes: after.length, sha256: hex(after) });
    assert.equal(hex(await lake.read(key)), hex(after));
    await writer.abort();
    assert.equal((await lake.stat(key))?.bytes, after.length);
  });

  Deno.test(`a lake in ${where} forgets an object that is given up`, async () => {
    await using test = await open();
    const { lake } = test;
    for (const bytes of [10, 9 * 1024 * 1024]) {
      const writer = await lake.create("given/up");
      await writer.write(content(bytes));
      await writer.abort();
      await writer.abort();
      await assert.rejects(async () => await writer.write(content(1)), /given up already/);
      await assert.rejects(async () => await writer.commit(), /given up already/);
    }
    assert.equal(await lake.stat("given/up"), undefined);
    assert.deepEqual(await keysOf(lake, ""), []);
  });

  Deno.test(`a lake in ${where} reads on from any byte`, async () => {
    await using test = await open();
    const { lake } = test;
    const whole = content(600_000);
    await lake.put("whole", whole);
    for (const from of [0, 1, 262_144, 599_999, 600_000, 700_000]) {
      const rest = await new Response(await lake.stream("whole", from)).bytes();
      assert.equal(hex(rest), hex(whole.subarray(from)), `from ${from}`);
    }
    const reader = (await lake.stream("whole")).getReader();
    await reader.read();
    await reader.cancel();
  });

  Deno.test(`a lake in ${where} says what is not there`, async () => {
    await using test = await open();
    const { lake } = test;
    await lake.put("a/b/c", "1");
    for (const key of ["a/b/d", "a/b", "x", "a/b/c/d"]) {
      assert.equal(await lake.stat(key), undefined);
      await assert.rejects(lake.read(key), new MissingObjectError(key, lake.url));
      await assert.rejects(lake.stream(key), MissingObjectError);
      await lake.remove(key);
    }
    assert.deepEqual(await keysOf(lake, ""), ["a/b/c"]);
  });

  Deno.test(`a lake in ${where} lists by prefix, in the order of keys, however many there are`, async () => {
    await using test = await open();
    const { lake } = test;
    const keys = [
      "a-b/1",
      "a.b",
      "a/b/1",
      "a/b/2",
      "a/b2",
      "a/c",
      "a b",
      "a+b",
      "a&<b>",
      "ab",
      "a/ä",
      "a/\u{ff5e}", // in UTF-16 code units it comes after the next one
      "a/\u{1f600}",
      "b/year=2024/month=01/day=01/x",
    ];
    for (const key of keys.toReversed()) await lake.put(key, key);
    const inOrder = keys.toSorted((a, b) => Buffer.from(a).compare(Buffer.from(b)));
    for (const prefix of ["", "a", "a/", "a/b", "a/b/", "b/year=", "a/b/1", "nothing", "a/\u{1f600}"]) {
      assert.deepEqual(await keysOf(lake, prefix), inOrder.filter((key) => key.startsWith(prefix)), prefix);
    }
    for (const key of keys) assert.equal(text(await lake.read(key)), key);
  });

  Deno.test(`a lake in ${where} removes objects, and what is left of their folders`, async () => {
    await using test = await open();
    const { lake } = test;
    await lake.put("backups/daily/2024-01-01/a", "1");
    await lake.put("backups/daily/2024-01-02/a", "1");
    await lake.remove("backups/daily/2024-01-01/a");
    await lake.remove("backups/daily/2024-01-01/a");
    assert.deepEqual(await keysOf(lake, ""), ["backups/daily/2024-01-02/a"]);
    await lake.remove("backups/daily/2024-01-02/a");
    assert.deepEqual(await keysOf(lake, "backups/"), []);
    await lake.put("backups", "a folder's name is free again");
  });

  Deno.test(`a lake in ${where} refuses what would lead out of it`, async () => {
    await using test = await open();
    const { lake } = test;
    for (
      const key of [
        "",
        "/",
        "/etc/passwd",
        "a/",
        "a//b",
        "..",
        "../a",
        "a/../../b",
        "a/..",
        ".",
        "./a",
        "a/./b",
        ".unfinished/a",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u0085b",
        "\ud800",
        "a".repeat(901),
      ]
    ) {
      const refused = (error: unknown) =>
        error instanceof LakeError && !error.transient && /^Cannot use a key/.test(error.message);
      await assert.rejects(lake.put(key, "1"), refused, key);
      await assert.rejects(lake.create(key), refused, key);
      await assert.rejects(lake.read(key), refused, key);
      await assert.rejects(lake.stream(key), refused, key);
      await assert.rejects(lake.stat(key), refused, key);
      await assert.rejects(lake.remove(key), refused, key);
    }
    for (const prefix of ["/", "../", "a/../", "a//", "a\0"]) {
      await assert.rejects(keysOf(lake, prefix), LakeError, prefix);
    }
  });

  Deno.test(`a lake in ${where} takes any key, and each is another object`, async () => {
    await using test = await open();
    const { lake } = test;
    const segment = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      fc.constantFrom("year=2024", "a b", "%2F", "%", "+", "a?b#c", "~'()*!", "&amp;", "ä", "..a"),
    ).filter((name) => !/^\.|[/\\\p{Cc}]/u.test(name) && name.isWellFormed());
    const keys = fc.uniqueArray(
      fc.array(segment, { minLength: 1, maxLength: 3 }).map((path) => path.join("/")),
      {
        minLength: 1,
        maxLength: 4,
      },
    ).filter((keys) => !keys.some((key) => keys.some((other) => other.startsWith(`${key}/`))));
    await fc.assert(
      fc.asyncProperty(keys, async (keys) => {
        for (const key of keys) await lake.put(key, key);
        assert.deepEqual((await keysOf(lake, "")).toSorted(), keys.toSorted());
        for (const key of keys) {
          assert.equal(text(await lake.read(key)), key);
          await lake.remove(key);
        }
        assert.deepEqual(await keysOf(lake, ""), []);
      }),
      { numRuns: 25 },
    );
  });
}
