/** Databases with the migrations, as Supabase projects of different ages begin. */

import { migrate } from "../../scripts/database/migrations.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { type TestDatabase, testDatabase } from "./database.ts";

/** As new Supabase projects are: the API roles get nothing on new objects. */
export async function newProject(version: 15 | 17): Promise<TestDatabase> {
  return await testDatabase({ version });
}

/** As older projects are, and worse: the API roles get everything on new objects, in every schema. */
export async function oldProject(version: 15 | 17): Promise<TestDatabase> {
  const db = await testDatabase({ version, empty: true });
  await applyPlatform(db.sql);
  for (const kind of ["tables", "sequences", "functions"]) {
    await db.sql.unsafe(`alter default privileges grant all on ${kind} to anon, authenticated, service_role`);
    await db.sql.unsafe(
      `alter default privileges in schema public grant all on ${kind} to anon, authenticated, service_role`,
    );
  }
  await migrate(db.sql);
  return db;
}
