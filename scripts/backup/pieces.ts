/** Cutting COPY's text where a row ends. */

const NEWLINE = 0x0a;

/** Bytes of text after which a piece is cut: what an upload that breaks costs, and a session holds in memory. */
export const PIECE_BYTES = 8 * 1024 * 1024;

/** Room for what comes after a piece is full: chunks of the driver are of at most this size, most of the time. */
const SPARE_BYTES = 256 * 1024;

/**
 * Gathers chunks into pieces of whole rows. In COPY's text a newline ends a row and is nothing else: those of values
 * are written `\n`.
 *
 * @param bytes Size at which a piece is cut, at the last end of a row. A longer row makes its piece longer.
 */
export async function* pieces(
  chunks: AsyncIterable<Uint8Array>,
  bytes: number = PIECE_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(bytes + SPARE_BYTES);
  let length = 0;
  for await (const chunk of chunks) {
    if (length + chunk.length > piece.length) {
      const larger = new Uint8Array(Math.max(length + chunk.length, piece.length * 2));
      larger.set(piece.subarray(0, length));
      piece = larger;
    }
    piece.set(chunk, length);
    length += chunk.length;
    if (length < bytes) continue;
    const end = piece.lastIndexOf(NEWLINE, length - 1) + 1;
    if (end === 0) continue; // one long row, so far
    const rest = piece.slice(end, length);
    yield piece.subarray(0, end);
    // a new one: whoever took the piece may still be at it, or have passed it on
    piece = new Uint8Array(bytes + SPARE_BYTES);
    piece.set(rest);
    length = rest.length;
  }
  if (length > 0) yield piece.subarray(0, length);
}

/** Rows of a piece. */
export function countRows(piece: Uint8Array): number {
  let rows = 0;
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) rows++;
  return rows;
}
