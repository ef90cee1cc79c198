/** Backups in the listing of the lake. */

import type postgres from "postgres";
import { recordLakeObject } from "../../shared/lake/listing.ts";
import { partKey, partsOf, rowsOf, type StoredManifest } from "./manifest.ts";
import type { StoredBackup } from "./stored_backups.ts";

/** Lists a backup that has become whole: its manifest and each of its parts. */
export async function listBackup(tx: postgres.ISql, { manifest, object }: StoredManifest): Promise<void> {
  const content = { kind: "backup", day: manifest.date, writtenBy: manifest.run_id } as const;
  for (const part of partsOf(manifest)) {
    const written = { key: partKey(manifest.date, part), bytes: part.bytes, sha256: part.sha256 };
    await recordLakeObject(tx, written, { ...content, rowCount: part.rows }, new Date(manifest.written_at));
  }
  await recordLakeObject(
    tx,
    object,
    { ...content, rowCount: rowsOf(partsOf(manifest)) },
    new Date(manifest.written_at),
  );
}

/**
 * Lists whole backups that are not listed: their process ended between the manifest and the listing, or the database
 * was restored from one of them.
 */
export async function listUnlisted(tx: postgres.ISql, backups: readonly StoredBackup[]): Promise<void> {
  const rows = await tx`select key, sha256 from public.lake_objects where kind = 'backup'`;
  const listed = new Map(rows.map(({ key, sha256 }) => [key, sha256]));
  for (const { stored, fault } of backups) {
    if (stored === undefined || fault !== undefined) continue;
    if (listed.get(stored.object.key) !== stored.object.sha256) await listBackup(tx, stored);
  }
}
