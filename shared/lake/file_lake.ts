/** A lake in a folder of this machine. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { writeAll } from "../write_all.ts";
import { requireKey, requirePrefix } from "./keys.ts";
import {
  type Lake,
  LakeError,
  type LakeObject,
  type LakeWriter,
  MissingObjectError,
  type WrittenObject,
} from "./lake.ts";

/** Folder within the lake for what is being written. No key begins with a dot, and no name in it ends in .parquet. */
const UNFINISHED = ".unfinished";

/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;

/** How often a folder that another session removes is made again for a new object. */
const ATTEMPTS = 10;

const encoder = new TextEncoder();

/** Makes what has happened to a folder's entries last through a power cut. */
async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

/** Makes a folder and those above it, so that they last. */
async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound) || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    return await makeFolder(path);
  }
  await syncFolder(dirname(path));
}

/**
 * A lake in a folder.
 *
 * An object is written beside the others and then renamed, which is atomic; before it is visible, it is on the disk.
 * Symbolic links in the lake are not followed, so nothing in it leads out of it. Unlike in S3, a key cannot be a
 * folder of another one.
 */
export class FileLake implements Lake {
  readonly url: string;
  private readonly folder: string;
  private cleared: Promise<void> | undefined;

  /** @param folder Its path; the folder is made when the first object is. */
  constructor(folder: string) {
    this.folder = resolve(folder);
    this.url = pathToFileURL(this.folder).href;
  }

  async create(key: string): Promise<LakeWriter> {
    const path = await this.resolve(key);
    return await this.explained("write", key, async () => {
      const unfinished = join(this.folder, UNFINISHED);
      await makeFolder(unfinished);
      if ((await infoOf(unfinished))?.isSymlink) throw this.linkError(key, unfinished);
      await (this.cleared ??= clearAbandoned(unfinished));
      return await FileWriter.begin(key, path, unfinished, (act) => this.explained("write", key, act));
    });
  }

  async put(key: string, content: Uint8Array | string): Promise<WrittenObject> {
    const writer = await this.create(key);
    try {
      await writer.write(typeof content === "string" ? encoder.encode(content) : content);
      return await writer.commit();
    } finally {
      await writer.abort();
    }
  }

  async read(key: string): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.open(key);
    if (file === undefined) throw new MissingObjectError(key, this.url);
    using _closing = file;
    return await this.explained("read", key, async () => {
      const bytes = new Uint8Array((await file.stat()).size);
      for (let at = 0; at < bytes.length;) {
        const count = await file.read(bytes.subarray(at));
        if (count === null) throw new Deno.errors.UnexpectedEof("it became shorter meanwhile");
        at += count;
      }
      return bytes;
    });
  }

  async stream(key: string, from = 0): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const file = await this.open(key);
    if (file === undefined) throw new MissingObjectError(key, this.url);
    let open = true;
    const close = () => {
      if (open) file.close();
      open = false;
    };
    const explained = async <T>(act: () => Promise<T>) => {
      try {
        return await this.explained("read", key, act);
      } catch (error) {
        close();
        throw error;
      }
    };
    return new ReadableStream({
      async start() {
        await explained(() => file.seek(from, Deno.SeekMode.Start));
      },
      async pull(controller) {
        const bytes = new Uint8Array(CHUNK_BYTES);
        const count = await explained(() => file.read(bytes));
        if (!open) return; // it was cancelled meanwhile
        if (count !== null) return controller.enqueue(bytes.subarray(0, count));
        close();
        controller.close();
      },
      cancel: close,
    }, { highWaterMark: 0 });
  }

  async stat(key: string): Promise<LakeObject | undefined> {
    const path = await this.resolve(key);
    return await this.explained("read", key, async () => {
      const found = await infoOf(path);
      return found?.isFile ? { key, bytes: found.size } : undefined;
    });
  }

  async *list(prefix: string): AsyncGenerator<LakeObject> {
    requirePrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    yield* this.walk(folder, prefix);
  }

  async remove(key: string): Promise<void> {
    const path = await this.resolve(key);
    await this.explained("remove", key, async () => {
      if (!(await infoOf(path))?.isFile) return;
      await Deno.remove(path).catch(unlessMissing);
      // S3 has no folders, so an empty one is not left behind here either
      let parent = dirname(path);
      for (; parent !== this.folder; parent = dirname(parent)) {
        if (!await Deno.remove(parent).then(() => true, () => false)) break; // it has other objects
      }
      await syncFolder(parent);
    });
  }

  /** Objects in a folder of the lake, in order: a folder sorts as its objects' keys do, by its name and a slash. */
  private async *walk(folder: string, prefix: string): AsyncGenerator<LakeObject> {
    const path = folder === "" ? this.folder : await this.resolve(folder.slice(0, -1));
    const names = await this.explained("list", folder, () => namesIn(path));
    for (const name of names) {
      const key = folder + name;
      if (key.endsWith("/")) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* this.walk(key, prefix);
      } else if (key.startsWith(prefix)) {
        const found = await this.stat(key);
        if (found !== undefined) yield found; // else it has just been removed
      }
    }
  }

  /** The path of a key. @throws {LakeError} When a link is on the way. */
  private async resolve(key: string): Promise<string> {
    const segments = requireKey(key).split("/");
    let path = this.folder;
    for (const segment of segments) {
      path = join(path, segment);
      const found = await this.explained("read", key, () => infoOf(path));
      if (found === undefined) break;
      if (found.isSymlink) throw this.linkError(key, path);
    }
    return join(this.folder, ...segments);
  }

  private linkError(key: string, path: string): LakeError {
    return new LakeError(
      `Cannot use ${key} of the lake ${this.url} as nothing on its way may be a symbolic link: ${path} is one`,
      false,
    );
  }

  /** Opens an object; undefined where there is none. */
  private async open(key: string): Promise<Deno.FsFile | undefined> {
    const path = await this.resolve(key);
    return await this.explained("read", key, async () => {
      if (!(await infoOf(path))?.isFile) return undefined;
      return await Deno.open(path).catch(unlessMissing);
    });
  }

  /** Turns what the file system says into an error that tells what was tried. */
  private async explained<T>(verb: string, key: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof LakeError) throw error;
      throw new LakeError(
        `Cannot ${verb} ${key} as the lake ${this.url} must be usable: ${(error as Error).message}`,
        // too many open files, a file system that is busy; all else stays as it is until somebody does something
        error instanceof Error && /os error (4|11|16|23|24)\)/.test(error.message),
        { cause: error },
      );
    }
  }
}

/** Nothing where there is no file; all else stays an error. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
  throw error;
}

function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  return Deno.lstat(path).catch(unlessMissing);
}

/** Names of files and, with a slash at their end, of folders, in the order of keys; hidden ones and links left out. */
async function namesIn(path: string): Promise<string[]> {
  const names: Uint8Array[] = [];
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(path)) {
      if (name.startsWith(".")) continue;
      if (isDirectory) names.push(encoder.encode(`${name}/`));
      if (isFile) names.push(encoder.encode(name));
    }
  } catch (error) {
    unlessMissing(error);
  }
  const decoder = new TextDecoder();
  return names.sort(Buffer.compare).map((name) => decoder.decode(name));
}

/**
 * Removes what writers have left that have ended in the middle. Each writer holds a lock on its file, which the
 * system takes from a dead process, whatever it died of; its id would be another process's by then, or one of another
 * container that shares the folder.
 */
async function clearAbandoned(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    try {
      using file = await Deno.open(path, { write: true });
      if (await file.tryLock(true)) await Deno.remove(path);
    } catch {
      // somebody else has just removed or finished it; if not, it is tried again by the next process
    }
  }
}

class FileWriter implements LakeWriter {
  private readonly hash = createHash("sha256");
  private bytes = 0;
  private open = true;

  private constructor(
    private readonly key: string,
    /** Where the object will be. */
    private readonly path: string,
    /** Where it is until then. */
    private readonly unfinished: string,
    private readonly file: Deno.FsFile,
    private readonly explained: <T>(act: () => Promise<T>) => Promise<T>,
  ) {}

  static async begin(
    key: string,
    path: string,
    folder: string,
    explained: <T>(act: () => Promise<T>) => Promise<T>,
  ): Promise<FileWriter> {
    for (;;) {
      const unfinished = join(folder, crypto.randomUUID());
      const file = await Deno.open(unfinished, { write: true, createNew: true });
      await file.lock(true);
      // between the two, another process may have taken it for a dead writer's
      if ((await file.stat()).nlink === 1) return new FileWriter(key, path, unfinished, file, explained);
      file.close();
    }
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.explained(async () => {
      this.requireOpen();
      this.hash.update(chunk);
      await writeAll(this.file, chunk);
      this.bytes += chunk.length;
    });
  }

  commit(): Promise<WrittenObject> {
    return this.explained(async () => {
      this.requireOpen();
      await this.file.sync();
      await this.rename();
      this.close(); // and with it the lock, which must last until it has its name
      await syncFolder(dirname(this.path));
      return { key: this.key, bytes: this.bytes, sha256: this.hash.digest("hex") };
    });
  }

  async abort(): Promise<void> {
    if (!this.open) return;
    await Deno.remove(this.unfinished).catch(() => {}); // the next process does it otherwise
    this.close();
  }

  private async rename(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      await makeFolder(dirname(this.path));
      try {
        return await Deno.rename(this.unfinished, this.path);
      } catch (error) {
        // whoever removes the last object of a folder removes the folder
        if (!(error instanceof Deno.errors.NotFound) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private requireOpen(): void {
    if (!this.open) throw new TypeError("the object has been committed or given up already");
  }

  private close(): void {
    this.open = false;
    this.file.close();
  }
}
