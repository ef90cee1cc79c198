/** Simulated readings into a new file, one a line: a file that is still written can be followed. */

import type { Reading } from "../../shared/reading.ts";
import { createFile } from "./new_file.ts";
import { ndjson, NotSentError, taken, type Target, type TargetCounts } from "./target.ts";
import { writeAll } from "../../shared/write_all.ts";

const encoder = new TextEncoder();

/** Writes readings. */
export class NdjsonTarget implements Target {
  private count = 0;

  private constructor(readonly name: string, private readonly file: Deno.FsFile) {}

  /** @throws {CommandError} When the file exists, or cannot be made. */
  static async create(path: string): Promise<NdjsonTarget> {
    return new NdjsonTarget(path, await createFile(path));
  }

  async send(readings: readonly Reading[]): Promise<void> {
    const bytes = encoder.encode(ndjson(readings));
    try {
      await writeAll(this.file, bytes);
    } catch (error) {
      throw new NotSentError(`Cannot write ${this.name}: ${(error as Error).message}`, { cause: error });
    }
    this.count += readings.length;
  }

  counts(): TargetCounts {
    return taken(this.count);
  }

  // deno-lint-ignore require-await
  async close(): Promise<void> {
    this.file.close();
  }
}
