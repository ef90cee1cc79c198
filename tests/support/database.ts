/** Databases for tests: each test (file) gets its own, cloned from a template that has the migrations. */

import process from "node:process";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";

/** A database of its own, dropped when it is disposed of. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
}

/** Connection string of the test server of a version, to its database `postgres`. */
function serverUrl(version: 15 | 17): string {
  const url = process.env[version === 17 ? "SPOOL_TEST_POSTGRES" : "SPOOL_TEST_POSTGRES_15"];
  if (url === undefined) {
    throw new Error(`Cannot test as Postgres ${version} must run: use deno task test [FILE…]`);
  }
  return url;
}

/** Whether this machine has Postgres 15. In CI it must: there, tests that need it fail instead of being skipped. */
export const hasPostgres15 = process.env.SPOOL_TEST_POSTGRES_15 !== undefined || process.env.CI !== undefined;

/**
 * Makes a database.
 *
 * @param options.empty Without anything in it, instead of a clone of the template.
 * @param options.copyOf Clone of this database instead, which must have no connections any more.
 */
export async function testDatabase(
  options: {
    readonly version?: 15 | 17;
    readonly empty?: boolean;
    readonly connections?: number;
    readonly copyOf?: TestDatabase;
  } = {},
): Promise<TestDatabase> {
  const server = serverUrl(options.version ?? 17);
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = connect(server, 1);
  // one clone at a time: CREATE DATABASE refuses a template that another session is copying
  await admin`select pg_advisory_lock(1)`;
  const template = options.copyOf === undefined ? undefined : new URL(options.copyOf.url).pathname.slice(1);
  await admin.unsafe(
    `create database ${name} template ${template ?? (options.empty ? "template0" : "template_spool")}`,
  );
  await admin`select pg_advisory_unlock(1)`;

  const url = new URL(server);
  url.pathname = `/${name}`;
  const sql = connect(url.href, options.connections ?? 4);
  return {
    url: url.href,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
