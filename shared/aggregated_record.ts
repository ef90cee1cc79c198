/**
 * Records that the Kinesis Producer Library packed into one: magic number, protobuf message, MD5.
 *
 * The format is github.com/awslabs/amazon-kinesis-producer, aggregation-format.md. It is three messages of two wire
 * types that have not changed since 2014; a protobuf library would be larger than all of /kinesis.
 */

import { createHash } from "node:crypto";

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST_BYTES = 16;

/** One of the records that the producer was given. */
export interface UserRecord {
  /** Its own partition key; undefined where the message names none that exists. */
  readonly partitionKey: string | undefined;
  readonly data: Uint8Array;
}

/** An aggregated record that is damaged: "Cannot read the record as it must be Y". */
export class AggregationError extends Error {
  override readonly name = "AggregationError";
}

/** Whether a record's data is an aggregated record. No text in UTF-8 begins like it. */
export function isAggregated(data: Uint8Array): boolean {
  return data.length >= MAGIC.length + DIGEST_BYTES && MAGIC.every((byte, i) => data[i] === byte);
}

/** Field numbers of the messages AggregatedRecord and Record. */
const PARTITION_KEY_TABLE = 1;
const RECORDS = 3;
const PARTITION_KEY_INDEX = 1;
const DATA = 3;

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A field of a message: its number, and its value as a number or as bytes. */
type Field = readonly [number: number, value: number | Uint8Array];

function* fields(message: Uint8Array): Generator<Field> {
  let i = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      // ten bytes hold 64 bits; what is above 2^53 is rounded, and is no valid length or index anyway
      if (i >= message.length || scale > 2 ** 63) {
        throw new AggregationError("Cannot read the record as it must be a whole protobuf message");
      }
      const byte = message[i++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Uint8Array => {
    if (length > message.length - i) {
      throw new AggregationError("Cannot read the record as it must be a whole protobuf message");
    }
    return message.subarray(i, i += length);
  };
  while (i < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === VARINT) yield [number, varint()];
    else if (wireType === LENGTH_DELIMITED) yield [number, bytes(varint())];
    else if (wireType === FIXED_64) yield [number, bytes(8)];
    else if (wireType === FIXED_32) yield [number, bytes(4)];
    else {
      throw new AggregationError(
        `Cannot read the record as its fields must have a known wire type: current value is ${wireType}`,
      );
    }
  }
}

/**
 * The user records of an aggregated record, in their order.
 *
 * @param data For which {@link isAggregated} holds. What is returned shares its memory.
 * @throws {AggregationError} The checksum is wrong, or the message is damaged.
 */
export function userRecords(data: Uint8Array): UserRecord[] {
  const message = data.subarray(MAGIC.length, -DIGEST_BYTES);
  const digest = createHash("md5").update(message).digest();
  if (!digest.every((byte, i) => data[data.length - DIGEST_BYTES + i] === byte)) {
    throw new AggregationError("Cannot read the record as its MD5 checksum must be that of its message");
  }

  const partitionKeys: string[] = [];
  const records: { index: number; data: Uint8Array }[] = [];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // a key is what it is
  for (const [number, value] of fields(message)) {
    if (typeof value === "number") continue;
    if (number === PARTITION_KEY_TABLE) partitionKeys.push(decoder.decode(value));
    else if (number === RECORDS) {
      const record: typeof records[number] = { index: -1, data: new Uint8Array() };
      for (const [member, content] of fields(value)) {
        if (member === PARTITION_KEY_INDEX && typeof content === "number") record.index = content;
        else if (member === DATA && typeof content !== "number") record.data = content;
      }
      records.push(record);
    }
  }
  // the tables may come after what refers to them
  return records.map(({ index, data }) => ({ partitionKey: partitionKeys[index], data }));
}
