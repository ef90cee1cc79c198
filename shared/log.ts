/**
 * The log: one line of JSON for each event, on the console, because that is what Supabase, containers and Deno's
 * OpenTelemetry collect. Nothing else of the functions writes there.
 *
 * What is logged is named field by field. Headers, bodies, query strings and details of problems are not: they hold keys,
 * tokens and values of readings.
 */

/** Levels, the least first. */
export const LOG_LEVELS = ["info", "warn", "error"] as const;

export type LogLevel = typeof LOG_LEVELS[number];

/** What is told of an event besides its message; undefined is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes an event that is to be written. */
export type LogWriter = (level: LogLevel, event: LogFields) => void;

/** The console's method of each level is what collectors take a line's severity from. */
const toConsole: LogWriter = (level, event) => {
  // deno-lint-ignore no-console
  console[level](JSON.stringify(event));
};

// Until somebody starts the log it has errors only: commands and tests that call an app have their own output.
let least: LogLevel = "error";
let write: LogWriter = toConsole;

/**
 * Starts the log of this process.
 *
 * @param level The least level that is written.
 * @param writer Where to; the console as JSON unless given.
 * @returns Goes back to what was before.
 */
export function startLog(level: LogLevel, writer: LogWriter = toConsole): () => void {
  const before = { least, write };
  least = level;
  write = writer;
  return () => ({ least, write } = before);
}

/** Writes an event. */
export function log(level: LogLevel, message: string, fields: LogFields = {}): void {
  if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
  write(level, { time: new Date().toISOString(), level, message, ...fields });
}

/**
 * An error as a field of an event. Of the driver's errors the statement and its parameters are left out: they hold readings.
 *
 * @param options.stack Whether where it happened is told: of errors that nobody foresaw.
 */
export function errorField(error: unknown, { stack }: { readonly stack: boolean }): LogFields {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = "code" in error ? error.code : undefined;
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === "string" && { code }),
    ...(stack && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: errorField(error.cause, { stack }) }),
  };
}

/**
 * An event as a line for people at a terminal.
 *
 * @example
 * ```ts
 * import { logLine } from "./log.ts";
 * import assert from "node:assert/strict";
 *
 * const event = { time: "2026-01-01T09:30:00.000Z", level: "warn", message: "request", route: "/ingest", status: 503 };
 * assert.equal(logLine(event), "09:30:00 warn request route=/ingest status=503");
 * ```
 */
export function logLine({ time, level, message, error, ...fields }: LogFields): string {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const line = [String(time).slice(11, 19), level, message, ...told].join(" ");
  if (typeof error !== "object" || error === null) return line;
  const { stack, name, message: said } = error as { stack?: string; name?: string; message?: string };
  return `${line}\n  ${stack ?? [name, said].filter(Boolean).join(": ")}`;
}
