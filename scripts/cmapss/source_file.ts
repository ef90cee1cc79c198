/** One C-MAPSS file, wherever it lies, and what keeps it from being read. */

import type { FileName } from "./file_name.ts";

/** A source that cannot be read, for a reason its message tells whole. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/**
 * Largest file that is read, in bytes. NASA's largest is 11 MB; the limit is against zip bombs and against
 * folders full of something else.
 */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** One file of a source. */
export interface SourceFile extends FileName {
  /** Where it was found, for messages. */
  readonly path: string;
  /** Its content. @throws {SourceError} When it cannot be read or is too large. */
  read(): Promise<Uint8Array>;
}

/** The error for a file above {@link MAX_FILE_BYTES}. */
export function tooLarge(path: string): SourceError {
  return new SourceError(
    `Cannot read ${path} as it must be at most ${
      MAX_FILE_BYTES / 1024 / 1024
    } MiB, which every C-MAPSS file is`,
  );
}
