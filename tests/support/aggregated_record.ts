/**
 * Aggregated records as the Kinesis Producer Library writes them: an encoder of its own, which shares nothing with the
 * reader that it tests. What it writes was read by npm's aws-kinesis-agg 4.2.8, and what that writes is in tests/shared/aggregated_record_test.ts.
 */

import { createHash } from "node:crypto";

/** Bytes of a length-delimited field. */
function field(number: number, content: Uint8Array): number[] {
  return [number << 3 | 2, ...varint(content.length), ...content];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 | 128, ...varint(Math.floor(value / 128))];
}

const encoder = new TextEncoder();

/** Magic number, message, MD5. */
export function sealed(message: readonly number[]): Uint8Array<ArrayBuffer> {
  const digest = createHash("md5").update(Uint8Array.from(message)).digest();
  return Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...message, ...digest]);
}

/** Packs user records into one; equal partition keys are one entry of the table. */
export function aggregated(
  records: readonly { readonly partitionKey: string; readonly data: string | Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  return sealed([
    ...keys.flatMap((key) => field(1, encoder.encode(key))),
    ...field(2, encoder.encode("12345")), // an explicit hash key, which the first record has
    ...records.flatMap(({ partitionKey, data }, i) =>
      field(
        3,
        Uint8Array.from([
          ...[1 << 3, ...varint(keys.indexOf(partitionKey))],
          ...(i === 0 ? [2 << 3, 0] : []),
          ...field(3, typeof data === "string" ? encoder.encode(data) : data),
        ]),
      )
    ),
  ]);
}
