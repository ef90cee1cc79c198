/** Requests to a bucket: where they go, how they are signed, and when they are sent again. */

import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { fullJitter } from "../backoff.ts";
import { pause } from "../pause.ts";
import { LakeError } from "./lake.ts";
import { failureOf, lakeErrorOf, S3Failure } from "./s3_errors.ts";

/** A key that signs. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where a lake in S3 is, and who may use it. */
export interface S3Place {
  readonly bucket: string;
  /** Where in the bucket, with or without slashes around it. */
  readonly prefix: string;
  readonly region: string;
  /** Address of the service, when it is not AWS's own; buckets are in its path then. */
  readonly endpoint?: string;
  /** Asked before each request, as temporary keys change; may remember what it says. */
  readonly credentials: () => Promise<S3Credentials>;
  /** How often a request is sent that keeps failing; 7 unless given, which takes 6 s of waiting on average. */
  readonly attempts?: number;
  /** ms without an answer after which a request has failed, and without a byte of one; 30 s unless given. */
  readonly timeoutMs?: number;
}

/** A request to a bucket. */
export interface S3Request {
  readonly method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT";
  /** Key within the bucket; the bucket itself unless given. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Statuses beside 2xx that are an answer. */
  readonly accept?: readonly number[];
  /** What it is for, as in "Cannot {attempted} as …". */
  readonly attempted: string;
  /** Ends the request, and the waiting between its attempts. */
  readonly signal?: AbortSignal;
}

const ATTEMPTS = 7;

/** Backoff: full jitter below 200 ms, 400 ms, … 10 s. S3 asks for less for seconds, while it splits a prefix. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

const TIMEOUT_MS = 30_000;

/** Bytes that a ms more is given for: 64 kB/s is slower than any line that a lake is of use on. */
const SLOWEST_BYTES_PER_MS = 64;

/** Percent-encodes as Signature Version 4 wants it: all but A–Z a–z 0–9 - . _ ~, which also spares `+` a guess. */
export function encodeS3(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function addressOf({ endpoint, bucket, region }: S3Place): string {
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, "")}/${bucket}`;
  const host = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  // the certificate is for one label before the host
  return bucket.includes(".") ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

/** What a failed connection says, without the address, which it would only repeat. */
function connectionFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message.replace(/ for url \(.*?\)/, "").replaceAll(/\s+/g, " ");
  return error.cause instanceof Error ? `${text}: ${error.cause.message}` : text;
}

/** A bucket, and where the lake is in it. */
export class S3Bucket {
  /** `s3://bucket/prefix` */
  readonly url: string;
  readonly attempts: number;
  readonly timeoutMs: number;
  private readonly address: string;
  /** Keys that are derived for a day, by what they are derived from. */
  private readonly signingKeys = new Map<string, ArrayBuffer>();

  constructor(private readonly place: S3Place) {
    this.url = `s3://${place.bucket}${place.prefix === "" ? "" : `/${place.prefix}`}`;
    this.address = addressOf(place);
    this.attempts = place.attempts ?? ATTEMPTS;
    this.timeoutMs = place.timeoutMs ?? TIMEOUT_MS;
  }

  /**
   * Sends a request, again while it fails and may succeed.
   *
   * @param read Takes the answer. What breaks off while it reads counts as a failure, too; so does an
   *   {@link S3Failure} that it throws. `abort` ends the answer that it passes on unread.
   * @throws {LakeError}
   */
  async request<T>(
    request: S3Request,
    read: (response: Response, abort: AbortController) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.attempt(request, read);
      } catch (error) {
        if (!(error instanceof S3Failure)) throw error;
        if (!error.transient || attempt === this.attempts || request.signal?.aborted) {
          throw lakeErrorOf(error, request.attempted, this.url);
        }
        await this.pause(attempt, request.signal);
      }
    }
  }

  /** Waits after failures in a row. */
  async pause(failures: number, signal?: AbortSignal): Promise<void> {
    await pause(fullJitter(failures, FIRST_WAIT_MS, LONGEST_WAIT_MS), signal);
  }

  private async attempt<T>(
    request: S3Request,
    read: (response: Response, abort: AbortController) => Promise<T>,
  ): Promise<T> {
    const { method, body, signal, accept = [] } = request;
    const signed = await this.sign(request);
    const abort = new AbortController();
    const end = () => abort.abort(signal?.reason);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
    const ms = this.timeoutMs + (body?.length ?? 0) / SLOWEST_BYTES_PER_MS;
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${Math.round(ms)} ms`)), ms);
    try {
      const response = await fetch(signed.url, {
        method,
        headers: signed.headers,
        body: method === "PUT" || method === "POST" ? body : undefined,
        redirect: "manual", // to another region, which the key would not be signed for
        signal: abort.signal,
      });
      if (response.ok || accept.includes(response.status)) return await read(response, abort);
      throw failureOf(response, await response.text());
    } catch (error) {
      if (error instanceof S3Failure || error instanceof LakeError) throw error;
      throw new S3Failure(connectionFault(error), 0, "", undefined, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }

  /**
   * Signs a request with its body: the hash is computed over what is sent in any case, S3 compares it with what it has
   * received, and so refuses a body that was damaged on its way, over http as over https.
   */
  private async sign(
    { method, key, query, headers, body, attempted }: S3Request,
  ): Promise<{ readonly url: URL; readonly headers: Headers }> {
    let credentials: S3Credentials;
    try {
      credentials = await this.place.credentials();
    } catch (error) {
      throw new LakeError(`Cannot ${attempted} as there must be a key that signs: ${this.url}`, false, {
        cause: error,
      });
    }
    const path = key === undefined ? "/" : `/${key.split("/").map(encodeS3).join("/")}`;
    const search = Object.entries(query ?? {}).map(([name, value]) => `${encodeS3(name)}=${encodeS3(value)}`)
      .join("&");
    return await new AwsV4Signer({
      method,
      url: `${this.address}${path}${search === "" ? "" : `?${search}`}`,
      headers: {
        ...headers,
        "x-amz-content-sha256": createHash("sha256").update(body ?? new Uint8Array()).digest("hex"),
      },
      ...credentials,
      service: "s3",
      region: this.place.region,
      cache: this.signingKeys,
    }).sign();
  }
}
