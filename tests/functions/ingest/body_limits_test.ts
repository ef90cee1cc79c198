import assert from "node:assert/strict";
import { createGzip } from "node:zlib";
import { answerOf, gzip, ingestServer, KEY, problem } from "../../support/ingest_server.ts";
import { reading } from "../../support/readings.ts";
import { NOTHING, stored } from "../../support/stored.ts";

const MIB = 1024 * 1024;
const LIMIT = 16 * MIB;

const TOO_LARGE = {
  ...problem(413, "body-too-large", "The body is too large"),
  detail: `Cannot accept the body as it must be at most ${LIMIT} bytes after decompression: send it in parts`,
};

const unreadable = (detail: string) => ({
  ...problem(400, "unreadable-body", "The body cannot be read"),
  detail,
});

/** A reading padded with white space to a JSON body of exactly `size` bytes. */
function padded(size: number): string {
  return JSON.stringify(reading()).padEnd(size, " ");
}

/** A body without a declared length, made only as fast as somebody takes it; tells how much was taken. */
function endless(mebibytes: number): { body: ReadableStream<Uint8Array>; taken: () => number } {
  const chunk = new Uint8Array(MIB).fill(0x20);
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (taken === mebibytes * MIB) return controller.close();
      taken += MIB;
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
  return { body, taken: () => taken };
}

/** As curl sends it: the whole request is written to the socket, then the answer is read. */
async function rawRequest(url: string, head: string[], body: Uint8Array): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const bytes = new TextEncoder().encode(
    [`POST ${pathname} HTTP/1.1`, `host: ${hostname}`, `authorization: Bearer ${KEY}`, ...head, "", ""].join(
      "\r\n",
    ),
  );
  for (const part of [bytes, body]) {
    for (let sent = 0; sent < part.length;) sent += await connection.write(part.subarray(sent));
  }
  const buffer = new Uint8Array(4096);
  const patience = setTimeout(() => connection.closeWrite(), 5_000); // a server that waits for more gets an end
  const read = await connection.read(buffer) ?? 0;
  clearTimeout(patience);
  return new TextDecoder().decode(buffer.subarray(0, read));
}

Deno.test("a body of exactly the limit is read, and one byte more is not", async () => {
  await using server = await ingestServer({ maxBodyBytes: 4096 });

  const exact = await server.post(padded(4096));
  const more = await server.post(padded(4097));

  assert.deepEqual([exact.status, exact.body.accepted], [200, 1]);
  assert.equal(more.status, 413);
});

Deno.test("the limit is on what gzip unpacks to, to the byte", async () => {
  await using server = await ingestServer({ maxBodyBytes: 4096 });

  const exact = await server.post(gzip(padded(4096)), { "content-encoding": "gzip" });
  const more = await server.post(gzip(padded(4097)), { "content-encoding": "gzip" });

  assert.deepEqual([exact.status, exact.body.accepted], [200, 1]);
  assert.equal(more.status, 413);
});

Deno.test("a declared body of 50 MB gets 413 before any of it is sent", async () => {
  await using server = await ingestServer();

  const answer = await rawRequest(
    server.url,
    ["content-type: application/json", `content-length: ${50 * MIB}`],
    new Uint8Array(),
  );

  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /\r\ncontent-type: application\/problem\+json\r\n/i);
  assert.deepEqual(JSON.parse(answer.slice(answer.indexOf("{"))), TOO_LARGE);
  assert.deepEqual(await stored(server.db.sql), NOTHING);
});

Deno.test("a body of 50 MB without a declared length is cut off while it streams", async () => {
  await using server = await ingestServer();
  const { body, taken } = endless(50);

  const answer = await server.post(body);

  assert.equal(answer.status, 413);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.deepEqual(answer.body, TOO_LARGE);
  // what was taken beyond the limit stands in the buffers of the two sockets
  assert.ok(taken() > LIMIT && taken() <= LIMIT + 16 * MIB, `${taken() / MIB} MiB were taken`);
  assert.deepEqual(await stored(server.db.sql), NOTHING);
});

Deno.test("after a body that was too large the server takes the next one", async () => {
  await using server = await ingestServer();

  await server.post(endless(50).body);
  const { status, body } = await server.post(JSON.stringify(reading()));

  assert.deepEqual([status, body.accepted], [200, 1]);
});

/** One gzip member of `mebibytes` of zeros, about a thousandth of that. */
async function zeros(mebibytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunk = new Uint8Array(MIB);
  const packer = createGzip({ level: 1 });
  const packed: Uint8Array[] = [];
  packer.on("data", (part: Uint8Array) => packed.push(part));
  for (let i = 0; i < mebibytes; i++) {
    if (!packer.write(chunk)) await new Promise((resolve) => packer.once("drain", resolve));
  }
  await new Promise((resolve) => packer.once("end", resolve).end());
  return new Uint8Array(await new Blob(packed as BlobPart[]).arrayBuffer());
}

for (
  const [what, bomb] of [
    ["one member of 1 GB of zeros", () => zeros(1024)],
    ["a thousand members of 1 MB of zeros", () => {
      const member = gzip(new Uint8Array(MIB));
      return new Blob(Array(1000).fill(member)).bytes();
    }],
  ] as const
) {
  Deno.test(`a gzip bomb (${what}) gets 413`, async () => {
    await using server = await ingestServer();
    const body = await bomb();
    assert.ok(body.length < LIMIT, "the bomb must pass as it stands");

    const answer = await server.post(body, { "content-encoding": "gzip" });

    assert.equal(answer.status, 413);
    assert.deepEqual(answer.body, TOO_LARGE);
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

const packed = gzip(JSON.stringify(reading()));
const damaged = Uint8Array.from(packed, (byte, i) => i === packed.length - 8 ? byte ^ 1 : byte); // its checksum
const broken: [string, Uint8Array<ArrayBuffer>][] = [
  ["truncated in its data", packed.slice(0, packed.length / 2)],
  ["truncated in its last byte", packed.slice(0, -1)],
  ["truncated in its header", packed.slice(0, 5)],
  ["with a wrong checksum", damaged],
  ["of no bytes", new Uint8Array()],
  ["that is none", new TextEncoder().encode(JSON.stringify(reading()))],
  ["whose second member is truncated", Uint8Array.from([...gzip("["), ...packed.slice(0, -9)])],
];
for (const [what, body] of broken) {
  Deno.test(`gzip ${what} gets 400, and nothing is stored`, async () => {
    await using server = await ingestServer();

    const answer = await server.post(body, { "content-encoding": "gzip" });

    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.deepEqual(answer.body, unreadable("Cannot read the body as it must be whole gzip data"));
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

Deno.test("gzip of nothing gets 400, as nothing does", async () => {
  await using server = await ingestServer();

  const answer = await server.post(gzip(""), { "content-encoding": "gzip" });

  assert.equal(answer.status, 400);
  assert.deepEqual(answer.body, unreadable("Cannot read the body as it must not be empty"));
  assert.deepEqual(await stored(server.db.sql), NOTHING);
});

Deno.test("gzip sent without saying so gets 400 with what to say", async () => {
  await using server = await ingestServer();

  const answer = await server.post(packed);

  assert.equal(answer.status, 400);
  assert.deepEqual(
    answer.body,
    unreadable("Cannot read the body as it must be text: it is gzip, so send Content-Encoding: gzip with it"),
  );
});

for (const encoding of ["br", "deflate", "zstd", "gzip, gzip"]) {
  Deno.test(`Content-Encoding ${encoding} gets 415, and nothing is stored`, async () => {
    await using server = await ingestServer();

    const answer = await server.post(packed, { "content-encoding": encoding });

    assert.equal(answer.status, 415);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.deepEqual(answer.body, {
      ...problem(415, "unsupported-encoding", "The content encoding is not supported"),
      detail:
        `Cannot read the body as its Content-Encoding must be gzip or none: current value is ${encoding}`,
    });
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

Deno.test("a sender that goes away in the middle of its body leaves nothing behind", async () => {
  await using server = await ingestServer();
  const gone = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(JSON.stringify(reading()))),
  });

  const sending = fetch(server.url, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/x-ndjson" },
    body,
    signal: gone.signal,
  }).then(answerOf);
  setTimeout(() => gone.abort(), 50);
  await assert.rejects(sending, { name: "AbortError" });

  const next = await server.post(JSON.stringify(reading({ cycle: 2 })));
  assert.equal(next.body.accepted, 1);
  assert.deepEqual(await stored(server.db.sql), { readings: 1, engines: 1, batches: 1, deadLetters: 0 });
});
