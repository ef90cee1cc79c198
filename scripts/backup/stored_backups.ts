/** The backups that are in the lake: which are whole, and what interrupted ones have left. */

import { BACKUPS_PREFIX } from "../../shared/lake/keys.ts";
import type { Lake } from "../../shared/lake/lake.ts";
import {
  type Manifest,
  ManifestError,
  manifestKey,
  partKey,
  partsOf,
  readManifest,
  type StoredManifest,
} from "./manifest.ts";

/** The folder of one date. */
export interface StoredBackup {
  readonly date: string;
  /** Undefined where none was finished, and where it cannot be read. */
  readonly stored?: StoredManifest;
  /** Why it is no backup; undefined when it is whole, by the names and sizes of its parts. */
  readonly fault?: string;
  /** All objects of the folder. */
  readonly keys: readonly string[];
  /** Objects that no manifest names: of a backup that was interrupted, or that another one has replaced. */
  readonly leftovers: readonly string[];
}

/** Why the objects of a folder are not the backup of its manifest; undefined when they are. */
function faultOf(manifest: Manifest, sizes: ReadonlyMap<string, number>): string | undefined {
  for (const part of partsOf(manifest)) {
    const key = partKey(manifest.date, part);
    const bytes = sizes.get(key);
    if (bytes === undefined) return `${key} is missing`;
    if (bytes !== part.bytes) return `${key} must have ${part.bytes} bytes: current value is ${bytes}`;
  }
}

async function look(lake: Lake, date: string, sizes: ReadonlyMap<string, number>): Promise<StoredBackup> {
  const keys = [...sizes.keys()];
  if (!sizes.has(manifestKey(date))) {
    return { date, keys, leftovers: keys, fault: `${manifestKey(date)} is missing: it was not finished` };
  }
  try {
    const stored = await readManifest(lake, date);
    const { manifest } = stored;
    const named = new Set([manifestKey(date), ...partsOf(manifest).map((part) => partKey(date, part))]);
    return {
      date,
      stored,
      keys,
      leftovers: keys.filter((key) => !named.has(key)),
      fault: faultOf(manifest, sizes),
    };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    // which of the objects are its parts is unknown, so none is a leftover: a person may still mend it
    return { date, keys, leftovers: [], fault: error.message };
  }
}

/** All of them, oldest first. Reads the manifests and the names of the parts, not the parts. */
export async function storedBackups(lake: Lake): Promise<StoredBackup[]> {
  const folders = new Map<string, Map<string, number>>();
  for await (const { key, bytes } of lake.list(BACKUPS_PREFIX)) {
    const date = /^(\d{4}-\d{2}-\d{2})\//.exec(key.slice(BACKUPS_PREFIX.length))?.[1];
    if (date === undefined) continue; // not ours
    const folder = folders.get(date) ?? new Map();
    folders.set(date, folder.set(key, bytes));
  }
  const found: StoredBackup[] = [];
  for (const date of [...folders.keys()].sort()) found.push(await look(lake, date, folders.get(date)!));
  return found;
}
