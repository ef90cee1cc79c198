/**
 * The exact text of a JSON array's elements. JSON.parse rounds numbers, turns 1e400 into Infinity and drops
 * repeated keys; a dead letter has to keep what was sent.
 */

const WHITE_SPACE = /[ \t\n\r]/;

/** Index of the first character at or after `i` that is not white space. */
function skipSpace(text: string, i: number): number {
  while (WHITE_SPACE.test(text.charAt(i))) i++;
  return i;
}

/** Index after the string that opens at `i`. */
function skipString(text: string, i: number): number {
  for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
  return i + 1;
}

/** Index after the value that starts at `i`. */
function skipValue(text: string, i: number): number {
  if (text[i] === '"') return skipString(text, i);
  if (text[i] !== "{" && text[i] !== "[") {
    while (i < text.length && !/[,\]} \t\n\r]/.test(text[i])) i++;
    return i;
  }
  let depth = 0;
  do {
    const character = text[i];
    if (character === '"') {
      i = skipString(text, i);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    i++;
  } while (depth > 0);
  return i;
}

/**
 * Cuts a JSON array into the texts of its elements, without parsing them.
 *
 * @param text Valid JSON: {@link JSON.parse} has accepted it.
 * @param start Index of the array's opening bracket.
 *
 * @example
 * ```ts
 * import { elementTexts } from "./json_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(elementTexts('[1e400, {"a": "]"}]', 0), ["1e400", '{"a": "]"}']);
 * ```
 */
export function elementTexts(text: string, start: number): string[] {
  const texts: string[] = [];
  let i = skipSpace(text, start + 1);
  while (text[i] !== "]") {
    const end = skipValue(text, i);
    texts.push(text.slice(i, end));
    i = skipSpace(text, end);
    if (text[i] === ",") i = skipSpace(text, i + 1);
  }
  return texts;
}

/**
 * Index at which the value of a top-level member of an object starts; of its last occurrence, as JSON.parse
 * takes it.
 *
 * @param text Valid JSON of an object that has the member.
 */
export function memberStart(text: string, name: string): number {
  let found = -1;
  let i = skipSpace(text, skipSpace(text, 0) + 1);
  while (text[i] !== "}") {
    const keyEnd = skipString(text, i);
    const key = JSON.parse(text.slice(i, keyEnd)) as string;
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
    if (key === name) found = value;
    i = skipSpace(text, skipValue(text, value));
    if (text[i] === ",") i = skipSpace(text, i + 1);
  }
  return found;
}

/**
 * The exact text of a JSON value, and of what is in it. Each array is cut once, however many of its elements are
 * asked for.
 *
 * @example
 * ```ts
 * import { JsonText } from "./json_text.ts";
 * import assert from "node:assert/strict";
 *
 * const body = new JsonText('{"records": [{"data": 1e400}]}');
 * assert.equal(body.member("records").element(0).member("data").text, "1e400");
 * ```
 */
export class JsonText {
  readonly text: string;
  #elements?: readonly string[];

  /** @param text Valid JSON. */
  constructor(text: string) {
    this.text = text;
  }

  /** An element of the array that this is. */
  element(index: number): JsonText {
    this.#elements ??= elementTexts(this.text, this.text.indexOf("["));
    return new JsonText(this.#elements[index]);
  }

  /** A member of the object that this is, which must have it. */
  member(name: string): JsonText {
    const start = memberStart(this.text, name);
    return new JsonText(this.text.slice(start, skipValue(this.text, start)));
  }
}

/** Deepest nesting of a JSON text that Postgres' recursive parser takes at its default max_stack_depth, with room. */
const DEEPEST = 500;

/** Whether Postgres can hold a JSON text as `json`. */
export function isStorable(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') i = skipString(text, i) - 1;
    else if (character === "{" || character === "[") {
      if (++depth > DEEPEST) return false;
    } else if (character === "}" || character === "]") depth--;
  }
  return true;
}
