/** What Supabase brings and a bare Postgres lacks; see platform.sql. */

import { join } from "node:path";
import type postgres from "postgres";

/** Applies platform.sql to a database. Can be called again. */
export async function applyPlatform(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(await Deno.readTextFile(join(import.meta.dirname!, "platform.sql")));
}
