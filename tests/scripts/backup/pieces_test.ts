import assert from "node:assert/strict";
import fc from "fast-check";
import { countRows, pieces } from "../../../scripts/backup/pieces.ts";

async function* chunksOf(text: Uint8Array, sizes: readonly number[]) {
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length];
    yield text.subarray(at, at + size);
    at += size;
  }
}

Deno.test("pieces are the text, cut where a row ends", async () => {
  const row = fc.string({ maxLength: 40 }).map((text) => text.replaceAll("\n", "") + "\n");
  await fc.assert(fc.asyncProperty(
    fc.array(row, { maxLength: 60 }),
    fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 1, max: 200 }),
    async (rows, sizes, least) => {
      const text = new TextEncoder().encode(rows.join(""));
      const found: Uint8Array[] = [];
      for await (const piece of pieces(chunksOf(text, sizes), least)) found.push(piece);

      assert.deepEqual(
        new Uint8Array(await new Blob(found as BlobPart[]).arrayBuffer()),
        new Uint8Array(text),
      );
      assert.equal(found.reduce((sum, piece) => sum + countRows(piece), 0), rows.length);
      for (const piece of found) assert.equal(piece.at(-1), 10);
    },
  ));
});

Deno.test("a row that is longer than a piece is not cut", async () => {
  const text = new TextEncoder().encode(`short\n${"x".repeat(2_000_000)}\nshort\n`);
  const found: number[] = [];
  for await (const piece of pieces(chunksOf(text, [70_000]), 1000)) found.push(piece.length);
  assert.deepEqual(found, [6, 2_000_007]);
});

Deno.test("a piece stays as it is when the next one is gathered", async () => {
  const text = new TextEncoder().encode("first\nsecond\nthird\n");
  const found: Uint8Array[] = [];
  for await (const piece of pieces(chunksOf(text, [4]), 1)) found.push(piece);
  assert.deepEqual(found.map((piece) => new TextDecoder().decode(piece)), ["first\n", "second\n", "third\n"]);
});
