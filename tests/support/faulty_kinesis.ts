/** A local Kinesis behind a proxy that fails as the real one and the way to it do. */

import { type AddressInfo } from "node:net";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { kinesisClient } from "../../scripts/kinesis/client.ts";
import { LOCAL_CREDENTIALS, LOCAL_REGION, type LocalKinesis } from "../../scripts/kinesis/local.ts";

/** What becomes of one request. */
export type Fault =
  /** Answered with an error of this name, and not forwarded. */
  | { readonly error: string; readonly status?: number }
  /**
   * The connection is cut; with `after`, when Kinesis has done what was asked and nobody hears of it. With `delayMs`
   * the request is on its way for so long before.
   */
  | { readonly cut: "before" | "after"; readonly delayMs?: number }
  /** Those records of a PutRecords request that are chosen are not forwarded, and marked with this code. */
  | { readonly refuse: (record: PutRecord, index: number) => string | undefined };

/** A record of a PutRecords request, as it is sent. */
export interface PutRecord {
  readonly PartitionKey: string;
  /** Base64. */
  readonly Data: string;
}

/** A request, as the SDK sends it. */
export interface KinesisRequest {
  /** `PutRecords`, for example. */
  readonly operation: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export interface FaultyKinesis extends AsyncDisposable {
  readonly client: KinesisClient;
  readonly endpoint: string;
  /** Requests that came, in their order. */
  readonly requests: KinesisRequest[];
  /** Decides what becomes of each request; everything is forwarded until it is set. */
  fault: (request: KinesisRequest) => Fault | undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new TextDecoder().decode(await new Blob(chunks).arrayBuffer());
}

/** Starts the proxy. */
export async function faultyKinesis(kinesis: LocalKinesis): Promise<FaultyKinesis> {
  const requests: KinesisRequest[] = [];

  const forward = async (request: IncomingMessage, body: string) => {
    const headers = Object.fromEntries(
      ["content-type", "x-amz-target", "authorization", "x-amz-date"].map((name) => [
        name,
        String(request.headers[name]),
      ]),
    );
    const response = await fetch(kinesis.endpoint, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };

  const answer = (response: ServerResponse, status: number, text: string) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    response.end(text);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await bodyOf(request);
    const operation = String(request.headers["x-amz-target"]).split(".")[1];
    const asked = { operation, body: JSON.parse(text) };
    requests.push(asked);
    const fault = proxy.fault(asked);
    if (fault === undefined) {
      const { status, text: answered } = await forward(request, text);
      return answer(response, status, answered);
    }
    if ("error" in fault) {
      return answer(
        response,
        fault.status ?? 400,
        JSON.stringify({ __type: fault.error, message: "by the test" }),
      );
    }
    if ("cut" in fault) {
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 0));
      if (fault.cut === "after") await forward(request, text);
      request.socket.destroy();
      return;
    }
    const records: PutRecord[] = asked.body.Records;
    const codes = records.map(fault.refuse);
    const taken = records.filter((_, i) => codes[i] === undefined);
    const results = taken.length === 0 ? [] : JSON.parse(
      (await forward(request, JSON.stringify({ ...asked.body, Records: taken }))).text,
    ).Records;
    answer(
      response,
      200,
      JSON.stringify({
        FailedRecordCount: records.length - taken.length,
        Records: codes.map((code) =>
          code === undefined ? results.shift() : { ErrorCode: code, ErrorMessage: "by the test" }
        ),
      }),
    );
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = kinesisClient({ endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS });
  const proxy: FaultyKinesis = {
    client,
    endpoint,
    requests,
    fault: () => undefined,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
