/** The manifest of a backup: written last, and what makes its parts a backup. */

import { createHash } from "node:crypto";
import { z } from "zod";
import { backupPrefix } from "../../shared/lake/keys.ts";
import type { Lake, WrittenObject } from "../../shared/lake/lake.ts";

/** Raised when an older Spool could not restore what a newer one has written. */
const FORMAT = 1;

const count = z.number().int().nonnegative();
const name = z.string().min(1);

const partSchema = z.strictObject({
  /** Below the folder of the backup. */
  path: name,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  rows: count,
  /** Bytes of its text: of the rows as COPY writes them, before they were compressed. */
  text_bytes: count,
});

const tableSchema = z.strictObject({
  schema: name,
  name,
  /** The table of public whose partition it is. */
  partition_of: name.nullable(),
  columns: z.array(z.strictObject({ name, type: name })),
  parts: z.array(partSchema),
});

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  date: z.iso.date(),
  /** Run of lineage_events that wrote it. */
  run_id: z.uuid(),
  /** Moment of the snapshot: what was committed before is in it, what came later is not. */
  taken_at: z.iso.datetime(),
  written_at: z.iso.datetime(),
  spool_version: name,
  postgres_version: name,
  /** Migrations that the database had, oldest first: its schema. */
  migrations: z.array(z.strictObject({ version: name, name: z.string() })).min(1),
  tables: z.array(tableSchema),
  sequences: z.array(z.strictObject({
    schema: name,
    name,
    /** As text: a bigint can be more than a number of JSON holds. */
    last_value: z.string().regex(/^-?\d+$/),
    is_called: z.boolean(),
  })),
});

/** A backup: whose tables, at which moment, in which parts. */
export type Manifest = z.output<typeof manifestSchema>;
export type BackupTable = Manifest["tables"][number];
export type BackupPart = BackupTable["parts"][number];

/** The manifest is not what a backup wrote; its message tells why. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/** Where the manifest of a date is. */
export function manifestKey(date: string): string {
  return `${backupPrefix(date)}manifest.json`;
}

/** Where a part of a backup is. */
export function partKey(date: string, part: BackupPart): string {
  return `${backupPrefix(date)}${part.path}`;
}

/** All parts, table by table. */
export function partsOf(manifest: Manifest): BackupPart[] {
  return manifest.tables.flatMap(({ parts }) => parts);
}

/** Rows of a table, or of all of them. */
export function rowsOf(parts: readonly BackupPart[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

function digest(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Its text: the manifest and, as the last field, the SHA-256 of all before it. */
export function manifestText(manifest: Manifest): string {
  const sealed = { ...manifest, sha256: digest(JSON.stringify(manifest)) };
  return `${JSON.stringify(sealed, null, 2)}\n`;
}

/**
 * Reads the text of a manifest.
 *
 * @param key Where it was, for the message.
 * @throws {ManifestError} It is damaged, or of another format.
 */
export function parseManifest(text: string, key: string): Manifest {
  const refuse = (must: string, value: unknown): never => {
    throw new ManifestError(`Cannot read ${key} as it must ${must}: current value is ${value}`);
  };
  let sealed: Record<string, unknown>;
  try {
    sealed = z.looseObject({}).parse(JSON.parse(text));
  } catch {
    return refuse("be the manifest of a backup, in JSON", `${text.length} characters of something else`);
  }
  if (sealed.format !== FORMAT) {
    return refuse(`be of format ${FORMAT}, which this Spool knows`, sealed.format);
  }
  const { sha256, ...content } = sealed;
  const found = digest(JSON.stringify(content));
  if (sha256 !== found) return refuse(`have the SHA-256 that it names, ${sha256}`, found);
  const parsed = manifestSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`have a right value at ${issue.path.join(".")}`, issue.message);
  }
  return parsed.data;
}

/** A manifest and the object that it was read from. */
export interface StoredManifest {
  readonly manifest: Manifest;
  readonly object: WrittenObject;
}

/**
 * Reads the manifest of a date.
 *
 * @throws {MissingObjectError} There is none.
 * @throws {ManifestError} It is damaged, or is another date's.
 */
export async function readManifest(lake: Lake, date: string): Promise<StoredManifest> {
  const key = manifestKey(date);
  const content = await lake.read(key);
  const manifest = parseManifest(new TextDecoder().decode(content), key);
  if (manifest.date !== date) {
    throw new ManifestError(
      `Cannot read ${key} as it must be of ${date}: current value is ${manifest.date}`,
    );
  }
  return { manifest, object: { key, bytes: content.length, sha256: digest(content) } };
}
