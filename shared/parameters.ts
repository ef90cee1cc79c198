/** Parameters of endpoints: what each may be, and the one error that names it and its bounds. */

import type { Context } from "hono";
import { z } from "zod";
import { readText } from "./body.ts";
import { Problem } from "./problem.ts";

/** Rows of one answer. PostgREST cuts at 1,000 unless told otherwise, and would not say so. */
const MOST_ROWS = 1000;

/** Bytes of a request's body; the largest is a list of dead letters. */
const MAX_BODY_BYTES = 64 * 1024;

function wholeNumber(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return { error, bounds: (schema: z.ZodNumber) => schema.min(least, { error }).max(most, { error }) };
}

/** A whole number in a query. */
export function queryNumber(least: number, most: number): z.ZodType<number, string> {
  const { error, bounds } = wholeNumber(least, most);
  return z.string({ error }).regex(/^\d+$/, { error }).transform(Number).pipe(bounds(z.int({ error })));
}

/** A whole number in a body. */
export function bodyNumber(least: number, most: number): z.ZodNumber {
  const { error, bounds } = wholeNumber(least, most);
  return bounds(z.int({ error }));
}

/** One of some words. */
export function oneOf<const Names extends readonly string[]>(
  names: Names,
): z.ZodEnum<{ [Name in Names[number]]: Name }> {
  return z.enum(names, { error: `one of ${names.join(", ")}` });
}

/** A moment. */
export const time = z.iso.datetime({
  offset: true,
  error: "a time with a zone such as 2024-01-01T00:00:00Z",
});

const NAME = "1 to 64 letters, digits and . _ : -";

/** A name as engines, checks and columns have it. */
export const name = z.string({ error: NAME }).regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, { error: NAME });

/** Identifier of a row. */
export const id = queryNumber(1, Number.MAX_SAFE_INTEGER);

/** How many rows an answer may have. */
export const limit = queryNumber(1, MOST_ROWS).default(100).describe("Most rows of the answer");

function invalidParameter(detail: string): Problem {
  return new Problem(400, "invalid-parameter", detail);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 60);
}

function parse<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(schema.shape);
    throw invalidParameter(
      `Cannot read the parameter ${issue.keys[0].slice(0, 60)} as ` +
        (known.length === 0 ? "there must be none" : `it must be one of ${known.join(", ")}`),
    );
  }
  const [parameter] = issue.path;
  const value = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown>)[key], given);
  throw invalidParameter(
    `Cannot read the parameter ${String(parameter)} as it must be ${issue.message}: current value is ${
      shown(value)
    }`,
  );
}

/**
 * Reads the query parameters of a request.
 *
 * @throws {Problem} 400 that names the first parameter that is not valid, and what it may be.
 */
export function queryOf<Schema extends z.ZodObject>(c: Context, schema: Schema): z.output<Schema> {
  return parse(schema, c.req.query());
}

/**
 * Reads a number out of a path.
 *
 * @throws {Problem} 400 when it is none.
 */
export function pathId(c: Context): number {
  return parse(z.object({ id }), { id: c.req.param("id") }).id;
}

/** The name of an engine in a path; one that no engine can have is as unknown as one that none has. */
export function isName(text: string): boolean {
  return name.safeParse(text).success;
}

/**
 * Reads the body of a request.
 *
 * @throws {Problem} 400 when it is not a JSON object, or a member is not valid; 413 when it is too large.
 */
export async function bodyOf<Schema extends z.ZodObject>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const empty = c.req.raw.body === null || c.req.header("content-length") === "0";
  const text = empty ? "{}" : await readText(c.req.raw, MAX_BODY_BYTES);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Problem(
      400,
      "unreadable-body",
      "Cannot read the body as it must be JSON",
    );
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Problem(
      400,
      "unreadable-body",
      "Cannot read the body as it must be a JSON object",
    );
  }
  return parse(schema, body);
}
