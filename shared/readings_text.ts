/** Readings as JSON text: one, an array, `{"readings": […]}`, or NDJSON. */

import { Undecodable } from "./candidates.ts";
import { elementTexts, memberStart } from "./json_text.ts";

/** Text, or a value, that holds no readings at all: "Cannot read X as it must be Y". */
export class UnreadableReadings extends Error {
  override readonly name = "UnreadableReadings";
}

/** The readings of one text. */
export interface Readings {
  /** Decoded but not validated; an {@link Undecodable} where a line could not be decoded. */
  readonly values: readonly unknown[];
  /** The JSON text to keep of reading `index` if it is rejected, as in `Candidates`. */
  readonly payload: (index: number) => string;
  /** Where it is in the text: empty when it is all of it, else `[1]` or `readings[1]`. */
  readonly place: (index: number) => string;
}

/** What the parser said, without the excerpt of the text that V8 adds to it. */
function parserMessage(error: unknown): string {
  return (error as Error).message.replace(/, "?\.{0,3}[\s\S]* is not valid JSON$/, "").replace(
    / in JSON/,
    "",
  );
}

function listed(
  values: readonly unknown[],
  place: string,
  text: () => string,
  start: (text: string) => number,
): Readings {
  let texts: string[] | undefined; // cut only when something is rejected
  return {
    values,
    payload: (index) => {
      if (texts === undefined) {
        const whole = text();
        texts = elementTexts(whole, start(whole));
      }
      return texts[index];
    },
    place: (index) => `${place}[${index}]`,
  };
}

/**
 * The readings of a decoded JSON value: a reading, an array of readings, or `{"readings": […]}`.
 *
 * @param text The value's text as it came; asked for only when something is rejected.
 * @param what What it is called in messages, "the body" for example.
 * @throws {UnreadableReadings} It is none of the three.
 */
export function readingsOf(value: unknown, text: () => string, what: string): Readings {
  if (Array.isArray(value)) return listed(value, "", text, (whole) => whole.indexOf("["));
  if (typeof value !== "object" || value === null) {
    throw new UnreadableReadings(
      `Cannot read ${what} as it must be a reading, an array of readings or {"readings": […]}`,
    );
  }
  if (!("readings" in value)) {
    return { values: [value], payload: () => text().trim(), place: () => "" };
  }
  if (!Array.isArray(value.readings)) {
    throw new UnreadableReadings(`Cannot read ${what} as "readings" must be an array`);
  }
  return listed(value.readings, "readings", text, (whole) => memberStart(whole, "readings"));
}

/**
 * The readings of JSON text.
 *
 * @param what What it is called in messages, "the body" for example.
 * @throws {UnreadableReadings} It is not JSON, or JSON of something else.
 *
 * @example
 * ```ts
 * import { jsonReadings } from "./readings_text.ts";
 * import assert from "node:assert/strict";
 *
 * const { values, payload, place } = jsonReadings('{"readings": [{"cycle": 1.0}]}', "the body");
 * assert.deepEqual(values, [{ cycle: 1 }]);
 * assert.equal(payload(0), '{"cycle": 1.0}');
 * assert.equal(place(0), "readings[0]");
 * ```
 */
export function jsonReadings(text: string, what: string): Readings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UnreadableReadings(`Cannot read ${what} as it must be JSON: ${parserMessage(error)}`);
  }
  return readingsOf(value, () => text, what);
}

/** One JSON value a line; empty lines are skipped. A line that is not JSON is that line's fault alone. */
export function ndjsonReadings(text: string): Readings {
  const lines: string[] = [];
  const numbers: number[] = []; // of each in the text, which counts empty lines too
  for (const [index, line] of text.split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed === "") continue;
    lines.push(trimmed);
    numbers.push(index + 1);
  }
  const values = lines.map((line, index) => {
    try {
      return JSON.parse(line) as unknown;
    } catch (error) {
      return new Undecodable(
        `Cannot read line ${numbers[index]} as it must be JSON: ${parserMessage(error)}`,
      );
    }
  });
  const faulty = new Set(lines.keys().filter((index) => values[index] instanceof Undecodable));
  return {
    values,
    payload: (index) => faulty.has(index) ? JSON.stringify(lines[index]) : lines[index],
    place: (index) => `[${index}]`,
  };
}
