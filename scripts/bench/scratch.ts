/** A Postgres for one benchmark, with default, durable settings, thrown away afterwards. */

import { join } from "node:path";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import { migrate } from "../database/migrations.ts";
import { applyPlatform } from "../local/platform.ts";
import { freePort, startPostgres } from "../local/postgres.ts";

/** A migrated database of a server of its own. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
}

/**
 * Starts one.
 *
 * @param settings Of the server, where a measurement needs another than the default.
 */
export async function scratchDatabase(
  connections: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<ScratchDatabase> {
  const folder = await Deno.makeTempDir({ prefix: "spool-bench-" });
  await Deno.chmod(folder, 0o755); // as root, Postgres runs as another user
  const server = await startPostgres({ dataDir: join(folder, "data"), port: freePort(), settings });
  const url = server.url("postgres");
  const sql = connect(url, connections);
  await applyPlatform(sql);
  await migrate(sql);
  return {
    url,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 5 });
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Empties the table between two runs, and leaves the last one's checkpoint behind. */
export async function emptyReadings(sql: postgres.Sql): Promise<void> {
  await sql`truncate public.sensor_data`;
  await sql`checkpoint`;
}
