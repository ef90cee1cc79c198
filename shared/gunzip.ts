/** gzip, opened piece by piece, so that a bomb is dropped when it passes a limit and not after. */

import { pipeline, Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";

/** gzip's magic number and its only compression method, at the start of each member of a gzip file. */
export function startsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Decompresses a stream. node:zlib rather than DecompressionStream, which refuses files of several members, as
 * `cat a.gz b.gz` and parallel compressors make them.
 *
 * @returns Pieces of what it holds; iterating throws where it is damaged. Whoever stops early stops the decompression.
 */
export function gunzipped(source: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const decompressed = createGunzip();
  // an error reaches whoever iterates; the callback only keeps it from being thrown a second time
  pipeline(Readable.fromWeb(source as NodeReadableStream<Uint8Array>), decompressed, () => {});
  return decompressed;
}
