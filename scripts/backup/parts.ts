/** Reading the parts of a backup back. */

import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { type Lake, MissingObjectError } from "../../shared/lake/lake.ts";
import { type BackupPart, type Manifest, partKey } from "./manifest.ts";
import { countRows } from "./pieces.ts";

/** A part is not what was written; its message names it. */
export class PartError extends Error {
  override readonly name = "PartError";
}

/**
 * Reads a part: the text of whole rows, as COPY wrote it.
 *
 * @throws {PartError} It is missing, or is not what the manifest says.
 */
export async function readPart(lake: Lake, manifest: Manifest, part: BackupPart): Promise<Uint8Array> {
  const key = partKey(manifest.date, part);
  const expect = (what: string, wanted: number | string, found: number | string) => {
    if (wanted === found) return;
    throw new PartError(
      `Cannot use the backup of ${manifest.date} as ${key} must have ${what} ${wanted}: current value is ${found}`,
    );
  };
  let content: Uint8Array;
  try {
    content = await lake.read(key);
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw error;
    throw new PartError(`Cannot use the backup of ${manifest.date} as ${key} is missing`, { cause: error });
  }
  expect("the size in bytes of", part.bytes, content.length);
  expect("the SHA-256", part.sha256, createHash("sha256").update(content).digest("hex"));
  // what follows can only differ when whoever wrote the manifest was wrong, too
  const text = zstdDecompressSync(content, { maxOutputLength: Math.max(part.text_bytes, 1) });
  expect("as many bytes of text as", part.text_bytes, text.length);
  expect("as many rows as", part.rows, countRows(text));
  return text;
}

/**
 * Reads parts one after another; the next one while the last one is used.
 *
 * @throws {PartError} One is missing, or is not what the manifest says; those before it were.
 */
export async function* readParts(
  lake: Lake,
  manifest: Manifest,
  parts: readonly BackupPart[],
): AsyncGenerator<{ readonly part: BackupPart; readonly text: Uint8Array }> {
  const begin = (part: BackupPart) => {
    const reading = readPart(lake, manifest, part);
    reading.catch(() => {}); // awaited below, unless whoever takes the parts has stopped
    return reading;
  };
  let next = parts.length > 0 ? begin(parts[0]) : undefined;
  for (const [i, part] of parts.entries()) {
    const text = await next!;
    next = i + 1 < parts.length ? begin(parts[i + 1]) : undefined;
    yield { part, text };
  }
}
