/** A lake in S3, or in what speaks its language. */

import { createHash } from "node:crypto";
import { isKey, LONGEST_KEY, requireKey, requirePrefix } from "./keys.ts";
import {
  type Lake,
  LakeError,
  type LakeObject,
  type LakeWriter,
  MissingObjectError,
  type WrittenObject,
} from "./lake.ts";
import { S3Bucket, type S3Place, type S3Request } from "./s3_bucket.ts";
import { failureOf } from "./s3_errors.ts";
import { putWhole, S3Writer } from "./s3_writer.ts";
import { type Page, pageOf } from "./s3_xml.ts";

export type { S3Credentials, S3Place } from "./s3_bucket.ts";

/** Bytes that S3 takes for a key. */
const LONGEST_NAME = 1024;

/** An object's content from a byte on. */
interface Content {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Ends the body. */
  readonly abort: AbortController;
  /** Bytes of the whole object; undefined where the service does not say. */
  readonly bytes: number | undefined;
  readonly etag: string | null;
}

/**
 * A lake in S3.
 *
 * What may pass by itself is tried again: no connection, no answer in time, 5xx, 429, SlowDown, and an answer that
 * breaks off. A reader goes on where it was, in the same object or not at all.
 */
export class S3Lake implements Lake {
  readonly url: string;
  private readonly bucket: S3Bucket;
  /** What the names in the bucket begin with: nothing, or a path with a slash at its end. */
  private readonly base: string;

  /** @throws {LakeError} When the prefix is no path that keys can follow. */
  constructor(place: S3Place) {
    const prefix = place.prefix.replaceAll(/^\/+|\/+$/g, "");
    this.base = prefix === "" ? "" : `${requireKey(prefix)}/`;
    if (new TextEncoder().encode(this.base).length > LONGEST_NAME - LONGEST_KEY) {
      throw new LakeError(
        `Cannot use a lake as the prefix of its keys must be at most ${
          LONGEST_NAME - LONGEST_KEY
        } bytes long: current value is ${prefix}`,
        false,
      );
    }
    this.bucket = new S3Bucket({ ...place, prefix });
    this.url = this.bucket.url;
  }

  // deno-lint-ignore require-await -- nothing is sent before the first part is full, but a wrong key is a rejection
  async create(key: string): Promise<LakeWriter> {
    return new S3Writer(this.bucket, key, this.nameOf(key));
  }

  async put(key: string, content: Uint8Array | string): Promise<WrittenObject> {
    // a copy, as it is sent again when that fails
    const body = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
    await putWhole(this.bucket, this.nameOf(key), body);
    return { key, bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
  }

  async read(key: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await new Response(await this.stream(key)).arrayBuffer());
  }

  async stream(key: string, from = 0): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const first = await this.get(key, from);
    if (first === undefined) throw new MissingObjectError(key, this.url);
    let { abort } = first;
    let reader = first.body.getReader();
    let at = from;
    let failures = 0;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => {
      for (;;) {
        try {
          const { done, value } = await this.readInTime(reader, abort);
          if (!done) {
            at += value.length;
            failures = 0;
            return controller.enqueue(value);
          }
          if (first.bytes === undefined || at >= first.bytes) return controller.close();
          throw new Error(`it ended after ${at} of ${first.bytes} bytes`);
        } catch (error) {
          abort.abort();
          const lost = this.lost(key, (error as Error).message, error);
          if (++failures >= this.bucket.attempts) throw lost;
          await this.bucket.pause(failures);
          const rest = await this.get(key, at, first.etag);
          if (rest === undefined) throw lost;
          ({ abort } = rest);
          reader = rest.body.getReader();
        }
      }
    };
    return new ReadableStream({ pull, cancel: () => abort.abort() }, { highWaterMark: 0 });
  }

  async stat(key: string): Promise<LakeObject | undefined> {
    const name = this.nameOf(key);
    const bytes = await this.bucket.request(
      {
        method: "HEAD",
        key: name,
        accept: [301, 400, 403, 404],
        attempted: `look up ${name}`,
      },
      (response) => Promise.resolve(response.ok ? Number(response.headers.get("content-length")) : undefined),
    );
    if (bytes !== undefined) return { key, bytes };
    // an answer to HEAD has no body that would tell a missing object from a missing bucket or right
    const { objects } = await this.page({ prefix: name, "max-keys": "1" });
    return objects.some((object) => object.key === name) ? { key, bytes: objects[0].bytes } : undefined;
  }

  async *list(prefix: string): AsyncGenerator<LakeObject> {
    requirePrefix(prefix);
    let next: string | undefined;
    do {
      const page = await this.page({
        prefix: this.base + prefix,
        ...next === undefined ? {} : { "continuation-token": next },
      });
      for (const { key, bytes } of page.objects) {
        const own = key.slice(this.base.length);
        if (isKey(own)) yield { key: own, bytes }; // else a folder's marker, which nobody can read
      }
      ({ next } = page);
    } while (next !== undefined);
  }

  async remove(key: string): Promise<void> {
    const name = this.nameOf(key);
    await this.bucket.request(
      { method: "DELETE", key: name, attempted: `remove ${name}` },
      (response) => response.arrayBuffer(),
    );
  }

  private nameOf(key: string): string {
    return this.base + requireKey(key);
  }

  private page(query: S3Request["query"]): Promise<Page> {
    return this.bucket.request({
      method: "GET",
      query: { "list-type": "2", "encoding-type": "url", ...query },
      attempted: `list ${query?.prefix || "the objects"}`,
    }, async (response) => {
      const page = pageOf(await response.text());
      if (page === undefined) throw new Error("the answer is cut off");
      return page;
    });
  }

  /**
   * Begins to read an object.
   *
   * @param etag What it must still be; any unless given.
   * @returns Undefined when there is none.
   */
  private async get(key: string, from: number, etag?: string | null): Promise<Content | undefined> {
    const name = this.nameOf(key);
    const headers = {
      ...from === 0 ? {} : { range: `bytes=${from}-` },
      ...etag ? { "if-match": etag } : {},
    };
    return await this.bucket.request({
      method: "GET",
      key: name,
      headers,
      accept: [404, 412, 416],
      attempted: `read ${name}`,
    }, async (response, abort) => {
      if (!response.ok) {
        const failure = failureOf(response, await response.text());
        if (failure.code === "NoSuchKey") return undefined;
        if (failure.status === 412) throw this.lost(key, "another object has taken its place");
        if (failure.status === 416) return { body: new Blob([]).stream(), abort, bytes: from, etag: null };
        throw failure;
      }
      const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
      if (from > 0 && Number(range?.[1]) !== from) {
        abort.abort();
        throw new LakeError(`Cannot read ${name} from byte ${from} as ${this.url} must know ranges`, false);
      }
      const length = range?.[2] ?? response.headers.get("content-length");
      return {
        body: response.body ?? new Blob([]).stream(),
        abort,
        bytes: length === null ? undefined : Number(length),
        etag: response.headers.get("etag"),
      };
    });
  }

  /** An object could not be read to its end. */
  private lost(key: string, reason: string, cause?: unknown): LakeError {
    return new LakeError(
      `Cannot read ${key} as it must stay until it is read whole: ${this.url}: ${reason}`,
      true,
      { cause },
    );
  }

  private async readInTime(
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    abort: AbortController,
  ): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
    const ms = this.bucket.timeoutMs;
    const timer = setTimeout(() => abort.abort(new Error(`nothing arrived for ${ms} ms`)), ms);
    try {
      return await reader.read();
    } finally {
      clearTimeout(timer);
    }
  }
}
