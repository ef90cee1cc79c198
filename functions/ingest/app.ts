/** POST /ingest: readings over HTTP. */

import type { Hono } from "hono";
import type postgres from "postgres";
import { IntakeScoring } from "../../shared/anomaly/intake_scoring.ts";
import { readText } from "../../shared/body.ts";
import { addHealthEndpoints, databaseProbe } from "../../shared/health.ts";
import { functionApp, methodNotAllowed, requireKey } from "../../shared/http.ts";
import { storeBatch } from "../../shared/intake.ts";
import type { KeyRing } from "../../shared/keys.ts";
import { Problem } from "../../shared/problem.ts";
import type { Rejection } from "../../shared/validate.ts";
import { decoderFor } from "./decode.ts";
import { openapi } from "./openapi.ts";

/** Errors listed in one answer; the count of rejected readings is exact whatever this is. */
const MOST_ERRORS = 100;

export interface IngestDependencies {
  readonly sql: postgres.Sql;
  /** Who may send readings. */
  readonly keys: KeyRing;
  /** Largest body, in bytes after decompression. */
  readonly maxBodyBytes: number;
}

function isStrict(value: string | undefined): boolean {
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  throw new Problem(
    400,
    "invalid-parameter",
    "A parameter is not valid",
    `Cannot read the parameter strict as it must be true or false: current value is ${value.slice(0, 60)}`,
  );
}

/** The reference of a batch: the name its sender gave the request, if any. */
function requestReference(headers: Headers): string | null {
  return headers.get("x-request-id")?.slice(0, 200) ?? null;
}

/**
 * The app.
 *
 * - `POST /ingest[?strict=true]` — 200 with `{batch_id, accepted, duplicates, rejected, errors}`; problem details
 *   400 unreadable body, 401 no valid key, 413 too large, 415 unknown type, 422 strict and something was
 *   rejected (nothing stored), 503 database away (stored whole or not at all).
 * - `GET /ingest/health/live`, `/ingest/health/ready`, `/ingest/openapi.json` — need no key.
 */
export function createApp({ sql, keys, maxBodyBytes }: IngestDependencies): Hono {
  const app = functionApp("ingest");
  const scoring = new IntakeScoring(sql);

  app.post("/", requireKey(keys), async (c) => {
    const arrivedAt = performance.now();
    const strict = isStrict(c.req.query("strict"));
    const decode = decoderFor(c.req.header("content-type"));
    const text = await readText(c.req.raw, maxBodyBytes);
    const origin = { source: "ingest", reference: requestReference(c.req.raw.headers) } as const;

    const result = await storeBatch(sql, origin, decode(text), { strict, scoring, arrivedAt });
    const counts = {
      accepted: result.accepted,
      duplicates: result.duplicates,
      rejected: result.rejections.length,
      errors: result.rejections.slice(0, MOST_ERRORS) satisfies Rejection[],
    };
    if (!result.stored) {
      throw new Problem(
        422,
        "readings-rejected",
        "Some readings are not valid",
        `Nothing was stored, as strict=true and ${counts.rejected} of ${result.received} readings are not valid`,
        { rejected: counts.rejected, errors: counts.errors },
      );
    }
    c.set("batchId", result.batchId);
    return c.json({ batch_id: result.batchId, ...counts });
  });
  app.all("/", methodNotAllowed("POST"));
  addHealthEndpoints(app, [databaseProbe(sql)]);
  app.get("/openapi.json", (c) => c.json(openapi()));

  return app;
}
