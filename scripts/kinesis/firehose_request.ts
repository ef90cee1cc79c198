/**
 * A delivery as Amazon Data Firehose makes it: "HTTP endpoint delivery request and response specifications",
 * docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html.
 */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import { failureText } from "./failures.ts";

/** Most records of one request. */
export const DELIVERY_RECORDS = 10_000;

/** ms that a receiver has to answer. */
const ANSWER_TIMEOUT_MS = 3 * 60_000;

/** Largest answer that is read, in bytes. */
const ANSWER_BYTES = 1024 * 1024;

/** First and longest wait before another try, and how far each is off by chance. */
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 120_000;
const JITTER = 0.15;

/** A request, made once: each try sends the same bytes under the same identifier. */
export interface FirehoseRequest {
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What became of a try. */
export type FirehoseOutcome =
  | { readonly delivered: true }
  /** Not known to be stored: to be sent again. `reason` says what was wrong with the answer, if there was one. */
  | { readonly delivered: false; readonly reason: string };

export interface FirehoseRequestOptions {
  /** ARN of the delivery stream, of which the receiver knows the sender. */
  readonly sourceArn: string;
  readonly accessKey: string;
  /** Whether the body is compressed. */
  readonly gzip: boolean;
}

const encoder = new TextEncoder();
const gzipped = promisify(gzip);

/** Makes the request that delivers some records, at least one. */
export async function firehoseRequest(
  records: readonly { readonly data: Uint8Array }[],
  options: FirehoseRequestOptions,
): Promise<FirehoseRequest> {
  const requestId = crypto.randomUUID();
  const text = `{"requestId":"${requestId}","timestamp":${Date.now()},"records":[${
    records.map(({ data }) => `{"data":"${data.toBase64()}"}`).join(",")
  }]}`;
  const bytes = encoder.encode(text);
  return {
    requestId,
    headers: {
      "Content-Type": "application/json",
      "X-Amz-Firehose-Protocol-Version": "1.0",
      "X-Amz-Firehose-Request-Id": requestId,
      "X-Amz-Firehose-Source-Arn": options.sourceArn,
      "X-Amz-Firehose-Access-Key": options.accessKey,
      ...options.gzip ? { "Content-Encoding": "gzip" } : {},
    },
    body: options.gzip ? Uint8Array.from(await gzipped(bytes)) : bytes,
  };
}

const Answer = z.object({
  requestId: z.string(),
  timestamp: z.int(),
  errorMessage: z.string().max(8192).optional(),
});

/** What a receiver says is wrong, as far as it can be read. */
function errorMessage(text: string): string {
  try {
    const { errorMessage, detail } = JSON.parse(text);
    return String(errorMessage ?? detail ?? "");
  } catch {
    return "";
  }
}

async function textOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_BYTES) return undefined; // which also cancels the rest
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** Why an answer with status 200 is none; undefined when it is one. */
function fault(request: FirehoseRequest, response: Response, text: string): string | undefined {
  const { headers } = response;
  const type = headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type !== "application/json") {
    return `its Content-Type must be application/json: current value is ${type}`;
  }
  if (headers.has("content-encoding")) {
    return `it must have no Content-Encoding: current value is ${headers.get("content-encoding")}`;
  }
  let answer;
  try {
    answer = Answer.safeParse(JSON.parse(text));
  } catch {
    return "its body must be JSON";
  }
  if (!answer.success) return "its body must have requestId and a timestamp that is an integer";
  if (answer.data.requestId !== request.requestId) {
    return `its requestId must be ${request.requestId}: current value is ${answer.data.requestId}`;
  }
}

/**
 * Sends a request once. Only an answer of status 200 that is exactly as the specification wants it counts; redirects
 * are not followed.
 *
 * @param signal Ends the try, which may have been stored all the same.
 */
export async function sendFirehoseRequest(
  url: string,
  request: FirehoseRequest,
  signal: AbortSignal,
): Promise<FirehoseOutcome> {
  const { host } = new URL(url);
  const failed = (reason: string) => ({ delivered: false, reason }) as const;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: request.headers,
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    const text = await textOf(response);
    if (text === undefined) return failed(`${host} answered more than ${ANSWER_BYTES} bytes`);
    if (response.status !== 200) {
      const message = errorMessage(text).slice(0, 300);
      return failed(`${host} answered ${response.status}${message === "" ? "" : `: ${message}`}`);
    }
    const wrong = fault(request, response, text);
    return wrong === undefined
      ? { delivered: true }
      : failed(`${host} answered 200, but ${wrong}`.slice(0, 500));
  } catch (error) {
    return failed(
      error instanceof DOMException && error.name === "TimeoutError"
        ? `${host} did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`
        : `${host} could not be reached: ${failureText(error)}`,
    );
  }
}

/**
 * How long Firehose waits before it tries again: 1 s, 2 s, 4 s, … 2 minutes, each up to 15 % shorter or longer.
 *
 * @param failures How often it has failed, from 1.
 */
export function firehoseBackoffMs(failures: number): number {
  const wait = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
  return wait * (1 - JITTER + 2 * JITTER * Math.random());
}
