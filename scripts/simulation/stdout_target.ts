/** Simulated readings to standard output, one a line. */

import type { Reading } from "../../shared/reading.ts";
import { ndjson, taken, type Target, TargetClosed, type TargetCounts } from "./target.ts";
import { writeAll } from "../../shared/write_all.ts";

const encoder = new TextEncoder();

/** Prints readings. */
export class StdoutTarget implements Target {
  readonly name = "standard output";
  private count = 0;

  async send(readings: readonly Reading[]): Promise<void> {
    try {
      await writeAll(Deno.stdout, encoder.encode(ndjson(readings)));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new TargetClosed("", { cause: error });
      throw error;
    }
    this.count += readings.length;
  }

  counts(): TargetCounts {
    return taken(this.count);
  }

  async close(): Promise<void> {}
}
