import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import S3rver from "s3rver";
import { freePort } from "../../../scripts/local/postgres.ts";
import { LakeError, MissingObjectError } from "../../../shared/lake/lake.ts";
import { addressOf } from "../../../shared/lake/s3_bucket.ts";
import { S3Lake } from "../../../shared/lake/s3_lake.ts";
import { partBytes } from "../../../shared/lake/s3_writer.ts";
import { type Call, type Fault, s3Server } from "../../support/s3_server.ts";

const MIB = 1024 * 1024;

const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that no two places of an object have in common. */
function content(length: number, seed = 0): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + seed, 2654435761);
  return new Uint8Array(words.buffer).subarray(0, length);
}

/** The same fault for the first so many calls that fit. */
function first(count: number, fault: Fault, fits: (call: Call) => boolean = () => true) {
  let left = count;
  return (call: Call) => fits(call) && left-- > 0 ? fault : undefined;
}

const isComplete = ({ method, url }: Call) => method === "POST" && url.includes("uploadId=");
const isPart = ({ method, url }: Call) => method === "PUT" && url.includes("partNumber=");

Deno.test("s3rver takes the requests by itself, too: any key, whole and in parts", async () => {
  const directory = await Deno.makeTempDir();
  const s3rver = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    configureBuckets: [{ name: "lake" }],
  });
  const { port } = await s3rver.run() as AddressInfo;
  try {
    const place = {
      bucket: "lake",
      prefix: "p+ä",
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}/`,
      credentials: () => Promise.resolve({ accessKeyId: "S3RVER", secretAccessKey: "S3RVER" }),
    };
    const lake = new S3Lake(place);
    const keys = ["a b", "a+b=c&d", "a/%2F!'()*", "ä/😀", "year=2024/x"];
    for (const key of keys) await lake.put(key, key);
    assert.deepEqual(
      (await Array.fromAsync(lake.list(""), ({ key }) => key)).toSorted(),
      keys.toSorted(),
    );
    for (const key of keys) assert.equal(new TextDecoder().decode(await lake.read(key)), key);
    const large = content(20 * MIB + 1);
    const writer = await lake.create("large");
    await writer.write(large);
    await writer.commit();
    assert.equal(hex(await lake.read("large")), hex(large));
  } finally {
    s3rver.httpServer.closeAllConnections();
    await s3rver.close();
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("what may pass by itself is tried again, and each call in the end does what it should", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  const faults: Fault[] = [
    { kind: "answer", status: 503, code: "SlowDown" },
    { kind: "answer", status: 500, code: "InternalError" },
    { kind: "answer", status: 502, code: "" },
    { kind: "answer", status: 429, code: "TooManyRequests" },
    { kind: "answer", status: 400, code: "RequestTimeout" },
    { kind: "answer", status: 409, code: "OperationAborted" },
    { kind: "reset" },
    { kind: "lose answer" },
  ];
  const content = '{"a":1}';
  const faultOf = new Map<number, (call: Call) => Fault | undefined>();
  server.fault = (call) => [...faultOf.values()].map((fault) => fault(call)).find(Boolean);
  await Promise.all(faults.map(async (fault, i) => {
    const key = `dir/${i}`;
    const mine = ({ url }: Call) => url.includes(`/dir/${i}`) || url.includes(`prefix=dir%2F${i}`);
    const calls = () => server.calls.filter(mine).length;
    const twice = async <T>(act: () => Promise<T>) => {
      faultOf.set(i, first(1, fault, mine));
      const before = calls();
      const result = await act();
      assert(calls() >= before + 2, JSON.stringify(fault));
      return result;
    };
    assert.equal((await twice(() => lake.put(key, content))).bytes, 7);
    assert.equal(new TextDecoder().decode(await twice(() => lake.read(key))), content);
    assert.deepEqual(await twice(() => Array.fromAsync(lake.list(key))), [{ key, bytes: 7 }]);
    // an answer to HEAD has no code: 400 is looked into in another way
    if (!(fault.kind === "answer" && fault.status === 400)) {
      assert.deepEqual(await twice(() => lake.stat(key)), { key, bytes: 7 });
    }
    await twice(() => lake.remove(key));
    assert.equal(await lake.stat(key), undefined);
  }));
});

Deno.test("it gives up after so many attempts, and says that it may pass", async () => {
  await using server = await s3Server();
  server.fault = () => ({ kind: "answer", status: 503, code: "SlowDown" });
  await assert.rejects(
    server.lake({ attempts: 3 }).put("a", "1"),
    (error) =>
      error instanceof LakeError && error.transient &&
      error.message === "Cannot write a as it must take the request: s3://lake: it answered 503 SlowDown",
  );
  assert.equal(server.calls.length, 3);
  await assert.rejects(
    server.lake({ attempts: 2, endpoint: `http://127.0.0.1:${freePort()}` }).read("a"),
    (error) =>
      error instanceof LakeError && error.transient &&
      /^Cannot read a as it must be reachable: s3:\/\/lake: /.test(error.message),
  );
});

Deno.test("what a person must put right is told at once, and clearly", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  const cases: [number, string, RegExp][] = [
    [
      403,
      "AccessDenied",
      /as the key that signs must have the right to: s3:\/\/lake: it answered 403 AccessDenied$/,
    ],
    [403, "InvalidAccessKeyId", /as AWS_ACCESS_KEY_ID must be a key of the service/],
    [403, "SignatureDoesNotMatch", /as AWS_SECRET_ACCESS_KEY must belong to AWS_ACCESS_KEY_ID/],
    [400, "ExpiredToken", /as AWS_SESSION_TOKEN must not have expired/],
    [400, "InvalidToken", /as AWS_SESSION_TOKEN must belong to AWS_ACCESS_KEY_ID/],
    [403, "RequestTimeTooSkewed", /as the clock of this machine must be right/],
    [403, "InvalidObjectState", /as it must not be in an archive of S3/],
    [
      301,
      "PermanentRedirect",
      /as AWS_REGION must be the region of its bucket, eu-west-3: s3:\/\/lake: it answered 301/,
    ],
    [400, "AuthorizationHeaderMalformed", /as AWS_REGION must be the region of its bucket, eu-west-3/],
    [404, "NoSuchBucket", /as its bucket must exist: s3:\/\/lake: it answered 404 NoSuchBucket$/],
    [418, "Teapot", /as it must take the request: s3:\/\/lake: it answered 418 Teapot$/],
  ];
  for (const [status, code, message] of cases) {
    server.fault = () => ({ kind: "answer", status, code, region: "eu-west-3" });
    const acts: Record<string, [number, () => Promise<unknown>]> = {
      "write a": [1, () => lake.put("a", "1")],
      "read a": [1, () => lake.read("a")],
      "look up a|list a": [status === 418 ? 1 : 2, () => lake.stat("a")], // a second call for what HEAD does not tell
      "list the objects": [1, () => Array.fromAsync(lake.list(""))],
      "remove a": [1, () => lake.remove("a")],
    };
    for (const [attempted, [calls, act]] of Object.entries(acts)) {
      server.calls.length = 0;
      await assert.rejects(act, (error) => {
        assert(error instanceof LakeError && !error.transient, `${error}`);
        assert.match(error.message, new RegExp(`^Cannot (${attempted}) as `));
        if (status !== 418 || attempted !== "look up a|list a") assert.match(error.message, message);
        return true;
      });
      assert.equal(server.calls.length, calls, `${attempted} ${code}`);
    }
  }
});

Deno.test("a bucket that does not exist is told from an object that does not", async () => {
  await using server = await s3Server();
  const lake = server.lake({ bucket: "other" });
  for (
    const act of [
      () => lake.put("a", "1"),
      () => lake.read("a"),
      () => lake.stat("a"),
      () => Array.fromAsync(lake.list("")),
      () => lake.remove("a"),
    ]
  ) await assert.rejects(act, /as its bucket must exist/);
  await assert.rejects(server.lake().read("a"), MissingObjectError);
  assert.equal(await server.lake().stat("a"), undefined);
});

Deno.test("a body that is damaged on its way is refused, and sent again", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  server.fault = first(1, { kind: "damage" });
  await lake.put("a", "whole");
  assert.equal(server.calls.length, 2);
  assert.equal(new TextDecoder().decode(await lake.read("a")), "whole");

  const large = content(9 * MIB);
  server.fault = first(1, { kind: "damage" }, isPart);
  const writer = await lake.create("large");
  await writer.write(large);
  await writer.commit();
  assert.equal(hex(await lake.read("large")), hex(large));
});

Deno.test("a reader goes on where the connection broke off, in the same object", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  const whole = content(3 * MIB + 17);
  await lake.put("a", whole);
  const isRead = ({ method }: Call) => method === "GET";
  for (
    const fault of [
      { kind: "cut", after: 0 },
      { kind: "cut", after: 1 },
      { kind: "cut", after: MIB },
    ] as const
  ) {
    server.fault = first(3, fault, isRead);
    server.calls.length = 0;
    assert.equal(hex(await lake.read("a")), hex(whole), JSON.stringify(fault));
    assert(server.calls.length >= 4);
    const ranges = server.calls.map(({ headers }) => headers.get("range"));
    assert.equal(ranges[0], null);
    if (fault.after > 0) assert.match(ranges[1] ?? "", /^bytes=\d+-$/);
    const etags = new Set(server.calls.slice(1).map(({ headers }) => headers.get("if-match")));
    assert.equal(etags.size, 1);
    assert.match([...etags][0] ?? "", /^"[0-9a-f]{32}"$/);
  }
  for (const kind of ["cut", "short"] as const) {
    server.fault = first(3, { kind, after: MIB }, isRead);
    const rest = await new Response(await lake.stream("a", 100)).bytes();
    assert.equal(hex(rest), hex(whole.subarray(100)), kind);
  }
  // a connection that is there and brings nothing more counts as broken, too
  server.fault = first(2, { kind: "stall", after: 70_000 }, isRead);
  assert.equal(hex(await server.lake({ timeoutMs: 1000 }).read("a")), hex(whole));
});

Deno.test("a reader never mixes an object with the one that takes its place", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  await lake.put("a", content(2 * MIB));
  for (const replace of [() => lake.put("a", content(2 * MIB, 7)), () => lake.remove("a")]) {
    server.fault = first(1, { kind: "cut", after: MIB }, ({ method }) => method === "GET");
    const reader = (await lake.stream("a")).getReader();
    await reader.read();
    await replace();
    await assert.rejects(
      async () => {
        while (!(await reader.read()).done);
      },
      (error) =>
        error instanceof LakeError && error.transient &&
        /^Cannot read a as it must stay until it is read whole/.test(error.message),
    );
  }
});

Deno.test("a connection that breaks off each time without a byte is given up", async () => {
  await using server = await s3Server();
  const lake = server.lake({ attempts: 3 });
  await lake.put("a", content(MIB));
  server.fault = ({ method }) => method === "GET" ? { kind: "cut", after: 0 } : undefined;
  await assert.rejects(lake.read("a"), (error) => error instanceof LakeError && error.transient);
  assert.equal(server.calls.filter(({ method }) => method === "GET").length, 3);
});

Deno.test("a large object is sent in parts, two at a time, with their checksums", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  const large = content(33 * MIB + 5);
  const writer = await lake.create("large.parquet");
  for (let at = 0; at < large.length; at += 3 * MIB) await writer.write(large.subarray(at, at + 3 * MIB));
  assert.deepEqual(await writer.commit(), { key: "large.parquet", bytes: large.length, sha256: hex(large) });
  assert.equal(hex(await lake.read("large.parquet")), hex(large));
  const parts = server.calls.filter(isPart);
  assert.deepEqual(parts.map(({ bytes }) => bytes).toSorted((a, b) => b - a), [
    ...Array(5).fill(6 * MIB),
    3 * MIB + 5,
  ]);
  for (const { headers } of parts) assert.match(headers.get("x-amz-checksum-sha256") ?? "", /^[\w+/]{43}=$/);
  assert(server.mostConcurrent <= 2);
  const [begun] = server.calls;
  assert.equal(begun.headers.get("content-type"), "application/vnd.apache.parquet");
  assert.equal(server.uploads.size, 0);

  // what fits into one part is put whole
  server.calls.length = 0;
  const exact = await lake.create("exact");
  await exact.write(large.subarray(0, 6 * MIB));
  await exact.commit();
  assert.deepEqual(server.calls.map(({ method }) => method), ["PUT"]);
});

Deno.test("parts are as S3 wants them, up to the largest object", () => {
  let bytes = 0;
  for (let number = 1; number <= 10_000; number++) {
    assert(partBytes(number) >= 5 * MIB && partBytes(number) <= 5 * 1024 * MIB);
    bytes += partBytes(number);
  }
  assert(bytes >= 5 * 1024 * 1024 * MIB);
});

Deno.test("the end of an upload may fail after 200, or its answer be lost: the object is there once, and whole", async () => {
  await using server = await s3Server();
  const lake = server.lake();
  const large = content(9 * MIB);
  const write = async () => {
    const writer = await lake.create("large");
    await writer.write(large);
    try {
      return await writer.commit();
    } finally {
      await writer.abort();
    }
  };
  for (
    const fault of [
      { kind: "200", code: "InternalError" },
      { kind: "200", code: "SlowDown" },
      { kind: "lose answer" },
      { kind: "cut", after: 30 },
      { kind: "reset" },
    ] as const
  ) {
    await lake.remove("large");
    server.calls.length = 0;
    server.fault = first(1, fault, isComplete);
    assert.equal((await write()).sha256, hex(large), JSON.stringify(fault));
    assert.equal(hex(await lake.read("large")), hex(large));
    assert.equal(server.calls.filter(isComplete).length, 2);
    assert.equal(server.uploads.size, 0);
  }
  // what cannot pass is told
  server.fault = first(1, { kind: "200", code: "InvalidPart" }, isComplete);
  await assert.rejects(write, /as it must take the request: s3:\/\/lake: it answered 200 InvalidPart/);
  // and so is an upload that is gone, with somebody else's object in its place
  await lake.put("large", "somebody else's");
  server.fault = first(1, { kind: "answer", status: 404, code: "NoSuchUpload" }, isComplete);
  await assert.rejects(write, /404 NoSuchUpload/);
});

Deno.test("a part that cannot be sent ends the upload, and the earlier object stays", async () => {
  await using server = await s3Server();
  const lake = server.lake({ attempts: 2 });
  await lake.put("a", "earlier");
  for (const status of [403, 503]) {
    server.fault = (call) => isPart(call) ? { kind: "answer", status, code: "AccessDenied" } : undefined;
    const writer = await lake.create("a");
    const chunk = content(MIB);
    await assert.rejects(
      async () => {
        for (let i = 0; i < 100; i++) await writer.write(chunk);
        await writer.commit();
      },
      (error) => error instanceof LakeError && error.transient === (status === 503),
    );
    assert(server.calls.filter(isPart).length <= 12);
    await writer.abort();
    assert.equal(server.uploads.size, 0);
    server.calls.length = 0;
  }
  assert.equal(new TextDecoder().decode(await lake.read("a")), "earlier");
});

Deno.test("temporary keys are asked for each time, and their token is signed", async () => {
  await using server = await s3Server();
  let asked = 0;
  const lake = server.lake({
    credentials: () =>
      Promise.resolve({ accessKeyId: "S3RVER", secretAccessKey: "S3RVER", sessionToken: `token-${++asked}` }),
  });
  await lake.put("a", "1");
  await lake.read("a");
  const tokens = server.calls.map(({ headers }) => headers.get("x-amz-security-token"));
  assert.deepEqual(tokens, ["token-1", "token-2"]);
  assert.match(server.calls[0].headers.get("authorization") ?? "", /SignedHeaders=[^,]*x-amz-security-token/);

  const without = server.lake({ credentials: () => Promise.reject(new Error("no profile")) });
  await assert.rejects(
    without.read("a"),
    (error) =>
      error instanceof LakeError && !error.transient &&
      error.message === "Cannot read a as there must be a key that signs: s3://lake",
  );
});

Deno.test("buckets are in the host at AWS, and in the path elsewhere and where their name has dots", () => {
  const at = (bucket: string, region: string, endpoint?: string) => addressOf({ bucket, region, endpoint });
  assert.equal(at("lake", "eu-central-1"), "https://lake.s3.eu-central-1.amazonaws.com");
  assert.equal(at("my.lake", "us-east-1"), "https://s3.us-east-1.amazonaws.com/my.lake");
  assert.equal(at("lake", "cn-north-1"), "https://lake.s3.cn-north-1.amazonaws.com.cn");
  assert.equal(at("lake", "auto", "https://account.r2.example/"), "https://account.r2.example/lake");
});

Deno.test("a prefix has slashes around it or not, and must leave room for keys", async () => {
  await using server = await s3Server();
  for (const prefix of ["a/b", "/a/b", "a/b/", "/a/b/"]) {
    assert.equal(server.lake({ prefix }).url, "s3://lake/a/b");
    await server.lake({ prefix }).put("c", prefix);
  }
  assert.deepEqual(await Array.fromAsync(server.lake().list("")), [{ key: "a/b/c", bytes: 5 }]);
  assert.equal(server.lake({ prefix: "/" }).url, "s3://lake");
  assert.throws(() => server.lake({ prefix: "a//b" }), LakeError);
  assert.throws(() => server.lake({ prefix: "a/../b" }), LakeError);
  assert.throws(() => server.lake({ prefix: "a".repeat(124) }), /must be at most 124 bytes long/);
});
