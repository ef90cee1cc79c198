import assert from "node:assert/strict";
import fc from "fast-check";
import { readText } from "../../shared/body.ts";
import { gzip } from "../support/ingest_server.ts";

/** A request with a body of these pieces, which knows whether somebody gave up on it. */
function request(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  headers: Record<string, string> = {},
  end: "close" | "error" = "close",
): { request: Request; cancelled: () => boolean } {
  let cancelled = false;
  let i = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (i < pieces.length) controller.enqueue(pieces[i++]);
      else if (end === "error") controller.error(new Error("connection closed before message completed"));
      else controller.close();
    },
    cancel() {
      cancelled = true;
    },
  }, { highWaterMark: 0 });
  return {
    request: new Request("http://127.0.0.1/", { method: "POST", headers, body }),
    cancelled: () => cancelled,
  };
}

/** Cuts bytes into pieces of the given lengths, the last one as long as it must be. */
function pieces(bytes: Uint8Array<ArrayBuffer>, lengths: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const cut: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const length of lengths) {
    cut.push(bytes.slice(at, at + length));
    at += length;
  }
  return [...cut, bytes.slice(at)].filter((piece) => piece.length > 0);
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((each) =>
  !each.startsWith("\ufeff")
);

Deno.test("text arrives as it was sent, however it was cut into pieces, packed or not", async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(9)), fc.boolean(), async (sent, lengths, packed) => {
      const bytes = packed ? gzip(sent) : encode(sent);
      const headers: Record<string, string> = packed ? { "content-encoding": "gzip" } : {};
      assert.equal(await readText(request(pieces(bytes, lengths), headers).request, 10_000), sent);
    }),
    { seed: 2, numRuns: 300 },
  );
});

Deno.test("members of one gzip file are one text, also when a member ends within a character", async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(9)), fc.array(fc.nat(50)), async (sent, cuts, lengths) => {
      const members = pieces(encode(sent), cuts).map(gzip);
      const bytes = await new Blob(members).bytes();
      const { request: sending } = request(pieces(bytes, lengths), { "content-encoding": "gzip" });
      assert.equal(await readText(sending, 10_000), sent);
    }),
    { seed: 2, numRuns: 300 },
  );
});

Deno.test("gzip cut short anywhere is refused, and so is each of its bytes flipped in data or checksum", async () => {
  const whole = gzip("a reading, and another reading, and another reading");
  for (let length = 1; length < whole.length; length++) {
    const { request: cut } = request([whole.slice(0, length)], { "content-encoding": "gzip" });
    await assert.rejects(readText(cut, 1000), { status: 400 }, `cut to ${length} bytes`);
  }
  const HEADER = 10; // its bytes say what made the file and when, and change nothing
  for (let i = HEADER; i < whole.length; i++) {
    const flipped = whole.map((byte, at) => at === i ? byte ^ 0xff : byte);
    const { request: damaged } = request([flipped], { "content-encoding": "gzip" });
    await assert.rejects(readText(damaged, 1000), { status: 400 }, `byte ${i} flipped`);
  }
});

Deno.test("a declared length above the limit is refused without reading", async () => {
  const { request: sending } = request([encode("x")], { "content-length": "1001" });
  await assert.rejects(readText(sending, 1000), { status: 413, type: "body-too-large" });
  assert.equal(sending.bodyUsed, false);
});

for (const encoding of ["identity", "gzip"]) {
  Deno.test(`a body that passes the limit while it streams is given up (${encoding})`, async () => {
    const endless = encoding === "gzip" ? gzip(new Uint8Array(1_000_000)) : encode("x".repeat(1_000_000));
    const { request: sending, cancelled } = request(pieces(endless, Array(100).fill(100)), {
      "content-encoding": encoding,
    });
    await assert.rejects(readText(sending, 1000), { status: 413, type: "body-too-large" });
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(cancelled(), true);
  });
}

for (const encoding of ["identity", "gzip"]) {
  Deno.test(`a body whose sender went away is unreadable (${encoding})`, async () => {
    const { request: sending } = request(
      [gzip("half").slice(0, 15)],
      { "content-encoding": encoding },
      "error",
    );
    await assert.rejects(readText(sending, 1000), { status: 400, type: "unreadable-body" });
  });
}

Deno.test("the limit is inclusive", async () => {
  assert.equal((await readText(request([encode("é".repeat(500))]).request, 1000)).length, 500);
  await assert.rejects(readText(request([encode("é".repeat(500) + "x")]).request, 1000), { status: 413 });
});

Deno.test("a byte order mark is no part of the text", async () => {
  assert.equal(await readText(request([encode("\ufeff[]")]).request, 1000), "[]");
});
