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
 * @param options Of postgres.js, besides or in place of those here.
 */
export function connect(
  url: string,
  max: number,
  options: Record<string, unknown> = {},
): postgres.Sql {
  return postgres(url, {
    prepare: false,
    max,
    connect_timeout: 5, // s; a sender should hear "503, retry" before it gives up itself
    // s between attempts to connect. By default it grows to 20: whoever calls while the database is away, and for as long
    // after it is back, would wait for that before hearing anything
    backoff: (attempts: number) => Math.min(3 ** attempts / 100, 0.5) * (0.5 + Math.random() / 2),
    idle_timeout: 60, // s
    onnotice: () => {},
    ...options,
  });
}

/**
 * A connection of its own to the database of a pool. COPY TO STDOUT needs one: postgres.js 3.4.9 now and then leaves
 * the socket paused when it has ended, and the next query would wait for ever. End it with `end({ timeout: 0 })`.
 *
 * It stays until then, also when it has nothing to do: what it has locked must not be let go in between.
 */
export function ownConnection(sql: postgres.Sql): postgres.Sql {
  const options = { ...sql.options, max: 1, idle_timeout: null, max_lifetime: null };
  return postgres(options as unknown as postgres.Options<Record<string, postgres.PostgresType>>);
}

/** SQLSTATE classes and codes after which the same transaction may succeed. */
const TRANSIENT_SQLSTATE = /^(08...|53...|57P0[1-5]|57014|25006|25P0[34]|40001|40P01|55P03)$/;

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

/** The session has ended: what was under way on it is rolled back, and nothing more can be said on it. */
const SESSION_LOST = new Set([
  "CONNECTION_CLOSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "57P01", // ended by an administrator, or by a failover
  "25P03", // idle_in_transaction_session_timeout
  "25P04", // transaction_timeout
]);

/**
 * Runs a transaction: all of `body` or nothing. Tries up to three times when it lost a race against another one,
 * or when its session turned out to have ended before it began.
 *
 * Use it instead of `sql.begin`, which sends ROLLBACK also on a session that has just ended. postgres.js 3.4.9
 * then throws where nobody can catch it, and the process ends (github.com/porsager/postgres/issues/1208).
 *
 * @param body Its queries must follow each other without waiting for anything else: a session that ends in
 *   such a pause is not noticed.
 */
export async function transaction<T>(
  sql: postgres.Sql,
  body: (tx: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    let begun = false;
    try {
      return await sql.begin(async (tx) => {
        begun = true;
        try {
          return await body(tx);
        } catch (error) {
          // without an answer no ROLLBACK is sent; sql.begin itself rejects when the socket has closed
          if (SESSION_LOST.has(codeOf(error) ?? "")) await new Promise(() => {});
          throw error;
        }
      }) as T;
    } catch (error) {
      const code = codeOf(error) ?? "";
      const again = LOST_RACE.has(code) || (!begun && SESSION_LOST.has(code));
      if (attempt === 3 || !again) throw error;
      // full jitter: 0 to 50 ms, then 0 to 100 ms
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * attempt));
    }
  }
}
