/** The names of C-MAPSS files say what is in them. */

/** What a C-MAPSS file holds. */
export interface FileName {
  /** Readings of run-to-failure engines, readings of engines that stop early, or what those had left. */
  readonly kind: "train" | "test" | "RUL";
  /** The set: FD001 to FD004, or any other of that form. */
  readonly set: string;
}

/**
 * Reads a file's name, in whatever case it is written.
 *
 * @param path With or without folders in front.
 * @returns Undefined when it is not the name of a C-MAPSS file.
 *
 * @example
 * ```ts
 * import { parseFileName } from "./file_name.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseFileName("CMAPSSData/train_FD001.txt"), { kind: "train", set: "FD001" });
 * assert.equal(parseFileName("readme.txt"), undefined);
 * ```
 */
export function parseFileName(path: string): FileName | undefined {
  const name = path.split(/[/\\]/).at(-1)!;
  const match = /^(train|test|rul)_(fd\d{3})\.txt$/i.exec(name);
  if (match === null) return undefined;
  const kind = match[1].toLowerCase();
  return { kind: kind === "rul" ? "RUL" : kind as "train" | "test", set: match[2].toUpperCase() };
}

/** The file's name as NASA writes it, whatever its case was; also what reports and batches call it. */
export function formatFileName({ kind, set }: FileName): string {
  return `${kind}_${set}.txt`;
}
