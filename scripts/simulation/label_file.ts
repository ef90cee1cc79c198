/** The side file of a simulation: the faults that were put into it, one a line. */

import { type Fault, type FaultLabel, FAULTS } from "./faults.ts";
import { createFile } from "./new_file.ts";
import { ndjson } from "./target.ts";
import { writeAll } from "../../shared/write_all.ts";

/** Writes labels, and counts them. */
export class LabelFile {
  private readonly counts = new Map<Fault, number>();

  private constructor(private readonly file: Deno.FsFile | undefined) {}

  /**
   * @param path Null: there are no faults, and no file.
   * @throws {CommandError} When the file exists, or cannot be made.
   */
  static async create(path: string | null): Promise<LabelFile> {
    return new LabelFile(path === null ? undefined : await createFile(path));
  }

  async write(labels: readonly FaultLabel[]): Promise<void> {
    for (const { kind } of labels) this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (labels.length > 0) await writeAll(this.file!, new TextEncoder().encode(ndjson(labels)));
  }

  /** Faults so far, by kind. */
  byKind(): Partial<Record<Fault, number>> {
    return Object.fromEntries(
      FAULTS.flatMap((kind) => this.counts.has(kind) ? [[kind, this.counts.get(kind)!]] : []),
    );
  }
}
