/**
 * A receiver of Firehose deliveries that takes nothing but what the specification allows: "HTTP endpoint delivery
 * request and response specifications", docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export const ACCESS_KEY = "key-of-the-test-bench/0123+=";

/** A request, as it came. */
export interface ReceivedRequest {
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came, in base64: what a repetition has to be equal to. */
  readonly bytes: string;
  readonly records: readonly Uint8Array[];
}

/** What the receiver does with a request that is as it has to be. */
export type Reaction =
  /** Answers 200 as it should. */
  | "accept"
  /** Cuts the connection; with "accept and cut", after having taken the records. */
  | "cut"
  | "accept and cut"
  /** Says nothing, ever. */
  | "hang"
  | {
    readonly status: number;
    readonly body: (requestId: string) => string;
    readonly headers?: Record<string, string>;
  };

export interface FirehoseReceiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/functions/v1/kinesis` */
  readonly url: string;
  /** All requests, in their order. */
  readonly requests: ReceivedRequest[];
  /** Those of them whose records were taken. */
  readonly accepted: ReceivedRequest[];
  /** What was not as the specification wants it. */
  readonly violations: string[];
  react: (request: ReceivedRequest) => Reaction | Promise<Reaction>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Headers that any HTTP client sends, and that the specification says nothing of. */
const OF_EVERY_CLIENT = ["host", "accept", "accept-encoding", "accept-language", "user-agent", "connection"];

/** Everything that is wrong with a request. */
function faults(request: IncomingMessage, raw: Uint8Array, url: string): string[] {
  const wrong: string[] = [];
  const must = (what: string, holds: boolean) => void (holds || wrong.push(what));
  const header = (name: string) => request.headers[name];

  must("method POST", request.method === "POST");
  must("the configured path", request.url === new URL(url).pathname);
  must("HTTP/1.1", request.httpVersion === "1.1");
  must("Content-Type application/json", header("content-type") === "application/json");
  must("Content-Length of the body", header("content-length") === String(raw.length));
  must("no Transfer-Encoding", header("transfer-encoding") === undefined);
  must("protocol version 1.0", header("x-amz-firehose-protocol-version") === "1.0");
  must("request ID", UUID.test(String(header("x-amz-firehose-request-id"))));
  must(
    "ARN of a delivery stream",
    /^arn:aws:firehose:[a-z0-9-]+:\d+:deliverystream\/[a-zA-Z0-9_.-]{1,64}$/.test(
      String(header("x-amz-firehose-source-arn")),
    ),
  );
  must("access key, verbatim", header("x-amz-firehose-access-key") === ACCESS_KEY);
  const encoding = header("content-encoding");
  must("Content-Encoding gzip or none at all", encoding === undefined || encoding === "gzip");
  const known = [
    ...OF_EVERY_CLIENT,
    "content-type",
    "content-length",
    "content-encoding",
    "x-amz-firehose-protocol-version",
    "x-amz-firehose-request-id",
    "x-amz-firehose-source-arn",
    "x-amz-firehose-access-key",
  ];
  must(
    `no other headers: ${Object.keys(request.headers)}`,
    Object.keys(request.headers).every((name) => known.includes(name)),
  );

  const plain = encoding === "gzip" ? gunzipSync(raw) : raw;
  must("at most 64 MiB before compression", plain.length <= 64 * 1024 * 1024);
  const body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
  must("requestId, timestamp and records", Object.keys(body).join() === "requestId,timestamp,records");
  must("the request ID of the header", body.requestId === header("x-amz-firehose-request-id"));
  must(
    "timestamp in ms",
    Number.isInteger(body.timestamp) && Math.abs(Date.now() - body.timestamp) < 600_000,
  );
  must(
    "1 to 10,000 records",
    Array.isArray(body.records) && body.records.length >= 1 && body.records.length <= 10_000,
  );
  for (const record of body.records ?? []) {
    must(
      "records of data alone, base64",
      Object.keys(record).join() === "data" && typeof record.data === "string" && BASE64.test(record.data),
    );
    must("data of at most 1,365,336 characters", record.data.length <= 1_365_336);
  }
  return wrong;
}

/** Starts a receiver. */
export async function firehoseReceiver(): Promise<FirehoseReceiver> {
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const raw = new Uint8Array(await new Blob(chunks).arrayBuffer());
    receiver.violations.push(...faults(incoming, raw, receiver.url));
    const plain = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const { requestId, records } = JSON.parse(new TextDecoder().decode(plain));
    const request: ReceivedRequest = {
      requestId,
      headers: incoming.headers as Record<string, string>,
      bytes: raw.toBase64(),
      records: records.map(({ data }: { data: string }) => Uint8Array.fromBase64(data)),
    };
    receiver.requests.push(request);
    const reaction = await receiver.react(request);
    if (reaction === "accept" || reaction === "accept and cut") receiver.accepted.push(request);
    if (reaction === "hang") return;
    if (reaction === "cut" || reaction === "accept and cut") return void incoming.socket.destroy();
    const { status, body, headers } = reaction === "accept"
      ? {
        status: 200,
        body: (id: string) => JSON.stringify({ requestId: id, timestamp: Date.now() }),
        headers: {},
      }
      : reaction;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body(requestId));
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error) => {
      receiver.violations.push(String(error));
      incoming.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: FirehoseReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/functions/v1/kinesis`,
    requests: [],
    accepted: [],
    violations: [],
    react: () => "accept",
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
