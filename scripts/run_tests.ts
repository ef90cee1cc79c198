/**
 * `deno task test`: starts the Postgres servers that the tests need, runs `deno test`, stops them.
 *
 * One server of each version for all test files; each file gets databases of its own, cloned from a template
 * that has the migrations (tests/support/database.ts).
 */

import { join } from "node:path";
import { connect } from "../shared/database.ts";
import { complain } from "./cli.ts";
import { migrate } from "./database/migrations.ts";
import { applyPlatform } from "./local/platform.ts";
import { freePort, type LocalPostgres, startPostgres } from "./local/postgres.ts";

/** Where Debian's package postgresql-15 puts its programs. */
const DEBIAN_15 = "/usr/lib/postgresql/15/bin";

/**
 * Durability is worth nothing in a test, and costs half of its time. Nor is compiling queries, which Debian's Postgres
 * does with those that it expects to be dear: of a small database that took 60 % of the CPU of some files. What jobs call
 * switches it off for itself.
 */
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  jit: "off",
  max_connections: "300",
};

async function startServer(dataDir: string, binDir?: string): Promise<LocalPostgres> {
  const server = await startPostgres({ dataDir, port: freePort(), binDir, settings: SETTINGS });
  const admin = connect(server.url("postgres"), 1);
  await admin`create database template_spool`;
  await admin.end();
  const sql = connect(server.url("template_spool"), 1);
  await applyPlatform(sql);
  await migrate(sql);
  await sql.end();
  return server;
}

const folder = await Deno.makeTempDir({ prefix: "spool-test-" });
await Deno.chmod(folder, 0o755); // as root, Postgres runs as another user
const servers: LocalPostgres[] = [];
let code = 1;
try {
  const env: Record<string, string> = {};
  servers.push(await startServer(join(folder, "17")));
  env.SPOOL_TEST_POSTGRES = servers[0].url("postgres");
  if (await Deno.stat(DEBIAN_15).then(() => true, () => false)) {
    servers.push(await startServer(join(folder, "15"), DEBIAN_15));
    env.SPOOL_TEST_POSTGRES_15 = servers[1].url("postgres");
  } else complain("Postgres 15 is not installed (Debian: postgresql-15): its tests are skipped");

  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "-A", "--doc", "--parallel", ...Deno.args],
    env,
  }).spawn();
  // Ctrl-C reaches the tests as well; wait for them, then clean up here
  Deno.addSignalListener("SIGINT", () => {});
  code = (await tests.status).code;
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(code);
