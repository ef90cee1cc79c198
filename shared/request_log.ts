/** One event of the log for each request to a function, under an identifier that its caller can name. */

import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { errorField, log, type LogLevel } from "./log.ts";
import type { Problem } from "./problem.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Identifier of the request, from its sender or made here. */
    requestId: string;
    /** Batch that the request was stored as. */
    batchId: string;
    /** What the caller was told of an error, and the error itself. */
    failure: { readonly problem: Problem; readonly error: unknown };
  }
}

/** What an identifier may be that is written into headers and logs; long enough for those of AWS and trace parents. */
const REQUEST_ID = /^[\x21-\x7e]{1,200}$/;

/** The identifier that the sender or Supabase gave a request; of one that has none, a new one. */
function requestIdOf(headers: Headers): string {
  const given = [headers.get("x-request-id"), headers.get("sb-request-id")];
  return given.find((id) => id !== null && REQUEST_ID.test(id)) ?? crypto.randomUUID();
}

/** The pattern of the path, which has no names of engines and no keys of the lake in it; none where nothing is. */
function routeOf(c: Context): string | undefined {
  return matchedRoutes(c).map(({ path }) => path).findLast((path) => !path.endsWith("/*"));
}

function levelOf(status: number): LogLevel {
  if (status < 500) return "info";
  return status === 503 ? "warn" : "error";
}

/**
 * Names the request, and logs it when it has been answered.
 *
 * @param name Name of the function.
 */
export function logRequests(name: string): MiddlewareHandler {
  return async (c, next) => {
    const began = performance.now();
    const requestId = requestIdOf(c.req.raw.headers);
    c.set("requestId", requestId);
    await next();
    c.header("x-request-id", requestId);
    const failure = c.get("failure");
    const { status } = c.res;
    log(levelOf(status), "request", {
      function: name,
      method: c.req.method,
      route: routeOf(c),
      status,
      duration_ms: Math.round((performance.now() - began) * 10) / 10,
      request_id: requestId,
      batch_id: c.get("batchId"),
      problem: failure?.problem.type,
      error: status >= 500 && failure !== undefined && failure.error !== failure.problem
        ? errorField(failure.error, { stack: status !== 503 })
        : undefined,
    });
  };
}
