/** Reading through the Data API with the caller's own rights: row-level security decides who sees what. */

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { isTransient } from "./database.ts";
import { type KeyRing, requestKeys } from "./keys.ts";
import { Problem } from "./problem.ts";

/** Where the Data API is, and what distinguishes its keys. */
export interface DataApiAccess {
  /** `https://REF.supabase.co` */
  readonly url: string;
  /** Key that goes with a user's token when the caller sends no key of its own; none: the caller must. */
  readonly publishableKey: string | undefined;
  /** The project's secret keys. */
  readonly secretKeys: KeyRing;
}

/** The tokens of signed-in users; Supabase's keys are none. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** s; the same as in shared/http.ts for a database that is away. */
const RETRY_AFTER = "5";

function unauthorized(detail: string): Problem {
  return new Problem(401, "unauthorized", detail, {}, {
    "www-authenticate": "Bearer",
  });
}

/**
 * A client that has the rights of whoever sent the request, and no others.
 *
 * A secret key may come as `apikey` or as bearer, and goes before everything else. Otherwise a bearer that is a JWT
 * names a user, and the key is what else the request carries.
 *
 * @throws {Problem} 401 when the request carries nothing that the Data API could go by.
 */
export function callersClient(headers: Headers, access: DataApiAccess): SupabaseClient {
  const given = requestKeys(headers);
  const secret = given.find((key) => access.secretKeys.has(key));
  // the last: the older keys of a project are JWTs, too, and come as apikey beside a user's token
  const bearer = given.findLast((key) => JWT.test(key));
  const key = secret ?? given.find((key) => key !== bearer) ?? (bearer && access.publishableKey) ?? bearer;
  if (key === undefined) {
    throw unauthorized(
      "Cannot answer as the request must carry a key: apikey with a secret key of the project, or " +
        "Authorization: Bearer with the token of a signed-in user",
    );
  }
  const token = secret === undefined ? bearer : undefined;
  return createClient(access.url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
  });
}

/** What a request to the Data API came to, as supabase-js tells it. */
interface Outcome<T> {
  readonly data: T | null;
  readonly error: { readonly message: string; readonly code?: string } | null;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
}

/** A query of supabase-js, before it is sent. */
interface Query<T> extends PromiseLike<Outcome<T>> {
  retry(enabled: boolean): PromiseLike<Outcome<T>>;
}

/** PGRST000 to PGRST003: PostgREST has no connection to its database, or waited too long for one. */
const NO_CONNECTION = /^PGRST00[0-3]$/;

function forbidden(reason: string): Problem {
  return new Problem(
    403,
    "forbidden",
    `Cannot read as the caller must have the right to: ${reason}. Signed-in users read what their clearance includes ` +
      "(app_metadata.clearance of the token), secret keys read everything, and the publishable key alone reads what " +
      "is public",
  );
}

function readProblem(code: string, status: number, message: string): Problem {
  if (code === "42501") return forbidden(message);
  if (status === 0 || status >= 502 || NO_CONNECTION.test(code) || isTransient({ code })) {
    return new Problem(
      503,
      "database-unavailable",
      "Nothing was changed: send the same request again",
      {},
      { "retry-after": RETRY_AFTER },
    );
  }
  // SQLSTATE class 22: a value that no column can hold
  if (code.startsWith("22")) {
    return new Problem(
      400,
      "invalid-parameter",
      `Cannot read a parameter as it must be a value that Postgres can hold: ${message}`,
    );
  }
  if (status === 401 || status === 403) {
    return unauthorized(`Cannot answer as the key or token must be a valid one: ${message}`);
  }
  throw new Error(`the Data API answered ${status} ${code}: ${message}`);
}

/**
 * Sends a query and returns its rows.
 *
 * It is sent once: whoever asks has been told by Retry-After when to ask again, and knows better than this function
 * how long it wants to wait.
 *
 * @throws {Problem} 400, 401, 403 or 503, by what the Data API answered.
 */
export async function rowsOf<T>(query: Query<T>): Promise<T> {
  const { data, error, status } = await query.retry(false);
  if (error !== null) throw readProblem(error.code ?? "", status, error.message);
  return data as T;
}

/**
 * Checks that the caller may read a table or view. Row-level security shows an empty one to those who may not, so whoever
 * is about to be answered with nothing is told which of the two it is.
 *
 * @throws {Problem} 403 when the caller may not.
 */
export async function requireReadable(client: SupabaseClient, asset: string): Promise<void> {
  if (!await rowsOf<boolean>(client.rpc("may_read", { asset }))) {
    throw forbidden(`permission denied for ${asset}`);
  }
}

/**
 * Sends a query for a list.
 *
 * @param asset Table or view that the query reads.
 * @throws {Problem} As rowsOf; 403 also when the list is empty because the caller may not read the asset.
 */
export async function readableRows<T>(
  client: SupabaseClient,
  asset: string,
  query: Query<T[]>,
): Promise<T[]> {
  const rows = await rowsOf(query);
  if (rows.length === 0) await requireReadable(client, asset);
  return rows;
}

/**
 * A value as filters of lists and alternatives take it: in("…"), or=(column.gt."…").
 *
 * `eq` has no way to quote, and PostgREST needs none there. @supabase/lite 0.10.0 does: it takes eq.unknown for a
 * comparison with null, and 501 for a number.
 *
 * @param value Without quotes and backslashes in it.
 */
export function quoted(value: string): string {
  return `"${value}"`;
}

/** Rows of a query whose column is a text. */
export function whereText<
  Filtered extends { filter(column: string, operator: string, value: string): Filtered },
>(
  query: Filtered,
  column: string,
  text: string | undefined,
): Filtered {
  return text === undefined ? query : query.filter(column, "in", `(${quoted(text)})`);
}
