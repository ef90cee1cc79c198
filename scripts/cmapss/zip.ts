/** C-MAPSS files in zips, and in zips within zips: NASA's download is one of those. */

import { configure, type FileEntry, Reader, Uint8ArrayReader, ZipReader } from "@zip.js/zip.js";
import { parseFileName } from "./file_name.ts";
import { MAX_FILE_BYTES, SourceError, type SourceFile, tooLarge } from "./source_file.ts";

// Workers would have to be loaded by URL, and a few megabytes are decompressed in a tenth of a second
configure({ useWebWorkers: false });

/** How many zips around a file are opened: NASA's has two. */
const DEEPEST = 3;

/** Reads a zip from disk where zip.js wants to, so that a large one need not fit into memory. */
class DiskReader extends Reader<string> {
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    super(path);
    this.#file = Deno.openSync(path);
  }

  override async init(): Promise<void> {
    this.size = (await this.#file.stat()).size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    await this.#file.seek(index, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.length;) {
      const count = await this.#file.read(bytes.subarray(filled));
      if (count === null) throw new Error("the file became shorter while it was read");
      filled += count;
    }
    return bytes;
  }

  close(): void {
    this.#file.close();
  }
}

/** An entry's content, counted while it is decompressed: its declared size may lie. */
async function content(entry: FileEntry, path: string): Promise<Uint8Array> {
  if (entry.uncompressedSize > MAX_FILE_BYTES) throw tooLarge(path);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const collect = new WritableStream<Uint8Array>({
    write(chunk) {
      size += chunk.length;
      if (size > MAX_FILE_BYTES) throw tooLarge(path);
      chunks.push(chunk);
    },
  });
  try {
    await entry.getData(collect, { checkSignature: true });
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`Cannot read ${path} as it must be whole and not encrypted`, { cause: error });
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

async function entriesOf(zip: ZipReader<unknown>, path: string): Promise<FileEntry[]> {
  try {
    return (await zip.getEntries()).filter((entry): entry is FileEntry => !entry.directory);
  } catch (error) {
    throw new SourceError(`Cannot read ${path} as it must be a whole zip`, { cause: error });
  }
}

async function filesIn(zip: ZipReader<unknown>, path: string, depth: number): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const entry of await entriesOf(zip, path)) {
    const inside = `${path}/${entry.filename}`;
    const name = parseFileName(entry.filename);
    if (name !== undefined) found.push({ ...name, path: inside, read: () => content(entry, inside) });
    // other data sets' zips may lie beside it; one that is too large cannot be C-MAPSS
    else if (
      /\.zip$/i.test(entry.filename) && depth < DEEPEST && entry.uncompressedSize <= MAX_FILE_BYTES
    ) {
      const inner = new ZipReader(new Uint8ArrayReader(await content(entry, inside)));
      found.push(...await filesIn(inner, inside, depth + 1));
    }
  }
  return found;
}

/**
 * Finds the C-MAPSS files of a zip on disk.
 *
 * @param open Takes over what has to stay open until the files have been read.
 * @throws {SourceError} When it, or a zip in it, is not a whole zip.
 */
export async function openZip(path: string, open: AsyncDisposableStack): Promise<SourceFile[]> {
  const disk = open.adopt(new DiskReader(path), (reader) => reader.close());
  return await filesIn(new ZipReader(disk), path, 1);
}

/**
 * Takes one file out of a zip on disk.
 *
 * @param isWanted Tells by its name within the zip.
 * @returns Undefined when there is no such file.
 * @throws {SourceError} When it is not a whole zip, or the file is damaged.
 */
export async function extract(
  path: string,
  isWanted: (name: string) => boolean,
): Promise<Uint8Array | undefined> {
  const disk = new DiskReader(path);
  try {
    const entry = (await entriesOf(new ZipReader(disk), path)).find(({ filename }) => isWanted(filename));
    return entry && await content(entry, `${path}/${entry.filename}`);
  } finally {
    disk.close();
  }
}
