/** A thread that compresses: Deno's zstd keeps the thread that calls it busy. */

/// <reference lib="deno.worker" />

import { constants, zstdCompressSync } from "node:zlib";
import type { CompressedPiece } from "./compressor.ts";
import { countRows } from "./pieces.ts";

/** Level 3, zstd's own default, makes readings larger and takes longer (docs/decisions/0015-backup.md). */
const LEVEL = 1;

self.onmessage = ({ data: piece }: MessageEvent<Uint8Array<ArrayBuffer>>) => {
  const content = new Uint8Array(zstdCompressSync(piece, {
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  }));
  const done: CompressedPiece = { content, rows: countRows(piece) };
  self.postMessage(done, [content.buffer]);
};
