/** Reading a backup back to see whether it is whole. */

import type { Lake } from "../../shared/lake/lake.ts";
import type { Progress } from "../progress.ts";
import { type Manifest, partsOf } from "./manifest.ts";
import { PartError, readPart } from "./parts.ts";

/**
 * Reads all parts of a backup and compares them with its manifest.
 *
 * @returns What is wrong; nothing when it is whole.
 */
export async function checkBackup(lake: Lake, manifest: Manifest, progress: Progress): Promise<string[]> {
  const parts = partsOf(manifest);
  const stage = progress.stage("check", parts.length, "parts");
  const faults: string[] = [];
  try {
    for (const part of parts) {
      try {
        await readPart(lake, manifest, part);
      } catch (error) {
        if (!(error instanceof PartError)) throw error;
        faults.push(error.message);
      }
      stage.advance(1);
    }
  } finally {
    stage.end();
  }
  return faults;
}
