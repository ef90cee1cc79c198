import assert from "node:assert/strict";
import fc from "fast-check";
import { AggregationError, isAggregated, userRecords } from "../../shared/aggregated_record.ts";
import { aggregated, sealed } from "../support/aggregated_record.ts";

/** The user records as what they were made of. */
function unpacked(data: Uint8Array): { partitionKey: string | undefined; data: string }[] {
  return userRecords(data).map(({ partitionKey, data }) => ({
    partitionKey,
    data: new TextDecoder("utf-8", { ignoreBOM: true }).decode(data),
  }));
}

/** Written by npm's aws-kinesis-agg 4.2.8 (`RecordAggregator.build`), whose partition keys are a table. */
const BY_AWS = "84mawgoKRU5HSU5FXzAwMQoKRU5HSU5FXzAwMhoPCAAaC3siY3ljbGUiOjF9GgQIARoAGpUDCAAakAPOqc6pzqnOqc" +
  "6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6p" +
  "zqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzq" +
  "nOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnO" +
  "qc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc" +
  "6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6p" +
  "zqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pzqnOqc6pGmzAydZngan3MT+vNn" +
  "SuTQ==";

Deno.test("what AWS's own library aggregates is taken apart", () => {
  const data = Uint8Array.from(atob(BY_AWS), (character) => character.charCodeAt(0));
  assert.ok(isAggregated(data));
  assert.deepEqual(unpacked(data), [
    { partitionKey: "ENGINE_001", data: '{"cycle":1}' },
    { partitionKey: "ENGINE_002", data: "" },
    { partitionKey: "ENGINE_001", data: "Ω".repeat(200) },
  ]);
});

Deno.test("user records come out as they went in, with their own partition keys", () => {
  const record = fc.record({
    partitionKey: fc.string({ minLength: 1, unit: "grapheme" }),
    data: fc.string({ unit: "grapheme" }),
  }, { noNullPrototype: true });
  fc.assert(fc.property(fc.array(record, { maxLength: 20 }), (records) => {
    const data = aggregated(records);
    assert.ok(isAggregated(data));
    assert.deepEqual(unpacked(data), records);
  }));
});

Deno.test("no text and no gzip is taken for an aggregated record", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.equal(isAggregated(new TextEncoder().encode(text.toWellFormed())), false);
  }));
  assert.equal(isAggregated(Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2])), false);
});

Deno.test("a record with any bit turned over is refused by its checksum", () => {
  const good = aggregated([{ partitionKey: "a", data: '{"cycle":1}' }]);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: good.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const bad = good.slice();
      bad[at] ^= 1 << bit;
      assert.throws(() => userRecords(bad), {
        name: "AggregationError",
        message: "Cannot read the record as its MD5 checksum must be that of its message",
      });
    }),
  );
});

Deno.test("a damaged message with the right checksum is refused or read, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (message) => {
      try {
        userRecords(sealed([...message]));
      } catch (error) {
        assert.ok(error instanceof AggregationError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
  const damaged: [string, number[]][] = [
    ["a length beyond the end", [3 << 3 | 2, 100, 1]],
    ["a number that does not end", [1 << 3, 0xff, 0xff]],
    ["a number of eleven bytes", [1 << 3, ...Array(10).fill(0xff), 1]],
    ["a group", [3 << 3 | 3]],
  ];
  for (const [what, message] of damaged) {
    assert.throws(() => userRecords(sealed(message)), { name: "AggregationError" }, what);
  }
});

Deno.test("fields that are not known are skipped, and a key that is not in the table is none", () => {
  const record = [
    ...[9 << 3 | 2, 2, 1, 2], // bytes
    ...[10 << 3, 200, 1], // a number
    ...[11 << 3 | 5, 1, 2, 3, 4],
    ...[12 << 3 | 1, 1, 2, 3, 4, 5, 6, 7, 8],
    ...[1 << 3, 7], // partition key 7 of none
    ...[3 << 3 | 2, 1, 0x7b],
  ];
  const data = sealed([13 << 3, 5, 3 << 3 | 2, record.length, ...record]);
  assert.deepEqual(unpacked(data), [{ partitionKey: undefined, data: "{" }]);
});
