/** Parameters of the endpoints: what each may be, and the one error that names it and its bounds. */

import type { Context } from "hono";
import { z } from "zod";
import { readText } from "../../shared/body.ts";
import { Problem } from "../../shared/problem.ts";
import { SENSORS } from "../../shared/sensors.ts";

/** Ninety days: how long metrics are kept unless quality_settings says otherwise. */
const MOST_HOURS = 2160;

/** Rows of one answer. PostgREST cuts at 1,000 unless told otherwise, and would not say so. */
const MOST_ROWS = 1000;

/** Bytes of a request's body; the largest is a list of dead letters. */
const MAX_BODY_BYTES = 64 * 1024;

function wholeNumber(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return { error, bounds: (schema: z.ZodNumber) => schema.min(least, { error }).max(most, { error }) };
}

function queryNumber(least: number, most: number) {
  const { error, bounds } = wholeNumber(least, most);
  return z.string().regex(/^\d+$/, { error }).transform(Number).pipe(bounds(z.int({ error })));
}

function bodyNumber(least: number, most: number) {
  const { error, bounds } = wholeNumber(least, most);
  return bounds(z.int({ error }));
}

function oneOf<const Names extends readonly string[]>(names: Names) {
  return z.enum(names, { error: `one of ${names.join(", ")}` });
}

const time = z.iso.datetime({
  offset: true,
  error: "a time with a zone such as 2024-01-01T00:00:00Z",
});

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, {
  error: "1 to 64 letters, digits and . _ : -",
});

const id = queryNumber(1, Number.MAX_SAFE_INTEGER);

const STATUSES = ["pass", "warning", "fail", "not_evaluated"] as const;

const engine = name.describe("Engine, by unit_number");
const limit = queryNumber(1, MOST_ROWS).default(100).describe("Most rows of the answer");
const cursorById = id.describe("next of the page before this one");

/** The query parameters of each endpoint. */
export const Query = {
  summary: z.strictObject({
    hours: queryNumber(1, MOST_HOURS).default(24).describe("Verdicts of this many hours until now"),
  }),
  engines: z.strictObject({
    health: oneOf(["ok", "warning", "fail", "unknown"]).optional().describe("Only engines with this word"),
    dataset: name.optional().describe("Only engines of this set, FD001 for example"),
    limit,
    cursor: name.optional().describe("next of the page before this one"),
  }),
  engine: z.strictObject({}),
  metrics: z.strictObject({
    metric: name.optional().describe("Only this check, completeness for example"),
    column: name.optional().describe("Only verdicts on this column"),
    engine: engine.optional(),
    status: oneOf(STATUSES).optional(),
    since: time.optional().describe("Verdicts about this moment or later ones"),
    until: time.optional().describe("Verdicts about moments before this one"),
    limit,
    cursor: cursorById.optional(),
  }),
  drift: z.strictObject({
    engine: engine.optional(),
    column: oneOf(SENSORS).optional().describe("Only this sensor"),
    verdict: oneOf(["stable", "degradation", "drift", "insufficient_data"]).optional(),
    limit,
    cursor: z.string().regex(/^[0-9a-f-]{36}\.[a-z0-9_]+$/, { error: "next of an earlier answer" }).optional()
      .describe("next of the page before this one"),
  }),
  alerts: z.strictObject({
    state: oneOf(["open", "acknowledged", "resolved", "unresolved", "all"]).default("unresolved").describe(
      "unresolved: open and acknowledged ones",
    ),
    limit,
    cursor: cursorById.optional(),
  }),
  runs: z.strictObject({
    since: time.optional().describe("Runs for this moment or later ones"),
    until: time.optional().describe("Runs for moments before this one"),
    limit,
    cursor: cursorById.optional(),
  }),
  deadLetters: z.strictObject({
    state: oneOf(["open", "replayed", "all"]).default("open").describe(
      "Those that wait, that were stored, or all",
    ),
    limit,
    cursor: cursorById.optional(),
  }),
} as const;

/** The bodies of the requests that write; an empty one is `{}`. */
export const Body = {
  run: z.strictObject({
    hours: bodyNumber(1, MOST_HOURS).default(24).describe("Length of the window that is checked"),
    as_of: time.optional().describe("End of the window, from 2000 to now; now unless given").refine(
      (text) =>
        text === undefined || (Date.parse(text) >= Date.UTC(2000, 0) && Date.parse(text) <= Date.now()),
      { error: "a time from 2000-01-01T00:00:00Z to now" },
    ),
  }),
  ack: z.strictObject({
    acknowledged_by: z.string({ error: "1 to 200 characters" }).trim().min(1, {
      error: "1 to 200 characters",
    })
      .max(200, { error: "1 to 200 characters" }).describe("Who takes it on"),
  }),
  replay: z.strictObject({
    ids: z.array(bodyNumber(1, Number.MAX_SAFE_INTEGER), { error: "a list of 1 to 1000 ids" })
      .min(1, { error: "a list of 1 to 1000 ids" }).max(1000, { error: "a list of 1 to 1000 ids" })
      .optional().describe("Which; all open ones unless given, except those that the loader refused"),
  }),
} as const;

function invalidParameter(detail: string): Problem {
  return new Problem(400, "invalid-parameter", "A parameter is not valid", detail);
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
      "The body cannot be read",
      "Cannot read the body as it must be JSON",
    );
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Problem(
      400,
      "unreadable-body",
      "The body cannot be read",
      "Cannot read the body as it must be a JSON object",
    );
  }
  return parse(schema, body);
}
