/** Where C-MAPSS files come from: folders, single files and zips, all as one list of files. */

import { join } from "node:path";
import { type FileName, formatFileName, parseFileName } from "./file_name.ts";
import { MAX_FILE_BYTES, SourceError, type SourceFile, tooLarge } from "./source_file.ts";
import { openZip } from "./zip.ts";

/** The C-MAPSS files of all the paths that were given. Dispose of it to close what it holds open. */
export interface Source extends AsyncDisposable {
  readonly files: readonly SourceFile[];
}

function fileOnDisk(path: string, name: FileName): SourceFile {
  return {
    ...name,
    path,
    async read() {
      try {
        if ((await Deno.stat(path)).size > MAX_FILE_BYTES) throw tooLarge(path);
        return await Deno.readFile(path);
      } catch (error) {
        if (error instanceof SourceError) throw error;
        throw new SourceError(`Cannot read ${path}`, { cause: error });
      }
    },
  };
}

/** How deep folders are searched; ends where links go in circles. */
const DEEPEST = 8;

async function* filesBelow(folder: string, depth = 0): AsyncGenerator<SourceFile> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    const kind = entry.isSymlink ? await Deno.stat(path).catch(() => undefined) : entry;
    const name = parseFileName(entry.name);
    if (kind?.isFile && name !== undefined) yield fileOnDisk(path, name);
    else if (kind?.isDirectory && depth < DEEPEST) yield* filesBelow(path, depth + 1);
  }
}

/** A file that is named itself: with its RUL file from beside it, where it is a test file. */
async function singleFile(path: string, name: FileName): Promise<SourceFile[]> {
  const found = [fileOnDisk(path, name)];
  if (name.kind === "test") {
    const folder = join(path, "..");
    for await (const { name: beside } of Deno.readDir(folder)) {
      const other = parseFileName(beside);
      if (other?.kind === "RUL" && other.set === name.set) {
        found.push(fileOnDisk(join(folder, beside), other));
      }
    }
  }
  return found;
}

/** A zip's first bytes: a local file header, or the end record of an empty one. */
function looksLikeZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b &&
    ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

async function head(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(4);
  await file.read(bytes);
  return bytes;
}

async function filesAt(path: string, open: AsyncDisposableStack): Promise<SourceFile[]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw new SourceError(`Cannot load ${path}`, { cause: error });
    }
    throw new SourceError(`Cannot load ${path} as it must be a folder, a file or a zip that exists`);
  }
  try {
    if (info.isDirectory) return await Array.fromAsync(filesBelow(path));
    const name = parseFileName(path);
    if (name !== undefined) return await singleFile(path, name);
    if (looksLikeZip(await head(path))) return await openZip(path, open);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`Cannot load ${path}`, { cause: error });
  }
  throw new SourceError(
    `Cannot load ${path} as it must be a folder, a zip or a file named like train_FD001.txt`,
  );
}

/**
 * Finds the C-MAPSS files below the given paths. Nothing is read yet but the directories of zips.
 *
 * @param paths Folders (searched with all below them), zips (and zips within them) or single files.
 * @throws {SourceError} When a path does not exist, holds no C-MAPSS file or is something else, or when two
 *   files have the same name: which of them is right cannot be guessed.
 */
export async function openSource(paths: readonly string[]): Promise<Source> {
  await using open = new AsyncDisposableStack();
  const files = new Map<string, SourceFile>();
  for (const path of paths) {
    const found = await filesAt(path, open);
    if (!found.some(({ kind }) => kind !== "RUL")) {
      throw new SourceError(
        `Cannot load ${path} as it must hold files named like train_FD001.txt or test_FD001.txt: found none`,
      );
    }
    for (const file of found) {
      const name = formatFileName(file);
      const other = files.get(name);
      // the same RUL file comes along with each test file that is named by itself
      if (other !== undefined && other.path !== file.path) {
        throw new SourceError(
          `Cannot load ${name} as there must be one of it: found ${other.path} and ${file.path}`,
        );
      }
      files.set(name, file);
    }
  }
  const held = open.move();
  return { files: [...files.values()], [Symbol.asyncDispose]: () => held.disposeAsync() };
}
