/** The connection to Postgres, and which of its failures are worth another try. */

import postgres from "postgres";

/**
 * Opens a pool.
 *
 * Statements are not prepared by name, so that it works through a pooler in transaction mode; the work is in
 * SQL functions, whose plans Postgres caches per session anyway.
 *
 * @param url `postgres://user:password@host:port/database`
 * @param max Most connections at a time.
 */
export function connect(url: string, max: number): postgres.Sql {
  return postgres(url, {
    prepare: false,
    max,
    connect_timeout: 5, // s; a sender should hear "503, retry" before it gives up itself
    idle_timeout: 60, // s
    onnotice: () => {},
  });
}

/** SQLSTATE classes and codes after which the same transaction may succeed. */
const TRANSIENT_SQLSTATE = /^(08...|53...|57P0[1-5]|57014|40001|40P01|55P03)$/;

/** postgres.js and socket errors that mean the database is not there. */
const TRANSIENT_CODES = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/** The `code` of an error, of the first of several errors, or of its cause. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "cause" in error ? codeOf(error.cause) : undefined;
}

/** Whether the same call may succeed later: the database is away, busy or chose this transaction to fail. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && (TRANSIENT_CODES.has(code) || TRANSIENT_SQLSTATE.test(code));
}

/** Serialization failure, deadlock: nothing is wrong but the moment, so trying again at once is right. */
const LOST_RACE = new Set(["40001", "40P01"]);

/** Runs a whole transaction, up to three times when it lost a race against another one. */
export async function withRetry<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === 3 || !LOST_RACE.has(codeOf(error) ?? "")) throw error;
      // full jitter: 0 to 50 ms, then 0 to 100 ms
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * attempt));
    }
  }
}
