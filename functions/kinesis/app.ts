/** POST /kinesis: what a Kinesis stream holds, delivered by Firehose, EventBridge Pipes or Lambda. */

import type { Hono } from "hono";
import type postgres from "postgres";
import { IntakeScoring } from "../../shared/anomaly/intake_scoring.ts";
import { readText } from "../../shared/body.ts";
import { addHealthEndpoints, databaseProbe } from "../../shared/health.ts";
import { checkKeys, functionApp, methodNotAllowed, toProblem } from "../../shared/http.ts";
import { storeBatch } from "../../shared/intake.ts";
import { deliveryKeys, type KeyRing } from "../../shared/keys.ts";
import { isReceived } from "../../shared/receipts.ts";
import { type Answers, firehoseAnswers, lambdaAnswers, PIPES_ANSWERS } from "./answers.ts";
import { type Delivery, isFirehose, readDelivery } from "./envelopes.ts";
import { openapi } from "./openapi.ts";
import { decodeRecords } from "./records.ts";

export interface KinesisDependencies {
  readonly sql: postgres.Sql;
  /** Who may deliver. */
  readonly keys: KeyRing;
  /** Largest body, in bytes after decompression; and what the gzipped records in it may come to. */
  readonly maxBodyBytes: number;
}

const KEY_HEADERS =
  "X-Amz-Firehose-Access-Key: KEY, x-api-key: KEY, Authorization: Bearer KEY, or apikey: KEY";

/** How a request is answered whose envelope has not been read yet. */
function answersTo(headers: Headers): Answers {
  return isFirehose(headers)
    ? firehoseAnswers(headers.get("x-amz-firehose-request-id") ?? "")
    : PIPES_ANSWERS;
}

function answersOf({ envelope }: Delivery): Answers {
  if (envelope.kind === "firehose") return firehoseAnswers(envelope.requestId);
  return envelope.kind === "lambda" ? lambdaAnswers(envelope.sequenceNumbers) : PIPES_ANSWERS;
}

/**
 * The app.
 *
 * - `POST /kinesis` — stores a delivery in one transaction, and answers as its sender expects (answers.ts): 200 when
 *   all of it is stored or kept as dead letters, 400 unreadable or too large, 401 no valid key, 415 unknown
 *   encoding, 503 database away (stored whole or not at all). Never 413, never a redirect.
 * - `GET /kinesis/health/live`, `/kinesis/health/ready`, `/kinesis/openapi.json` — need no key.
 */
export function createApp({ sql, keys, maxBodyBytes }: KinesisDependencies): Hono {
  const app = functionApp("kinesis");
  const scoring = new IntakeScoring(sql);

  app.post("/", async (c) => {
    const arrivedAt = performance.now();
    const { headers } = c.req.raw;
    let answers = answersTo(headers);
    try {
      checkKeys(keys, deliveryKeys(headers), KEY_HEADERS);
      const delivery = readDelivery(await readText(c.req.raw, maxBodyBytes), headers);
      answers = answersOf(delivery);
      const { envelope, reference } = delivery;
      const receipt = envelope.kind === "firehose" ? envelope.receipt : undefined;
      if (receipt !== undefined && await isReceived(sql, receipt)) return answers.stored(undefined);
      const candidates = await decodeRecords(delivery, maxBodyBytes);
      const origin = { source: "kinesis", reference } as const;
      const result = await storeBatch(sql, origin, candidates, { receipt, scoring, arrivedAt });
      if (result.stored) c.set("batchId", result.batchId);
      return answers.stored(result);
    } catch (error) {
      return answers.failed(toProblem(c, error));
    }
  });
  app.all("/", methodNotAllowed("POST"));
  addHealthEndpoints(app, [databaseProbe(sql)]);
  app.get("/openapi.json", (c) => c.json(openapi()));

  return app;
}
