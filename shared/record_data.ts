/**
 * What the data of one record of a Kinesis stream holds: base64 of text with readings, which may be gzipped,
 * aggregated by the Kinesis Producer Library, or both; or JSON that somebody on the way has decoded already.
 *
 * Whatever is wrong with a record is its own fault: it becomes one candidate that cannot be decoded, and is kept whole.
 */

import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { AggregationError, isAggregated, userRecords } from "./aggregated_record.ts";
import { joinPlaces, Undecodable } from "./candidates.ts";
import {
  jsonReadings,
  ndjsonReadings,
  type Readings,
  readingsOf,
  UnreadableReadings,
} from "./readings_text.ts";

/** The readings of one record. */
export interface RecordReadings extends Readings {
  /** Partition key of the user record that reading `index` came in, where the record is an aggregated one. */
  readonly partitionKey?: (index: number) => string | undefined;
}

const THE_RECORD = "the record";
const EMPTY = "Cannot read the record as it must not be empty";

/** A record that is kept whole, as one candidate that cannot be decoded. */
function whole(reason: string, payload: () => string): RecordReadings {
  return { values: [new Undecodable(reason)], payload, place: () => "" };
}

/** How bytes that are not text are kept. */
function heldBytes(base64: string): string {
  return JSON.stringify({ base64 });
}

/**
 * How much gzipped records may come to. A gzip bomb is a record like any other until it is opened, so each may only
 * grow so far, and all records of one delivery together.
 */
export class Decompression {
  readonly #mostOfOne: number;
  #left: number;

  /** @param mostBytes Of all records together; one may take half of it, so that a bomb leaves room for the others. */
  constructor(mostBytes: number) {
    this.#left = mostBytes;
    this.#mostOfOne = Math.floor(mostBytes / 2);
  }

  /**
   * Decompresses one record.
   *
   * @throws {UnreadableReadings} It is damaged, or comes to too much.
   */
  gunzip(bytes: Uint8Array): Uint8Array {
    const most = Math.min(this.#mostOfOne, this.#left);
    try {
      // 0 would be no limit
      const data = gunzipSync(bytes, { maxOutputLength: Math.max(most, 1) });
      this.#left -= data.length;
      return data;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_BUFFER_TOO_LARGE") {
        throw new UnreadableReadings("Cannot read the record as it must be whole gzip data");
      }
      this.#left -= most;
      throw new UnreadableReadings(
        `Cannot read the record as it must be at most ${most} bytes after decompression`,
      );
    }
  }
}

const GZIP = [0x1f, 0x8b, 8];

function isGzip(bytes: Uint8Array): boolean {
  return GZIP.every((byte, i) => bytes[i] === byte);
}

/** Base64 as RFC 4648 has it, decoded to a character a byte; undefined where it is none. */
function decodeBase64(text: string): string | undefined {
  if (text.length % 4 !== 0) return undefined;
  try {
    return atob(text); // a third of the time of Buffer.from, which skips whatever is not base64 without a word
  } catch {
    return undefined;
  }
}

/** The readings of a record's text: JSON, or NDJSON. */
export function textReadings(text: string): RecordReadings {
  if (text === "") return whole(EMPTY, () => '""');
  try {
    const readings = jsonReadings(text, THE_RECORD);
    if (readings.values.length > 0) return readings;
    return whole("Cannot read the record as it must hold a reading", () => text.trim());
  } catch (error) {
    if (!(error instanceof UnreadableReadings)) throw error;
    // lines only if one of them is JSON: a damaged record is kept whole rather than in lines
    if (text.trim().includes("\n")) {
      const lines = ndjsonReadings(text);
      if (lines.values.some((value) => !(value instanceof Undecodable))) return lines;
    }
    return whole(error.message, () => JSON.stringify(text));
  }
}

/** The readings of a record's bytes, or of those of one user record in it. */
function bytesReadings(
  bytes: Uint8Array,
  base64: () => string,
  decompression: Decompression,
  mayBeAggregated: boolean,
): RecordReadings {
  const asItCame = () => heldBytes(base64());
  try {
    const content = isGzip(bytes) ? decompression.gunzip(bytes) : bytes;
    if (content.length === 0) return whole(EMPTY, bytes.length === 0 ? () => '""' : asItCame);
    if (mayBeAggregated && isAggregated(content)) return aggregatedReadings(content, asItCame, decompression);
    return textReadings(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch (error) {
    if (error instanceof UnreadableReadings || error instanceof AggregationError) {
      return whole(error.message, asItCame);
    }
    if (error instanceof TypeError) {
      return whole("Cannot read the record as it must be text in UTF-8", asItCame);
    }
    throw error;
  }
}

function aggregatedReadings(
  content: Uint8Array,
  asItCame: () => string,
  decompression: Decompression,
): RecordReadings {
  const inside = userRecords(content);
  if (inside.length === 0) return whole("Cannot read the record as it must hold a user record", asItCame);

  const values: unknown[] = [];
  const ways: { readings: Omit<Readings, "values">; index: number; place: string; partitionKey?: string }[] =
    [];
  for (const [i, { partitionKey, data }] of inside.entries()) {
    const base64 = () => Buffer.from(data).toString("base64");
    const { values: found, payload, place } = bytesReadings(data, base64, decompression, false);
    const readings = { payload, place };
    for (const [index, value] of found.entries()) {
      values.push(value);
      ways.push({ readings, index, place: `records[${i}].data`, partitionKey });
    }
  }
  return {
    values,
    payload: (i) => ways[i].readings.payload(ways[i].index),
    place: (i) => joinPlaces(ways[i].place, ways[i].readings.place(ways[i].index)),
    partitionKey: (i) => ways[i].partitionKey,
  };
}

/**
 * The readings of a record.
 *
 * @param data Its data as the envelope has it: base64, JSON text, or decoded JSON.
 * @param text The text that decoded JSON had in its envelope; asked for only when something is rejected.
 * @param decompression Of the delivery that the record came in.
 *
 * @example
 * ```ts
 * import { Decompression, recordReadings } from "./record_data.ts";
 * import assert from "node:assert/strict";
 *
 * const data = btoa('[{"cycle": 1}, {"cycle": 2}]');
 * const { values, place } = recordReadings(data, () => data, new Decompression(1024));
 * assert.deepEqual(values, [{ cycle: 1 }, { cycle: 2 }]);
 * assert.equal(place(1), "[1]");
 * ```
 */
export function recordReadings(
  data: unknown,
  text: () => string,
  decompression: Decompression,
): RecordReadings {
  if (typeof data !== "string") {
    try {
      const readings = readingsOf(data, text, THE_RECORD);
      if (readings.values.length > 0) return readings;
      return whole("Cannot read the record as it must hold a reading", text);
    } catch (error) {
      if (error instanceof UnreadableReadings) return whole(error.message, text);
      throw error;
    }
  }
  if (data === "" || /^\s*[{[]/.test(data)) return textReadings(data); // neither brace nor bracket is base64
  const binary = decodeBase64(data);
  if (binary === undefined) {
    return whole("Cannot read the record as its data must be base64", () => JSON.stringify(data));
  }
  // one character a byte: what has none above 127 is text already, and neither gzip nor aggregated
  if (!/[\x80-\xff]/.test(binary)) return textReadings(binary);
  return bytesReadings(Buffer.from(binary, "latin1"), () => data, decompression, true);
}

/** Bytes that one dead letter may come to after decompression: those of a whole delivery at its largest. */
const MOST_HELD = 64 * 1024 * 1024;

/**
 * The readings of what a dead letter holds, or of its correction: a reading, several as one record holds them, or a
 * record that could not be decoded when it came.
 *
 * @param payload JSON text.
 */
export function heldReadings(payload: string): RecordReadings {
  const value = JSON.parse(payload) as unknown;
  if (typeof value === "string") return textReadings(value);
  const bytes = typeof value === "object" && value !== null && "base64" in value ? value.base64 : undefined;
  return recordReadings(
    typeof bytes === "string" ? bytes : value,
    () => payload,
    new Decompression(MOST_HELD),
  );
}
