/** Values of one column of a row group, packed: what the encoder works on without looking at each value's type. */

import { Buffer } from "node:buffer";

/** Numbers, one a row. Timestamps are microseconds since 1970. */
export class NumberValues {
  readonly length: number;

  /**
   * @param values One a row, also where there is none: that number then means nothing.
   * @param present 1 where there is a value, 0 where it is null; undefined where none is null.
   */
  constructor(
    readonly values: Int32Array | Float32Array | Float64Array | BigInt64Array,
    readonly present?: Uint8Array,
  ) {
    this.length = values.length;
  }
}

/** Texts or uuids, as places in a list of the distinct ones. */
export class IndexedValues {
  readonly length: number;

  /**
   * @param distinct Each value once, as its bytes; no other than those that occur.
   * @param indexes Place of each row's value, also where there is none: that place then means nothing.
   * @param present 1 where there is a value, 0 where it is null; undefined where none is null.
   */
  constructor(
    readonly distinct: readonly Uint8Array[],
    readonly indexes: Uint32Array,
    readonly present?: Uint8Array,
  ) {
    this.length = indexes.length;
  }
}

export type PackedValues = NumberValues | IndexedValues;

/** Values of one column as they come: strings, numbers, Dates or bigints for timestamps, text for uuids; null. */
export type PlainValues = ArrayLike<unknown>;

const encoder = new TextEncoder();

function refuse(name: string, expected: string, value: unknown): never {
  throw new TypeError(
    `Cannot write column ${name} as its values must be ${expected}: current value is ${String(value)}`,
  );
}

/** 1 where there is a value; undefined where there always is. */
function presence(values: PlainValues): Uint8Array | undefined {
  let present: Uint8Array | undefined;
  for (let row = 0; row < values.length; row++) {
    if (values[row] === null || values[row] === undefined) {
      present ??= new Uint8Array(values.length).fill(1);
      present[row] = 0;
    }
  }
  return present;
}

function packNumbers(
  name: string,
  values: PlainValues,
  into: Int32Array | Float32Array | Float64Array,
): NumberValues {
  const present = presence(values);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (present?.[row] === 0) continue;
    if (typeof value !== "number") refuse(name, "numbers", value);
    if (into instanceof Int32Array && value !== (value | 0)) refuse(name, "whole numbers of 32 bits", value);
    into[row] = value;
  }
  return new NumberValues(into, present);
}

function packTimestamps(name: string, values: PlainValues): NumberValues {
  const present = presence(values);
  const micros = new BigInt64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (present?.[row] === 0) continue;
    if (typeof value === "bigint") micros[row] = value;
    else if (value instanceof Date && !Number.isNaN(value.getTime())) {
      micros[row] = BigInt(value.getTime()) * 1000n;
    } else refuse(name, "Dates, or microseconds as bigints", value);
  }
  return new NumberValues(micros, present);
}

function packTexts(
  name: string,
  values: PlainValues,
  bytesOf: (text: string) => Uint8Array,
): IndexedValues {
  const present = presence(values);
  const indexes = new Uint32Array(values.length);
  const places = new Map<string, number>();
  const distinct: Uint8Array[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (present?.[row] === 0) continue;
    if (typeof value !== "string") refuse(name, "texts", value);
    let place = places.get(value);
    if (place === undefined) {
      place = distinct.length;
      places.set(value, place);
      distinct.push(bytesOf(value));
    }
    indexes[row] = place;
  }
  return new IndexedValues(distinct, indexes, present);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The types of columns, and how values of each are packed. */
export const PACKERS = {
  text: (name: string, values: PlainValues): PackedValues =>
    packTexts(name, values, (text) => encoder.encode(text)),
  uuid: (name: string, values: PlainValues): PackedValues =>
    packTexts(name, values, (text) => {
      if (!UUID.test(text)) refuse(name, "uuids", text);
      return Buffer.from(text.replaceAll("-", ""), "hex");
    }),
  int32: (name: string, values: PlainValues): PackedValues =>
    packNumbers(name, values, new Int32Array(values.length)),
  float32: (name: string, values: PlainValues): PackedValues =>
    packNumbers(name, values, new Float32Array(values.length)),
  float64: (name: string, values: PlainValues): PackedValues =>
    packNumbers(name, values, new Float64Array(values.length)),
  timestamp: packTimestamps as (name: string, values: PlainValues) => PackedValues,
};
