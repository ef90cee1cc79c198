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
import { gunzipped, startsGzip } from "./gunzip.ts";
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

/** Most bytes that a byte of gzip can become: a match of 258 bytes takes two bits. */
const LARGEST_RATIO = 1032;

/** Bytes that are decompressed before the result is looked at: they can become 4 MiB. */
const SLICE = 4096;

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += SLICE) yield bytes.subarray(i, i + SLICE);
}

/**
 * How much gzipped records may come to. A gzip bomb is a record like any other until it is opened, so each may only
 * grow so far, and all records of one delivery together.
 */
export class Decompression {
  readonly #mostOfAll: number;
  readonly #mostOfOne: number;
  #left: number;

  /** @param mostBytes Of all records together; one may take half of it, so that a bomb leaves room for the others. */
  constructor(mostBytes: number) {
    this.#mostOfAll = this.#left = mostBytes;
    this.#mostOfOne = Math.floor(mostBytes / 2);
  }

  /**
   * Decompresses one record.
   *
   * @throws {UnreadableReadings} It is damaged, or comes to too much.
   */
  async gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const most = Math.min(this.#mostOfOne, this.#left);
    let size = 0;
    try {
      // At once where it cannot be too much, which takes a tenth of the time. maxOutputLength would be the way for all,
      // but Deno 2.1, which hosted functions run on, does not look at it.
      if (bytes.length * LARGEST_RATIO <= most) {
        const data = gunzipSync(bytes);
        size = data.length;
        return data;
      }
      const pieces: Uint8Array[] = [];
      // what is left over may be nothing: then it is not even opened
      if (most === 0) size = Infinity;
      else {
        for await (const piece of gunzipped(ReadableStream.from(slices(bytes)))) {
          size += piece.length;
          if (size > most) break;
          pieces.push(piece);
        }
      }
      if (size <= most) return Buffer.concat(pieces);
    } catch {
      throw new UnreadableReadings("Cannot read the record as it must be whole gzip data");
    } finally {
      this.#left -= Math.min(size, most);
    }
    throw new UnreadableReadings(
      most === this.#mostOfOne
        ? `Cannot read the record as it must be at most ${most} bytes after decompression`
        : `Cannot read the record as all of its delivery must be at most ${this.#mostOfAll} bytes after decompression`,
    );
  }
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
async function bytesReadings(
  bytes: Uint8Array<ArrayBuffer>,
  base64: () => string,
  decompression: Decompression,
  mayBeAggregated: boolean,
): Promise<RecordReadings> {
  const asItCame = () => heldBytes(base64());
  try {
    const content = startsGzip(bytes) ? await decompression.gunzip(bytes) : bytes;
    if (content.length === 0) return whole(EMPTY, bytes.length === 0 ? () => '""' : asItCame);
    if (mayBeAggregated && isAggregated(content)) {
      return await aggregatedReadings(content, asItCame, decompression);
    }
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

async function aggregatedReadings(
  content: Uint8Array,
  asItCame: () => string,
  decompression: Decompression,
): Promise<RecordReadings> {
  const inside = userRecords(content);
  if (inside.length === 0) return whole("Cannot read the record as it must hold a user record", asItCame);

  const values: unknown[] = [];
  const ways: { readings: Omit<Readings, "values">; index: number; place: string; partitionKey?: string }[] =
    [];
  for (const [i, { partitionKey, data }] of inside.entries()) {
    const base64 = () => Buffer.from(data).toString("base64");
    const { values: found, payload, place } = await bytesReadings(
      Uint8Array.from(data),
      base64,
      decompression,
      false,
    );
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
 * @returns A promise only where there is something to decompress or take apart.
 *
 * @example
 * ```ts
 * import { Decompression, recordReadings } from "./record_data.ts";
 * import assert from "node:assert/strict";
 *
 * const data = btoa('[{"cycle": 1}, {"cycle": 2}]');
 * const { values, place } = await recordReadings(data, () => data, new Decompression(1024));
 * assert.deepEqual(values, [{ cycle: 1 }, { cycle: 2 }]);
 * assert.equal(place(1), "[1]");
 * ```
 */
export function recordReadings(
  data: unknown,
  text: () => string,
  decompression: Decompression,
): RecordReadings | Promise<RecordReadings> {
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
export async function heldReadings(payload: string): Promise<RecordReadings> {
  const value = JSON.parse(payload) as unknown;
  if (typeof value === "string") return textReadings(value);
  const bytes = typeof value === "object" && value !== null && "base64" in value ? value.base64 : undefined;
  return await recordReadings(
    typeof bytes === "string" ? bytes : value,
    () => payload,
    new Decompression(MOST_HELD),
  );
}
