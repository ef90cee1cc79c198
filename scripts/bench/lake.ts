/** The benchmarks of the lake, one after the other. */

import { type ArchiveBenchOptions, type ArchiveBenchResult, benchArchive } from "./archive.ts";
import { type BackupBenchResult, benchBackup } from "./backup.ts";

/** What `bench lake` measures. */
export interface LakeBenchResult {
  readonly archive: ArchiveBenchResult;
  readonly backup: BackupBenchResult;
}

/** Runs them. */
export async function benchLake(
  options: ArchiveBenchOptions,
  progress: (line: string) => void,
): Promise<LakeBenchResult> {
  return { archive: await benchArchive(options, progress), backup: await benchBackup(options, progress) };
}
