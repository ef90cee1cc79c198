/** The kinesis function behind real HTTP, on a database of its own, and the envelopes that senders use. */

import { Buffer } from "node:buffer";
import { createApp } from "../../functions/kinesis/app.ts";
import { KeyRing } from "../../shared/keys.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { type Answer, answerOf } from "./ingest_server.ts";

/** The one key that the server takes, unless told. */
export const KEY = "access-key-of-the-test-bench";

export const STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/readings";
export const DELIVERY_STREAM = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/spool";

/** A running server. */
export interface KinesisServer extends AsyncDisposable {
  readonly db: TestDatabase;
  /** `http://127.0.0.1:PORT/kinesis` */
  readonly url: string;
  /** Posts a body with a valid key; anything but text and bytes is sent as JSON. */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Posts what Firehose would, with its headers. */
  firehose(request: FirehoseRequest, headers?: Record<string, string>): Promise<Answer>;
}

/** Starts a server. */
export async function kinesisServer(
  options: { readonly maxBodyBytes?: number; readonly sql?: TestDatabase["sql"]; readonly keys?: KeyRing } =
    {},
): Promise<KinesisServer> {
  const db = await testDatabase();
  const app = createApp({
    sql: options.sql ?? db.sql,
    keys: options.keys ?? new KeyRing([KEY]),
    maxBodyBytes: options.maxBodyBytes ?? 16 * 1024 * 1024,
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const url = `http://127.0.0.1:${server.addr.port}/kinesis`;
  const post: KinesisServer["post"] = async (body, headers = {}) =>
    await answerOf(
      await fetch(url, {
        method: "POST",
        headers: { "x-api-key": KEY, "content-type": "application/json", ...headers },
        body: typeof body === "string" || body instanceof Uint8Array
          ? body as BodyInit
          : JSON.stringify(body),
      }),
    );
  return {
    db,
    url,
    post,
    firehose: async (request, headers = {}) =>
      await post(request, { ...firehoseHeaders(request.requestId), ...headers }),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** The headers of a request of Firehose, but for its access key. */
export function firehoseHeaders(requestId: string): Record<string, string> {
  return {
    "x-amz-firehose-protocol-version": "1.0",
    "x-amz-firehose-request-id": requestId,
    "x-amz-firehose-source-arn": DELIVERY_STREAM,
  };
}

/** The data of a record: text, bytes, or a value as JSON, in base64. */
export function base64(data: unknown): string {
  const bytes = data instanceof Uint8Array
    ? data
    : Buffer.from(typeof data === "string" ? data : JSON.stringify(data));
  return Buffer.from(bytes).toString("base64");
}

/** The body of a request of Firehose. */
export interface FirehoseRequest {
  readonly requestId: string;
  readonly timestamp: number;
  readonly records: readonly { readonly data: unknown }[];
}

/** A request of Firehose, each of whose records has the given data. */
export function firehoseRequest(
  data: readonly unknown[],
  requestId: string = crypto.randomUUID(),
): FirehoseRequest {
  return { requestId, timestamp: Date.now(), records: data.map((each) => ({ data: each })) };
}

/** Sequence number of the nth record. */
export function sequenceNumber(n: number): string {
  return String(49590338271490256608559692538361571095921575989136588898n + BigInt(n));
}

/** An event of EventBridge Pipes for each record. */
// deno-lint-ignore no-explicit-any
export function pipesEvents(data: readonly unknown[]): any[] {
  return data.map((each, n) => ({
    kinesisSchemaVersion: "1.0",
    partitionKey: `ENGINE_${n}`,
    sequenceNumber: sequenceNumber(n),
    data: each,
    approximateArrivalTimestamp: 1545084650.987 + n,
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `shardId-000000000006:${sequenceNumber(n)}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: "arn:aws:iam::123456789012:role/pipe",
    awsRegion: "eu-central-1",
    eventSourceARN: STREAM,
  }));
}

/** The event of a Lambda function. */
// deno-lint-ignore no-explicit-any
export function lambdaEvent(data: readonly unknown[]): { Records: any[] } {
  return {
    Records: pipesEvents(data).map((
      { kinesisSchemaVersion, partitionKey, sequenceNumber, data, approximateArrivalTimestamp, ...event },
    ) => ({
      kinesis: { kinesisSchemaVersion, partitionKey, sequenceNumber, data, approximateArrivalTimestamp },
      ...event,
    })),
  };
}
