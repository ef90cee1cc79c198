/** Simulated readings to POST /ingest, in batches; again when it is away for a while, which is harmless there. */

import { gzipSync } from "node:zlib";
import { z } from "zod";
import type { Reading } from "../../shared/reading.ts";
import { fullJitter } from "../../shared/backoff.ts";
import { ndjson, NotSentError, type Target, type TargetCounts } from "./target.ts";

/** How long an endpoint that has never answered is tried for, and one that has: it may be restarting. */
const FIRST_PATIENCE_MS = 5_000;
const PATIENCE_MS = 120_000;

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;

/** Without an answer for so long, a request counts as failed. Longer than a function may run (150 s). */
const REQUEST_TIMEOUT_MS = 160_000;

/** The fastest: the readings are gone soon, and the network is seldom the bottleneck. */
const GZIP_LEVEL = 1;

/** Rejected readings of which the reason is kept. */
const MOST_REJECTIONS = 3;

/** The answers after which the same request may succeed: busy, away, or between two deployments. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** What /ingest answers; see its OpenAPI document. */
const Answer = z.object({
  accepted: z.int().min(0),
  duplicates: z.int().min(0),
  rejected: z.int().min(0),
  errors: z.array(z.object({ message: z.string() })),
});

/** Where readings are posted to. */
export interface IngestOptions {
  /** The endpoint's whole address. */
  readonly url: string;
  /** One of its INGEST_KEYS. */
  readonly key: string;
  /** What the requests are called in `batches.reference`; a number follows. */
  readonly reference: string;
  /** Aborted when somebody wants to stop: what is away is not waited for any more. */
  readonly signal?: AbortSignal;
}

/** What an attempt gave. */
type Attempt =
  | { readonly answer: z.output<typeof Answer> }
  | { readonly failure: string; readonly again: boolean; readonly afterMs: number };

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(value: string | null): number {
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** What a problem document says, or the beginning of whatever it is instead. */
function problemText(body: string): string {
  try {
    const { detail, title } = JSON.parse(body) as { detail?: unknown; title?: unknown };
    if (typeof detail === "string") return detail;
    if (typeof title === "string") return title;
  } catch {
    // not JSON: a proxy's page
  }
  return body.trim().slice(0, 200) || "no further word";
}

/** The message and those of its causes: fetch says why in the last. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reason(error.cause);
}

/** Posts readings. */
export class IngestTarget implements Target {
  private accepted = 0;
  private duplicates = 0;
  private rejected = 0;
  private retries = 0;
  private requests = 0;
  private answered = false;
  private readonly rejections: string[] = [];

  constructor(private readonly options: IngestOptions) {}

  get name(): string {
    return this.options.url;
  }

  counts(): TargetCounts {
    const { accepted, duplicates, rejected, retries, rejections } = this;
    return { accepted, duplicates, rejected, retries, rejections };
  }

  async send(readings: readonly Reading[]): Promise<void> {
    const body = Uint8Array.from(gzipSync(ndjson(readings), { level: GZIP_LEVEL }));
    const reference = `${this.options.reference}${++this.requests}`;
    const patienceMs = this.answered ? PATIENCE_MS : FIRST_PATIENCE_MS;
    const startedMs = performance.now();
    for (let attempt = 1;; attempt++) {
      const result = await this.attempt(body, reference);
      if ("answer" in result) {
        const { answer } = result;
        this.accepted += answer.accepted;
        this.duplicates += answer.duplicates;
        this.rejected += answer.rejected;
        for (const { message } of answer.errors) {
          if (this.rejections.length < MOST_REJECTIONS) this.rejections.push(message);
        }
        return;
      }
      const { failure, again, afterMs } = result;
      const waitMs = Math.max(afterMs, fullJitter(attempt, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS));
      const left = patienceMs - (performance.now() - startedMs);
      if (!again || waitMs > left || this.options.signal?.aborted) throw new NotSentError(failure);
      this.retries++;
      await this.wait(waitMs);
    }
  }

  private async attempt(body: Uint8Array<ArrayBuffer>, reference: string): Promise<Attempt> {
    const { url, key } = this.options;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/x-ndjson",
          "content-encoding": "gzip",
          "x-request-id": reference,
        },
        body,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      const { status } = response;
      if (status === 200) {
        const answer = Answer.safeParse(parsed(text));
        this.answered ||= answer.success;
        return answer.success ? { answer: answer.data } : {
          failure: `${url} does not answer as /ingest does; --url names the whole address of the endpoint`,
          again: false,
          afterMs: 0,
        };
      }
      const advice = status === 401 ? "; --key or INGEST_KEYS gives the key" : "";
      return {
        failure: `${url} answered ${status}: ${problemText(text)}${advice}`,
        again: TRANSIENT.has(status),
        afterMs: retryAfterMs(response.headers.get("retry-after")),
      };
    } catch (error) {
      const advice = this.answered ? "" : ". deno task start runs one on this machine; --url names another";
      return { failure: `${url} does not answer: ${reason(error)}${advice}`, again: true, afterMs: 0 };
    }
  }

  /** Waits, or less when somebody wants to stop. */
  private async wait(ms: number): Promise<void> {
    const { signal } = this.options;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }

  async close(): Promise<void> {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
