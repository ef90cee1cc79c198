import assert from "node:assert/strict";
import fc from "fast-check";
import { snappyUncompress } from "hyparquet";
import { Snappy } from "../../../shared/lake/snappy.ts";

const snappy = new Snappy();

function uncompressed(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  snappyUncompress(bytes, out);
  return out;
}

Deno.test("what is compressed is what another implementation uncompresses, one after the other", () => {
  // runs, repetitions at near and far offsets, and noise
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 70_000 })).map(([byte, count]) =>
      new Uint8Array(count).fill(byte)
    ),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.integer({ min: 1, max: 100 })).map((
      [bytes, times],
    ) => Uint8Array.from({ length: bytes.length * times }, (_, i) => bytes[i % bytes.length])),
    fc.integer({ min: 1, max: 70_000 }).map((count) =>
      Uint8Array.from({ length: count }, (_, i) => Math.imul(i, 2654435761) >>> 24)
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
      }
      assert.deepEqual(uncompressed(snappy.compress(bytes), bytes.length), bytes);
    }),
    { numRuns: 300 },
  );
});

Deno.test("lengths around each limit of the format come back", () => {
  for (const limit of [0, 15, 60, 64, 67, 128, 256, 2048, 16_384, 65_536]) {
    for (let length = Math.max(0, limit - 3); length <= limit + 3; length++) {
      const run = new Uint8Array(length).fill(7);
      const noise = Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 13);
      for (
        const bytes of [run, noise, Uint8Array.of(...noise.subarray(0, 90), ...run, ...noise.subarray(0, 90))]
      ) {
        assert.deepEqual(uncompressed(snappy.compress(bytes), bytes.length), bytes);
      }
    }
  }
  assert.ok(snappy.compress(new Uint8Array(100_000)).length < 5000);
});
