/** Writing an object into S3: whole when it is small, in parts when it is large. */

import { createHash } from "node:crypto";
import type { LakeWriter, WrittenObject } from "./lake.ts";
import type { S3Bucket } from "./s3_bucket.ts";
import { failureOf } from "./s3_errors.ts";
import { textOf } from "./s3_xml.ts";

/** Bytes of the first parts; S3 wants 5 MiB at least. An object that is smaller than one is put whole. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * After so many parts, they become twice as large: 10,000 are all that S3 takes of an object, and so they hold 8 TiB.
 * The first 7.8 GiB are parts of one size, which some other services insist on.
 */
const PARTS_OF_A_SIZE = 1000;

/** Parts on their way at a time. With the one that is being filled, 24 MiB are held for the first 7.8 GiB. */
const IN_FLIGHT = 2;

/** Bytes of the buffer that a part begins with; it grows as it has to, as most objects are small. */
const FIRST_BUFFER_BYTES = 64 * 1024;

/** Header of a request that creates an object, by which it is known again. */
const MARK = "x-amz-meta-spool-write";

const TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv; charset=utf-8",
  html: "text/html; charset=utf-8",
  json: "application/json",
  parquet: "application/vnd.apache.parquet",
};

/** What an object is for whoever opens it in a browser. */
function typeOf(key: string): string {
  const ending = key.slice(key.lastIndexOf(".") + 1);
  return Object.hasOwn(TYPES, ending) ? TYPES[ending] : "application/octet-stream";
}

function checksumOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64");
}

/** Puts an object whole. */
export async function putWhole(
  bucket: S3Bucket,
  name: string,
  body: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<void> {
  await bucket.request({
    method: "PUT",
    key: name,
    headers: { "content-type": typeOf(name), "x-amz-checksum-sha256": checksumOf(body) },
    body,
    attempted: `write ${name}`,
    signal,
  }, (response) => response.arrayBuffer());
}

/** An upload in parts that has begun. */
interface Upload {
  readonly id: string;
  /** Its object's {@link MARK}. */
  readonly mark: string;
}

interface Part {
  readonly etag: string;
  readonly checksum: string;
}

/** Writes an object of any size. What a writer leaves that dies is removed by the bucket's lifecycle. */
export class S3Writer implements LakeWriter {
  private readonly hash = createHash("sha256");
  private readonly ending = new AbortController();
  private bytes = 0;
  private buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  /** Bytes in the buffer. */
  private filled = 0;
  private readonly spare: Uint8Array<ArrayBuffer>[] = [];
  private upload: Upload | undefined;
  private readonly parts: Part[] = [];
  private begun = 0;
  private readonly sending = new Set<Promise<void>>();
  /** Why a part could not be sent; nothing more is sent then. */
  private failure: unknown;
  private open = true;

  /**
   * @param key Key in the lake.
   * @param name Key in the bucket.
   */
  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly name: string,
  ) {}

  async write(chunk: Uint8Array): Promise<void> {
    this.requireOpen();
    this.hash.update(chunk);
    this.bytes += chunk.length;
    for (let at = 0; at < chunk.length;) {
      if (this.filled === this.partBytes()) await this.sendPart();
      const piece = chunk.subarray(at, at + this.partBytes() - this.filled);
      this.reserve(this.filled + piece.length);
      this.buffer.set(piece, this.filled);
      this.filled += piece.length;
      at += piece.length;
    }
  }

  async commit(): Promise<WrittenObject> {
    this.requireOpen();
    if (this.upload === undefined) {
      await putWhole(this.bucket, this.name, this.buffer.subarray(0, this.filled), this.ending.signal);
    } else {
      await this.sendPart();
      await Promise.all(this.sending);
      if (this.failure !== undefined) throw this.failure;
      await this.complete(this.upload);
    }
    this.open = false;
    return { key: this.key, bytes: this.bytes, sha256: this.hash.digest("hex") };
  }

  async abort(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    this.ending.abort(new Error("the writer has given up"));
    // a part that arrives after the end of its upload would stay
    await Promise.all(this.sending);
    if (this.upload === undefined) return;
    await this.bucket.request({
      method: "DELETE",
      key: this.name,
      query: { uploadId: this.upload.id },
      attempted: `give up writing ${this.name}`,
    }, (response) => response.arrayBuffer()).catch(() => {}); // its lifecycle removes it otherwise
  }

  /** Bytes of the part that is being filled. */
  private partBytes(): number {
    return PART_BYTES * 2 ** Math.floor(this.begun / PARTS_OF_A_SIZE);
  }

  private reserve(bytes: number): void {
    if (bytes <= this.buffer.length) return;
    const grown = new Uint8Array(Math.min(this.partBytes(), Math.max(bytes, 2 * this.buffer.length)));
    grown.set(this.buffer.subarray(0, this.filled));
    this.buffer = grown;
  }

  private async sendPart(): Promise<void> {
    this.upload ??= await this.beginUpload();
    while (this.sending.size >= IN_FLIGHT) await Promise.race(this.sending);
    if (this.failure !== undefined) throw this.failure;
    const { upload, buffer } = this;
    const number = ++this.begun;
    const sent = this.send(upload, number, buffer.subarray(0, this.filled))
      .catch((error) => {
        this.failure ??= error;
        this.ending.abort(error); // the others need not be sent any more
      })
      .finally(() => {
        this.sending.delete(sent);
        if (buffer.length === this.partBytes()) this.spare.push(buffer);
      });
    this.sending.add(sent);
    this.buffer = this.spare.pop() ?? new Uint8Array(this.partBytes());
    this.filled = 0;
  }

  private async beginUpload(): Promise<Upload> {
    const mark = crypto.randomUUID();
    const id = await this.bucket.request({
      method: "POST",
      key: this.name,
      query: { uploads: "" },
      headers: { "content-type": typeOf(this.name), "x-amz-checksum-algorithm": "SHA256", [MARK]: mark },
      attempted: `write ${this.name}`,
      signal: this.ending.signal,
    }, async (response) => {
      const id = textOf(await response.text(), "UploadId");
      if (id === undefined) throw new Error("the answer is cut off");
      return id;
    });
    return { id, mark };
  }

  private async send(upload: Upload, number: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const checksum = checksumOf(body);
    const etag = await this.bucket.request({
      method: "PUT",
      key: this.name,
      query: { partNumber: String(number), uploadId: upload.id },
      headers: { "x-amz-checksum-sha256": checksum },
      body,
      attempted: `write ${this.name}`,
      signal: this.ending.signal,
    }, async (response) => {
      await response.arrayBuffer();
      return response.headers.get("etag") ?? "";
    });
    this.parts[number - 1] = { etag, checksum };
  }

  /** Makes the object of its parts. S3 begins its answer with 200 before it knows how it ends. */
  private async complete(upload: Upload): Promise<void> {
    const parts = this.parts.map(({ etag, checksum }, i) =>
      `<Part><PartNumber>${
        i + 1
      }</PartNumber><ETag>${etag}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`
    );
    const body = new TextEncoder().encode(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
        parts.join("")
      }</CompleteMultipartUpload>`,
    );
    await this.bucket.request({
      method: "POST",
      key: this.name,
      query: { uploadId: upload.id },
      headers: { "content-type": "application/xml" },
      body,
      accept: [404],
      attempted: `write ${this.name}`,
      signal: this.ending.signal,
    }, async (response) => {
      const text = await response.text();
      if (text.includes("</CompleteMultipartUploadResult>")) return;
      const failure = failureOf(response, text);
      // an earlier attempt may have made the object, and its answer have been lost
      if (failure.code === "NoSuchUpload" && await this.isThere(upload)) return;
      if (failure.code === "") throw new Error("the answer is cut off");
      throw failure;
    });
  }

  /** Whether the object is the one of an upload. */
  private async isThere({ mark }: Upload): Promise<boolean> {
    return await this.bucket.request({
      method: "HEAD",
      key: this.name,
      accept: [404],
      attempted: `write ${this.name}`,
    }, (response) => Promise.resolve(response.headers.get(MARK) === mark));
  }

  private requireOpen(): void {
    if (!this.open) throw new TypeError("the object has been committed or given up already");
  }
}
