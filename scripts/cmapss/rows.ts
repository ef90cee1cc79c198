/**
 * The text of a C-MAPSS file as columns of numbers.
 *
 * A file becomes pieces of 2,000 lines, each of which later is one batch of the intake. A piece holds typed
 * arrays, 148 bytes a row; objects are made piece by piece, when a piece is sent.
 *
 * The parser works on bytes and makes no string unless a line is wrong. Splitting text and calling Number()
 * took five times as long.
 */

import { SENSORS, VALUE_COLUMNS } from "../../shared/sensors.ts";

/** Most lines of a piece, and most readings of a batch: the size the intake is fastest with. */
export const ROWS_PER_PIECE = 2000;

/** Columns of a file: unit, cycle, three settings, s1 to s21. */
export const FILE_COLUMNS = 26;

const FIRST_SENSOR = 5; // place of s1, from 0

/** Place in the file of each of VALUE_COLUMNS, from 0. */
const PLACES = [2, 3, 4, ...SENSORS.map((sensor) => FIRST_SENSOR + Number(sensor.slice(1)) - 1)];

/** Names of the file's columns, for messages. */
const NAMES = Array.from({ length: FILE_COLUMNS }, (_, place) => {
  if (place === 0) return "unit";
  if (place === 1) return "cycle";
  return VALUE_COLUMNS[PLACES.indexOf(place)] ?? `s${place - FIRST_SENSOR + 1}`;
});

/** A line that is not a row. */
export interface BadLine {
  /** Which expectation it breaks. */
  readonly check: "text" | "columns" | "types";
  readonly reason: string;
  /** The whole line without its end. Bytes that are not UTF-8 stand as Latin-1, one character a byte. */
  readonly text: string;
}

/** Up to {@link ROWS_PER_PIECE} lines of a file, blank ones left out. */
export interface Piece {
  /** How many lines. The arrays are longer. */
  count: number;
  /** Line numbers in the file, from 1. */
  readonly lines: Int32Array;
  /** Unit numbers; 0 where the line does not tell. */
  readonly units: Int32Array;
  /** Cycles; meaningless where `units` is 0. */
  readonly cycles: Int32Array;
  /** One array for each of VALUE_COLUMNS, in its order. NaN where the file has no value, and in bad lines. */
  readonly values: readonly Float64Array[];
  /** Lines that are not rows, by their place in the piece. */
  readonly badLines: Map<number, BadLine>;
}

function emptyPiece(): Piece {
  return {
    count: 0,
    lines: new Int32Array(ROWS_PER_PIECE),
    units: new Int32Array(ROWS_PER_PIECE),
    cycles: new Int32Array(ROWS_PER_PIECE),
    values: VALUE_COLUMNS.map(() => new Float64Array(ROWS_PER_PIECE)),
    badLines: new Map(),
  };
}

/** What is written for a value that is not there, by numpy, pandas, R and people. */
const NO_VALUE = /^(nan|na|n\/a|null|none)$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A token that is not plain digits. Undefined when it is no number; NaN when it stands for no value. */
function unusualNumber(token: string): number | undefined {
  if (NO_VALUE.test(token)) return NaN;
  if (!NUMBER.test(token)) return undefined;
  const value = Number(token);
  return Number.isFinite(value) ? value : undefined;
}

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, i) => 10 ** i);

const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const MINUS = 0x2d;
const POINT = 0x2e;

const LARGEST_INTEGER = 2 ** 31 - 1;

/** Reads the lines of one file. A class only to keep what a line needs out of the loop's arguments. */
class LineReader {
  /** The numbers of the line that was read last. */
  readonly numbers = new Float64Array(FILE_COLUMNS);
  /** How many tokens that line had. */
  columns = 0;
  /** Place of its first token that is not a number, or -1. */
  faultyColumn = -1;

  constructor(private readonly bytes: Uint8Array) {}

  /** Reads the line that starts at `i`; returns the place of its line feed or the end of the file. */
  read(i: number): number {
    const { bytes, numbers } = this;
    const end = bytes.length;
    let column = 0;
    this.faultyColumn = -1;
    for (;;) {
      let byte = i < end ? bytes[i] : LINE_FEED;
      while (byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN) {
        byte = ++i < end ? bytes[i] : LINE_FEED;
      }
      if (byte === LINE_FEED) break;

      const start = i;
      const negative = byte === MINUS;
      if (negative) byte = ++i < end ? bytes[i] : LINE_FEED;
      let digits = 0;
      let mantissa = 0;
      let pointAt = -1;
      for (;; byte = ++i < end ? bytes[i] : LINE_FEED) {
        const digit = byte - 0x30;
        if (digit >= 0 && digit <= 9) {
          mantissa = mantissa * 10 + digit;
          digits++;
        } else if (byte === POINT && pointAt < 0) pointAt = digits;
        else break;
      }
      const whole = byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
      let value: number | undefined;
      // Up to 15 digits both sides of the division are exact, so the quotient is the nearest double,
      // the same that Number() gives
      if (whole && digits > 0 && digits <= 15) {
        value = pointAt < 0 ? mantissa : mantissa / POWERS_OF_TEN[digits - pointAt];
        if (negative) value = -value;
      } else {
        while (byte !== SPACE && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== TAB) {
          byte = ++i < end ? bytes[i] : LINE_FEED;
        }
        value = unusualNumber(new TextDecoder("latin1").decode(bytes.subarray(start, i)));
      }
      if (column < FILE_COLUMNS) {
        if (value === undefined && this.faultyColumn < 0) this.faultyColumn = column;
        numbers[column] = value ?? NaN;
      }
      column++;
    }
    this.columns = column;
    return i;
  }

  /** Whether the numbers at the places of unit and cycle can be those. */
  isPlaced(): boolean {
    // by index: taking a typed array apart runs its iterator, for every line
    const unit = this.numbers[0];
    const cycle = this.numbers[1];
    return this.columns >= 2 && Number.isInteger(unit) && unit >= 1 && unit <= LARGEST_INTEGER &&
      Number.isInteger(cycle) && Math.abs(cycle) <= LARGEST_INTEGER;
  }

  /** What is wrong with the line that was read last, from `start` to `end`; undefined when it is a row. */
  fault(line: number, start: number, end: number): BadLine | undefined {
    if (this.columns === FILE_COLUMNS && this.faultyColumn < 0 && this.isPlaced()) return undefined;
    const bytes = this.bytes.subarray(start, end);
    const carriageReturn = bytes.at(-1) === CARRIAGE_RETURN ? 1 : 0;
    const content = bytes.subarray(0, bytes.length - carriageReturn);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    } catch {
      text = new TextDecoder("latin1").decode(content);
      return { check: "text", text, reason: `Cannot read line ${line} as it must be UTF-8` };
    }
    if (text.includes("\0")) {
      return { check: "text", text, reason: `Cannot read line ${line} as it must be text without NUL` };
    }
    if (this.columns !== FILE_COLUMNS) {
      return {
        check: "columns",
        text,
        reason: `Cannot read line ${line} as it must have ${FILE_COLUMNS} columns: it has ${this.columns}`,
      };
    }
    const place = this.faultyColumn >= 0 ? this.faultyColumn : this.faultyPlace();
    const token = text.split(/[ \t\r]+/).filter(Boolean)[place];
    const requirement = place === 0
      ? "a whole number from 1 to 2147483647"
      : place === 1
      ? "a whole number"
      : "a number";
    return {
      check: "types",
      text,
      reason: `Cannot read line ${line} as ${NAMES[place]} must be ${requirement}: current value is ${
        token.length > 40 ? `${token.slice(0, 40)}…` : token
      }`,
    };
  }

  /** 0 when it is the unit that is wrong, 1 when it is the cycle. */
  private faultyPlace(): 0 | 1 {
    const unit = this.numbers[0];
    return Number.isInteger(unit) && unit >= 1 && unit <= LARGEST_INTEGER ? 1 : 0;
  }
}

/**
 * Parses a train or test file.
 *
 * Columns are separated by spaces or tabs; lines end in LF or CRLF, the last one perhaps in nothing; a byte
 * order mark at the beginning and blank lines are passed over.
 *
 * @param bytes The file's content.
 * @returns Its lines in their order.
 */
export function parseRows(bytes: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const reader = new LineReader(bytes);
  const { numbers } = reader;
  let piece = emptyPiece();
  for (let start = hasMark ? 3 : 0, line = 1; start < bytes.length; line++) {
    const end = reader.read(start);
    if (reader.columns > 0) {
      if (piece.count === ROWS_PER_PIECE) {
        pieces.push(piece);
        piece = emptyPiece();
      }
      const place = piece.count++;
      piece.lines[place] = line;
      const bad = reader.fault(line, start, end);
      if (bad === undefined || reader.isPlaced()) {
        piece.units[place] = numbers[0];
        piece.cycles[place] = numbers[1];
      }
      if (bad !== undefined) piece.badLines.set(place, bad);
      for (let i = 0; i < PLACES.length; i++) {
        piece.values[i][place] = bad === undefined ? numbers[PLACES[i]] : NaN;
      }
    }
    start = end + 1;
  }
  if (piece.count > 0) pieces.push(piece);
  return pieces;
}
