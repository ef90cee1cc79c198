/**
 * S3 for tests: s3rver, behind what it lacks of S3. Its front checks signatures and checksums itself, takes an object
 * or part only when it has arrived whole, knows uploads that are given up, If-Match and encoded listings in order,
 * and fails as a test wants it to.
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import S3rver from "s3rver";
import { S3Lake, type S3Place } from "../../shared/lake/s3_lake.ts";
import { isSignedFor } from "./signature.ts";

const KEY = { id: "S3RVER", secret: "S3RVER" };
const REGION = "us-east-1";
const BUCKET = "lake";
const LEAST_PART_BYTES = 5 * 1024 * 1024;

/** A request as it has arrived, whole. */
export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What to do with a call in place of answering it. */
export type Fault =
  /** Ends the connection before the call is done. */
  | { readonly kind: "reset" }
  /** Does what it says, and ends the connection in place of an answer. */
  | { readonly kind: "lose answer" }
  /** Answers, and ends the connection after so many bytes of the body. */
  | { readonly kind: "cut"; readonly after: number }
  /** Answers, and stops sending after so many bytes of the body. */
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "answer"; readonly status: number; readonly code: string; readonly region?: string }
  /** Answers 200, with an error in the body. */
  | { readonly kind: "200"; readonly code: string }
  /** Changes a byte of the body before it is looked at. */
  | { readonly kind: "damage" };

interface Upload {
  readonly checksums: boolean;
  readonly parts: Map<number, { readonly bytes: number; readonly checksum: string | null }>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** The environment of a process that uses it as its lake. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls so far, the latest last. */
  readonly calls: Call[];
  /** Uploads that have neither been completed nor given up. */
  readonly uploads: ReadonlyMap<string, Upload>;
  /** Asked about each call; nothing goes wrong unless it is set. */
  fault: ((call: Call) => Fault | undefined) | undefined;
  /** Most keys of a page of a listing. */
  pageKeys: number;
  /** A lake in its bucket. */
  lake(place?: Partial<S3Place>): S3Lake;
}

const sha256 = (body: Uint8Array) => createHash("sha256").update(body);

function refusal(status: number, code: string, region?: string): Answer {
  return {
    status,
    headers: { "content-type": "application/xml", ...region ? { "x-amz-bucket-region": region } : {} },
    body:
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>No</Message><Key>x</Key></Error>`,
  };
}

function encode(key: string): string {
  return new URLSearchParams({ key }).toString().slice(4);
}

/** The whole body of a message; undefined when it ends early. */
async function whole(message: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk);
  } catch {
    return undefined;
  }
  const body = Buffer.concat(chunks);
  const length = message.headers["content-length"];
  return length !== undefined && Number(length) !== body.length ? undefined : new Uint8Array(body);
}

/** Starts a server with one empty bucket, `lake`. */
export async function s3Server(): Promise<S3Server> {
  const directory = await Deno.makeTempDir({ prefix: "spool-s3-" });
  const s3rver = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    allowMismatchedSignatures: true, // they are for the front's address
    configureBuckets: [{ name: BUCKET }],
  });
  const { port: inner } = await s3rver.run() as AddressInfo;
  const uploads = new Map<string, Upload>();

  const forward = async ({ method, url, headers, body }: Call): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${inner}${url}`, {
      method,
      headers: [...headers].filter(([name]) =>
        !["host", "connection", "content-length", "if-match"].includes(name)
      ),
      body: method === "PUT" || method === "POST" ? body : undefined,
    });
    return {
      status: response.status,
      headers: Object.fromEntries(
        [...response.headers].filter(([name]) => name !== "connection" && name !== "transfer-encoding"),
      ),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  };

  /** s3rver answers before all is written. */
  const written = async (call: Call, bytes: number): Promise<void> => {
    const { pathname } = new URL(call.url, "http://s3");
    const head = { ...call, method: "HEAD", url: pathname };
    while (Number((await forward(head)).headers?.["content-length"]) !== bytes) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  const list = async (call: Call, query: URLSearchParams): Promise<Answer> => {
    const prefix = query.get("prefix") ?? "";
    const url = `/${BUCKET}?list-type=2&prefix=${encodeURIComponent(prefix)}`;
    const answer = await forward({ ...call, url });
    if (answer.status !== 200) return answer;
    const unescape = (text: string) =>
      text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'")
        .replaceAll("&#x27;", "'").replaceAll("&#x60;", "`").replaceAll("&amp;", "&");
    const text = new TextDecoder().decode(answer.body as Uint8Array);
    const objects = [...text.matchAll(/<Contents><Key>(.*?)<\/Key>.*?<Size>(\d+)<\/Size>/gs)]
      .map(([, key, size]) => ({ key: unescape(key), size }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    const after = Buffer.from(query.get("continuation-token") ?? "", "base64").toString();
    const from = objects.findIndex(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
    const rest = from === -1 ? [] : objects.slice(from);
    const page = rest.slice(0, Math.min(Number(query.get("max-keys") ?? 1000), server.pageKeys));
    const truncated = page.length < rest.length;
    const token = truncated ? Buffer.from(page.at(-1)!.key).toString("base64") : "";
    return {
      status: 200,
      headers: { "content-type": "application/xml" },
      body:
        `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
        `<Name>${BUCKET}</Name><Prefix>${
          encode(prefix)
        }</Prefix><KeyCount>${page.length}</KeyCount><EncodingType>url</EncodingType>` +
        (truncated ? `<NextContinuationToken>${token}</NextContinuationToken>` : "") +
        `<IsTruncated>${truncated}</IsTruncated>` +
        page.map(({ key, size }) =>
          `<Contents><Key>${encode(key)}</Key><ETag>&quot;0&quot;</ETag><Size>${size}</Size></Contents>`
        ).join("") + `</ListBucketResult>`,
    };
  };

  const complete = async (call: Call, id: string, upload: Upload): Promise<Answer> => {
    const xml = new TextDecoder().decode(call.body);
    const named = [
      ...xml.matchAll(
        /<Part><PartNumber>(\d+)<\/PartNumber><ETag>[^<]+<\/ETag>(?:<ChecksumSHA256>([^<]+)<\/ChecksumSHA256>)?<\/Part>/g,
      ),
    ];
    let bytes = 0;
    for (const [i, [, number, checksum]] of named.entries()) {
      const part = upload.parts.get(Number(number));
      if (part === undefined) return refusal(400, "InvalidPart");
      if (upload.checksums && part.checksum !== checksum) return refusal(400, "InvalidPart");
      if (i < named.length - 1 && part.bytes < LEAST_PART_BYTES) return refusal(400, "EntityTooSmall");
      bytes += part.bytes;
    }
    const answer = await forward(call);
    await written(call, bytes);
    uploads.delete(id);
    return answer;
  };

  const answerTo = async (call: Call): Promise<Answer> => {
    const { method, headers, body } = call;
    const { pathname, searchParams: query } = new URL(call.url, "http://s3");
    const request = new Request(`${server.endpoint}${call.url}`, { method, headers });
    if (!isSignedFor({ key: KEY, service: "s3", region: REGION }, request, body)) {
      // also when the hash that was signed is not the body's
      const damaged = headers.get("x-amz-content-sha256") !== sha256(body).digest("hex");
      return damaged ? refusal(400, "XAmzContentSHA256Mismatch") : refusal(403, "SignatureDoesNotMatch");
    }
    const checksum = headers.get("x-amz-checksum-sha256");
    if (checksum !== null && checksum !== sha256(body).digest("base64")) return refusal(400, "BadDigest");

    const id = query.get("uploadId");
    if (id !== null) {
      const upload = uploads.get(id);
      if (upload === undefined) return refusal(404, "NoSuchUpload");
      if (method === "POST") return await complete(call, id, upload);
      if (method === "DELETE") {
        uploads.delete(id);
        return { status: 204 };
      }
      if (upload.checksums && checksum === null) return refusal(400, "InvalidRequest");
      const answer = await forward(call);
      upload.parts.set(Number(query.get("partNumber")), { bytes: body.length, checksum });
      return answer;
    }
    if (query.has("uploads")) {
      const answer = await forward(call);
      const id = /<UploadId>(.*?)<\/UploadId>/.exec(new TextDecoder().decode(answer.body as Uint8Array))?.[1];
      if (id !== undefined) {
        uploads.set(id, {
          checksums: headers.get("x-amz-checksum-algorithm") === "SHA256",
          parts: new Map(),
        });
      }
      return answer;
    }
    if (method === "PUT") {
      const answer = await forward(call);
      if (answer.status === 200) await written(call, body.length);
      return answer;
    }
    if (query.has("list-type") && pathname === `/${BUCKET}/`) return await list(call, query);
    const wanted = headers.get("if-match");
    if (wanted !== null) {
      const head = await forward({ ...call, method: "HEAD" });
      if (head.status === 200 && head.headers?.etag !== wanted) return refusal(412, "PreconditionFailed");
    }
    return await forward(call);
  };

  const respond = (response: ServerResponse, { status, headers, body = "" }: Answer, head: boolean) => {
    const bytes = Buffer.from(body as Uint8Array);
    response.writeHead(status, head ? headers : { ...headers, "content-length": String(bytes.length) });
    response.end(head ? undefined : bytes);
  };

  const front = createServer(async (message, response) => {
    const arrived = await whole(message);
    if (arrived === undefined) return; // as S3: what has not arrived whole has not happened
    const { method = "", url = "" } = message;
    let call: Call = {
      method,
      url,
      headers: new Headers(message.headers as Record<string, string>),
      body: arrived,
    };
    server.calls.push(call);
    const fault = server.fault?.(call);
    if (fault?.kind === "reset") return response.destroy();
    if (fault?.kind === "damage") call = { ...call, body: arrived.with(0, arrived[0] ^ 1) };
    if (fault?.kind === "answer") {
      return respond(response, refusal(fault.status, fault.code, fault.region), method === "HEAD");
    }
    if (fault?.kind === "200") return respond(response, refusal(200, fault.code), false);
    const answer = await answerTo(call);
    if (fault?.kind === "lose answer") return response.destroy();
    if (fault?.kind === "cut" || fault?.kind === "stall") {
      const bytes = Buffer.from(answer.body as Uint8Array);
      response.writeHead(answer.status, { ...answer.headers, "content-length": String(bytes.length) });
      response.write(bytes.subarray(0, fault.after), () => {
        if (fault.kind === "cut") response.destroy();
      });
      return;
    }
    respond(response, answer, method === "HEAD");
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;

  const server: S3Server = {
    endpoint,
    env: {
      LAKE_URL: `s3://${BUCKET}`,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: KEY.id,
      AWS_SECRET_ACCESS_KEY: KEY.secret,
    },
    calls: [],
    uploads,
    fault: undefined,
    pageKeys: 1000,
    lake: (place) =>
      new S3Lake({
        bucket: BUCKET,
        prefix: "",
        region: REGION,
        endpoint,
        credentials: () => Promise.resolve({ accessKeyId: KEY.id, secretAccessKey: KEY.secret }),
        ...place,
      }),
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      await s3rver.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
  return server;
}
