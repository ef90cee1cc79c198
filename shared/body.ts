/** Reading a request's body: decompressed, limited while it streams, and text. */

import { gunzipped, startsGzip } from "./gunzip.ts";
import { Problem } from "./problem.ts";

function unreadable(detail: string): Problem {
  return new Problem(400, "unreadable-body", detail);
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(
    413,
    "body-too-large",
    `Cannot accept the body as it must be at most ${maxBytes} bytes after decompression: send it in parts`,
  );
}

/**
 * Reads a body as text, counting while it streams: a bomb is dropped when it passes the limit, not after.
 *
 * @param maxBytes Limit on the decompressed size, and so on the compressed one.
 * @throws {Problem} 400 unreadable (damaged gzip, not UTF-8, empty), 413 too large, 415 unknown encoding.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);

  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (!["identity", "", "gzip", "x-gzip"].includes(encoding)) {
    throw new Problem(
      415,
      "unsupported-encoding",
      `Cannot read the body as its Content-Encoding must be gzip or none: current value is ${encoding}`,
    );
  }
  if (request.body === null) throw unreadable("Cannot read the body as it must not be empty");

  const stream = encoding.endsWith("gzip") ? gunzipped(request.body) : request.body;

  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unreadable(
      encoding.endsWith("gzip")
        ? "Cannot read the body as it must be whole gzip data"
        : "Cannot read the body as it ended before it was complete",
    );
  }
  if (size === 0) throw unreadable("Cannot read the body as it must not be empty");

  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(
      startsGzip(bytes)
        ? "Cannot read the body as it must be text: it is gzip, so send Content-Encoding: gzip with it"
        : "Cannot read the body as it must be UTF-8",
    );
  }
}
