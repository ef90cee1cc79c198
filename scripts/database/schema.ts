/** `sql/`: the database as it should be. */

import { join, relative } from "node:path";
import type postgres from "postgres";

const SQL_DIR = join(import.meta.dirname!, "..", "..", "sql");

/** One file of `sql/`. */
export interface SchemaFile {
  /** Path below the repository, with forward slashes: `sql/20_engines/engines.sql`. */
  readonly path: string;
  readonly text: string;
}

/** All files of `sql/`, in the order in which they are applied: by folder, then by name. */
export async function schemaFiles(): Promise<SchemaFile[]> {
  const paths: string[] = [];
  for await (const folder of Deno.readDir(SQL_DIR)) {
    if (!folder.isDirectory) continue;
    for await (const file of Deno.readDir(join(SQL_DIR, folder.name))) {
      if (file.name.endsWith(".sql")) paths.push(join(SQL_DIR, folder.name, file.name));
    }
  }
  return await Promise.all(
    paths.sort().map(async (path) => ({
      path: relative(join(SQL_DIR, ".."), path).replaceAll("\\", "/"),
      text: await Deno.readTextFile(path),
    })),
  );
}

/**
 * Files whose effect the difference of two catalogs does not show: grants that take something away, and rows. Each
 * can run again, and is part of every migration that changes it.
 */
export function runsAgain(file: SchemaFile): boolean {
  return /^sql\/(80_policies|90_jobs)\//.test(file.path);
}

/** Builds a database from `sql/` alone, in one transaction. */
export async function applySchema(sql: postgres.Sql): Promise<void> {
  const files = await schemaFiles();
  await sql.begin(async (tx) => {
    // functions of a folder may call each other whatever their names' order
    await tx`set local check_function_bodies = off`;
    for (const file of files) {
      try {
        await tx.unsafe(file.text);
      } catch (error) {
        throw new Error(`Cannot apply ${file.path}`, { cause: error });
      }
    }
    await tx`select public.declare_schema()`; // as every migration ends
  });
}
