/** The command as people run it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../shared/database.ts";
import { processUsage } from "../../scripts/bench/measure.ts";
import { daysOf, lakeFolder, manyReadings, storeReadings } from "../support/archived.ts";
import { testDatabase } from "../support/database.ts";
import { duckdb } from "../support/duckdb.ts";
import { s3Server } from "../support/s3_server.ts";

const SCRIPT = join(import.meta.dirname!, "../../scripts/export.ts");

async function run(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", SCRIPT, ...args],
    env: { LAKE_URL: "", NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const DAYS = ["2024-03-01", "2024-03-02", "2024-03-05"].map((day, i) => ({
  engine: "A",
  cycle: i + 1,
  timestamp: `${day}T12:00:00Z`,
}));

Deno.test("export archive writes the days that are asked for, says so in two ways, and has nothing to do again", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  await storeReadings(db.sql, DAYS);
  const args = ["archive", "--database", db.url, "--lake", `file://${home.path}`];
  const first = await run([...args, "--from", "2024-03-02", "--to", "2024-03-04", "--json"]);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stderr, "");
  const { lake, archive } = JSON.parse(first.stdout);
  assert.equal(lake, `file://${home.path}`);
  assert.deepEqual([archive.written, archive.rows, archive.left], [1, 1, []]);

  const second = await run(args);
  assert.equal(second.code, 0);
  assert.match(second.stdout, /^archive: 2 days written to file:\/\/\S+: 2 readings, [\d,]+ bytes\n$/);
  assert.match(second.stderr, /^archive: 2 readings in .*2024-03-05, 2 of 2 days\n$/);
  assert.match((await run(args)).stdout, /^archive: 0 days written/);
  assert.equal(JSON.parse((await run([...args, "--force", "--json"])).stdout).archive.written, 3);
  assert.deepEqual(await duckdb(`select count(*)::integer as n from ${daysOf(home.path)}`), [{ n: 3 }]);
});

/** Most memory that the command held at a time, in MB. */
async function peakOf(args: string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--v8-flags=--max-semi-space-size=4", SCRIPT, ...args], // as in deno.json
    env: { LAKE_URL: "" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  let peak = 0;
  let ended = false;
  const status = child.status.finally(() => ended = true);
  while (!ended) {
    peak = Math.max(peak, (await processUsage(child.pid))?.peakRssBytes || 0);
    await Promise.race([status, new Promise((resolve) => setTimeout(resolve, 10))]);
  }
  assert.ok((await status).success);
  return peak / 1e6;
}

Deno.test({
  name: "a day with four times the readings takes no more memory",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using db = await testDatabase();
    await using home = await lakeFolder();
    await manyReadings(db.sql, 75_000, "2024-03-01");
    await manyReadings(db.sql, 300_000, "2024-03-02");
    const peak = (day: string) =>
      peakOf(["archive", "--database", db.url, "--lake", `file://${home.path}`, "--from", day, "--to", day]);
    const small = await peak("2024-03-01");
    const large = await peak("2024-03-02");
    assert.ok(large < 256 && large - small < 60, `${small} MB, then ${large} MB`);
  },
});

Deno.test("the lake may be S3, and its key in the environment", async () => {
  await using db = await testDatabase();
  await using server = await s3Server();
  await storeReadings(db.sql, DAYS);
  const { code, stdout, stderr } = await run(["archive", "--json"], { DATABASE_URL: db.url, ...server.env });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).archive.written, 3);
  const keys: string[] = [];
  for await (const { key } of server.lake().list("processed/")) keys.push(key);
  assert.equal(keys.length, 3);
});

Deno.test("what is wrong is said, with the exit code of its kind", async () => {
  const wrong = async (args: string[], message: RegExp, code = 2) => {
    const answer = await run(args);
    assert.match(answer.stderr, message);
    assert.equal(answer.code, code);
  };
  await Promise.all([
    wrong(["archive"], /Cannot reach the lake as --lake or LAKE_URL must be given/),
    wrong(
      ["archives", "--lake", "file:///tmp/x"],
      /^Unexpected argument 'archives' as it must be one of archive.* Did you mean archive\?/,
    ),
    wrong(
      ["archive", "--lake", "file:///tmp/x", "--from", "2024-02-30"],
      /Cannot read --from as it must be a day/,
    ),
    wrong(
      ["--lake", "file:///tmp/x", "--from", "2024-03-02", "--to", "2024-03-01"],
      /--from must not be after --to/,
    ),
    wrong(["archive", "--lake", "ftp://x"], /LAKE_URL must be s3:/),
  ]);
  await wrong(
    ["archive", "--lake", "file:///tmp/x", "--database", "postgres://a@127.0.0.1:1/a"],
    /Cannot reach the database/,
    1,
  );
  const help = await run(["--help"]);
  assert.match(help.stdout, /archive: the days that are over/);
  assert.equal(help.code, 0);
});

Deno.test("a day that cannot be written ends the command with 1, and names the day", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  await storeReadings(db.sql, DAYS);
  // a file where a folder of the lake should be
  await Deno.mkdir(join(home.path, "processed/year=2024"), { recursive: true });
  await Deno.writeTextFile(join(home.path, "processed/year=2024/month=03"), "");
  const { code, stderr } = await run(["archive", "--database", db.url, "--lake", `file://${home.path}`]);
  assert.equal(code, 1);
  assert.match(stderr, /Cannot archive 2024-03-01, 2024-03-02, 2024-03-05: /);
  const sql = connect(db.url, 1);
  const events = await sql`select event_type from lineage_events order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), [
    "START",
    "FAIL",
    "START",
    "FAIL",
    "START",
    "FAIL",
  ]);
  await sql.end();
});
