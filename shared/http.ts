/** What every function's app does the same way: who may call, and how errors are answered. */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { isTransient } from "./database.ts";
import { type KeyRing, requestKeys } from "./keys.ts";
import { Problem } from "./problem.ts";
import { logRequests } from "./request_log.ts";

/** s; long enough for a failover to get on, short enough to stay inside the five-minute ingestion target. */
const RETRY_AFTER = "5";

/** What a function says of failures that are not the caller's. */
export interface FailureDetails {
  /** The database is away, and the same request may pass later. */
  readonly unavailable: string;
  /** An error nobody foresaw. */
  readonly internal: string;
}

/** Of a function that stores what it is sent in one transaction. */
const STORES: FailureDetails = {
  unavailable:
    "The batch is stored whole or not at all, and that it was is not certain: send the same request again",
  internal: "Nothing was stored; the error is in the function's log",
};

function problemOf(error: unknown, details: FailureDetails): Problem {
  if (error instanceof Problem) return error;
  if (isTransient(error)) {
    return new Problem(
      503,
      "database-unavailable",
      "The database is not available",
      details.unavailable,
      {},
      { "retry-after": RETRY_AFTER },
    );
  }
  // the caller gets no detail of an error nobody foresaw; the log gets all of it
  return new Problem(500, "internal-error", "Internal error", details.internal);
}

/**
 * What the caller is told of an error; of one that is not the caller's also request_id, under which the log has the rest.
 *
 * @param details What it says of failures that are not the caller's; that a batch was not stored unless given.
 */
export function toProblem(c: Context, error: unknown, details: FailureDetails = STORES): Problem {
  const problem = problemOf(error, details);
  c.set("failure", { problem, error });
  if (problem.status < 500) return problem;
  const { status, type, title, detail, extension, headers } = problem;
  return new Problem(
    status,
    type,
    title,
    detail,
    { ...extension, request_id: c.get("requestId") },
    headers,
  );
}

/**
 * Lets pages of any origin ask: the dashboard may be published on any host. Nothing here goes by a cookie, so a page
 * gets no further than the key that it has been given.
 */
const anyOrigin = cors({
  origin: "*",
  allowMethods: ["GET", "POST"],
  allowHeaders: ["authorization", "apikey", "content-type", "content-encoding", "x-client-info"],
  exposeHeaders: ["retry-after"],
  maxAge: 86_400, // s; browsers keep it for two hours at most, or a day
});

/**
 * The app of one function, mounted at `/<name>` as Supabase calls it, answering errors as problem details.
 *
 * @param name Name of the function, without slashes.
 * @param details What it says of failures that are not the caller's; that a batch was not stored unless given.
 */
export function functionApp(name: string, details: FailureDetails = STORES): Hono {
  const app = new Hono({ strict: false }).basePath(`/${name}`); // with and without a trailing slash
  app.use(logRequests(name));
  app.use("*", anyOrigin);
  app.notFound((c) =>
    toProblem(
      c,
      new Problem(404, "not-found", "Not found", `Cannot find ${c.req.path}: there is nothing at this path`),
    ).toResponse()
  );
  app.onError((error, c) => toProblem(c, error, details).toResponse());
  return app;
}

/**
 * Requires a key of the ring.
 *
 * @param given The keys that the request carries.
 * @param headers Where it may carry them.
 * @throws {Problem} 401
 */
export function checkKeys(
  keys: KeyRing,
  given: readonly string[],
  headers = "Authorization: Bearer KEY, or apikey: KEY",
): void {
  if (given.some((key) => keys.has(key))) return;
  throw new Problem(
    401,
    "unauthorized",
    "A valid key is needed",
    given.length === 0
      ? `Cannot accept the request as it must carry a key: ${headers}`
      : "Cannot accept the request as its key must be a valid one",
    {},
    { "www-authenticate": "Bearer" },
  );
}

/** Lets only requests with a key of the ring pass. */
export function requireKey(keys: KeyRing): MiddlewareHandler {
  return async (c, next) => {
    checkKeys(keys, requestKeys(c.req.raw.headers));
    await next();
  };
}

/** A handler for the methods a path does not have. */
export function methodNotAllowed(allowed: string): (c: Context) => Response {
  return (c) =>
    toProblem(
      c,
      new Problem(
        405,
        "method-not-allowed",
        "Method not allowed",
        `Cannot answer as the method must be ${allowed}`,
        {},
        { allow: allowed },
      ),
    ).toResponse();
}
