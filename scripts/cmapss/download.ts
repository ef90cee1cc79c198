/** NASA's C-MAPSS archive, downloaded once. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Progress } from "../progress.ts";
import { MAX_FILE_BYTES, SourceError, tooLarge } from "./source_file.ts";
import { extract } from "./zip.ts";

/** A zip with the zip of the files in it, and what that one must be. */
export interface Archive {
  readonly url: string;
  /** SHA-256 of the inner CMAPSSData.zip, in lower-case hex. */
  readonly sha256: string;
}

/**
 * NASA's bucket. The checksum is of the inner zip, because that has been the same wherever it was published,
 * while the outer one is packed anew now and then. Two public projects agree on it; it has not been compared
 * with NASA's bucket itself, which cannot be reached from where this was written.
 */
export const NASA_ARCHIVE: Archive = {
  url: "https://phm-datasets.s3.amazonaws.com/NASA/6.+Turbofan+Engine+Degradation+Simulation+Data+Set.zip",
  sha256: "74bef434a34db25c7bf72e668ea4cd52afe5f2cf8e44367c55a82bfd91a5a34f",
};

/** A server that says nothing for so long, in milliseconds, is given up. */
const STALLED_MS = 60_000;

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Downloads to a file. @throws {SourceError} */
async function fetchTo(path: string, url: string, progress: Progress): Promise<void> {
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new Error(`no answer for ${STALLED_MS / 1000} s`));
  let watchdog = setTimeout(giveUp, STALLED_MS);
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new SourceError(`Cannot download ${url} as it must answer 200: it answered ${response.status}`);
    }
    const length = Number(response.headers.get("content-length")) || null;
    using file = await Deno.open(path, { write: true, create: true, truncate: true });
    const stage = progress.stage("download", length, "bytes");
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        clearTimeout(watchdog);
        watchdog = setTimeout(giveUp, STALLED_MS);
        size += chunk.length;
        if (size > MAX_FILE_BYTES) throw tooLarge(url);
        for (let written = 0; written < chunk.length;) written += await file.write(chunk.subarray(written));
        stage.advance(chunk.length);
      }
    } finally {
      stage.end();
    }
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`Cannot download ${url}`, { cause: error });
  } finally {
    clearTimeout(watchdog);
  }
}

/**
 * Downloads the archive, unless it is in the cache already, whole.
 *
 * @param cacheDir Folder to keep it in; made where missing. A file appears there only when its checksum is right.
 * @returns Path of the zip with the files in it.
 * @throws {SourceError} When it cannot be downloaded, is not such a zip, or has another checksum.
 */
export async function downloadArchive(
  archive: Archive,
  cacheDir: string,
  progress: Progress,
): Promise<string> {
  const { url, sha256 } = archive;
  const cached = join(cacheDir, "CMAPSSData.zip");
  const present = await Deno.readFile(cached).catch(() => undefined);
  if (present !== undefined && digest(present) === sha256) return cached;

  await Deno.mkdir(cacheDir, { recursive: true });
  const partial = await Deno.makeTempDir({ dir: cacheDir, prefix: "partial-" });
  try {
    const outer = join(partial, "download.zip");
    await fetchTo(outer, url, progress);
    const inner = await extract(outer, (name) => /(^|\/)CMAPSSData\.zip$/i.test(name));
    if (inner === undefined) {
      throw new SourceError(`Cannot use ${url} as it must hold CMAPSSData.zip: there is none in it`);
    }
    const actual = digest(inner);
    if (actual !== sha256) {
      throw new SourceError(
        `Cannot use ${url} as the SHA-256 of its CMAPSSData.zip must be ${sha256}: it is ${actual}`,
      );
    }
    const verified = join(partial, "CMAPSSData.zip");
    await Deno.writeFile(verified, inner);
    await Deno.rename(verified, cached);
    return cached;
  } finally {
    await Deno.remove(partial, { recursive: true });
  }
}
