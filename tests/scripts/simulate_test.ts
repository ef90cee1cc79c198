/** `deno task simulate` as a person runs it: a process, its output, its signals, its exit code. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../../scripts/local/postgres.ts";
import { ingestServer, KEY } from "../support/ingest_server.ts";
import { stored } from "../support/stored.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

async function folder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "spool-simulate-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function command(cwd: string, args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      "--config",
      join(ROOT, "deno.json"),
      join(ROOT, "scripts", "simulate.ts"),
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1", SUPABASE_URL: "", INGEST_KEYS: "" },
    stdout: "piped",
    stderr: "piped",
  });
}

const decoder = new TextDecoder();

async function simulate(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await command(cwd, args).output();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function ndjsonFile(path: string) {
  const text = await Deno.readTextFile(path);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

Deno.test("ten engines of 200 cycles are 2,000 rows that end now, and the summary says so", async () => {
  await using home = await folder();
  await using server = await ingestServer();
  const { code, stdout, stderr } = await simulate(
    home.path,
    ...["--engines", "10", "--cycles", "200", "--seed", "7", "--url", server.url, "--key", KEY],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Sent +2,000 readings in/);
  assert.match(stdout, /Answer +2,000 accepted, 0 duplicates, 0 rejected/);
  assert.match(stdout, /Again +--seed 7 --from 20\d\d-/);
  assert.match(stderr, /^10 engines: 2,000 readings in .* 0 errors, \d+ failures$/m);
  const [row] = await server.db.sql`
    select count(*)::integer as readings, count(distinct engine_id)::integer as units,
      max("timestamp") > now() - interval '1 hour' and max("timestamp") <= now() as now,
      bool_and(unit_number like 'SIM_7_%') as named
    from sensor_data join engines on engines.id = engine_id`;
  const [, units, failures] = /Engines +10, (\d+) have flown, (\d+) failures/.exec(stdout)!.map(Number);
  assert.deepEqual({ ...row }, { readings: 2000, units, now: true, named: true });
  assert.ok(units >= 10 && failures >= units - 10);
});

Deno.test("the same seed and beginning give the same bytes to a file, to a pipe and to the database", async () => {
  await using home = await folder();
  await using server = await ingestServer();
  const fleet = [
    "--engines",
    "4",
    "--cycles",
    "300",
    "--seed",
    "9",
    "--from",
    "2026-01-01",
    "--conditions",
    "6",
  ];
  const faults = ["--fault-mode", "both", "--faults", "dropout:0.01,spike:0.01,stuck,drift"];
  const file = await simulate(home.path, ...fleet, ...faults, "--target", "file", "--out", "a.ndjson");
  const pipe = await simulate(home.path, ...fleet, ...faults, "--target", "stdout", "--labels", "b");
  const post = await simulate(home.path, ...fleet, ...faults, "--url", server.url, "--key", KEY, "--json");
  assert.deepEqual([file.code, pipe.code, post.code], [0, 0, 0]);
  const text = await Deno.readTextFile(join(home.path, "a.ndjson"));
  assert.equal(pipe.stdout, text);
  assert.match(pipe.stderr, /Target +standard output/);

  const labels = await Deno.readTextFile(join(home.path, "a.ndjson.faults.ndjson"));
  assert.equal(await Deno.readTextFile(join(home.path, "b")), labels);
  assert.equal(await Deno.readTextFile(join(home.path, "simulated_faults_9.ndjson")), labels);
  const summary = JSON.parse(post.stdout);
  assert.equal(post.stderr, "");
  assert.equal(summary.sent, 1200);
  assert.equal(summary.from, "2026-01-01T00:00:00.000Z");
  const counted = Object.values(summary.faults as Record<string, number>).reduce(
    (sum, count) => sum + count,
    0,
  );
  assert.equal(counted, labels.split("\n").length - 1);

  // the database holds single precision
  const rows = await server.db.sql`
    select unit_number, cycle, "timestamp", s15, s21 from sensor_data join engines on engines.id = engine_id
    order by "timestamp"`;
  assert.deepEqual(
    rows.map((row) => [row.unit_number, row.cycle, row.timestamp.toISOString(), row.s15, row.s21]),
    text.split("\n").slice(0, -1).map((line) => JSON.parse(line)).map((reading) => [
      ...[reading.engine_id, reading.cycle, reading.timestamp],
      ...[reading.s15, reading.s21].map((value) =>
        value === null ? null : Number(Math.fround(value).toPrecision(7))
      ),
    ]),
  );
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} finishes the open batch; summary, side file and database agree`, async () => {
    await using home = await folder();
    await using server = await ingestServer();
    const child = command(home.path, [
      ...["--engines", "20", "--rate", "20", "--json", "--labels", "labels", "--seed", "3"],
      ...["--faults", "late:0.02,duplicate:0.02,spike:0.02", "--url", server.url, "--key", KEY],
    ]).spawn();
    while ((await stored(server.db.sql)).readings < 500) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill(signal);
    const { code, stdout, stderr } = await child.output();
    assert.equal(code, 0, decoder.decode(stderr));
    const { sent, accepted, duplicates, faults, unsent } = JSON.parse(decoder.decode(stdout));
    assert.equal((await stored(server.db.sql)).readings, accepted);
    assert.equal(sent, accepted + duplicates);
    assert.equal(unsent, 0);
    const labels = await ndjsonFile(join(home.path, "labels"));
    assert.equal(labels.filter(({ kind }) => kind === "duplicate").length, duplicates);
    assert.equal(labels.length, faults.late + faults.duplicate + faults.spike);
    // each engine without a gap: nothing that was made is missing
    const [{ gaps }] = await server.db.sql`
      select count(*)::integer as gaps
      from (select engine_id, max(cycle) - count(*) as missing from sensor_data group by 1) as engine
      where missing <> 0`;
    assert.equal(gaps, 0);
  });
}

Deno.test("a Parquet file that is interrupted can be read", async () => {
  await using home = await folder();
  const path = join(home.path, "a.parquet");
  const child = command(home.path, ["--rate", "50", "--target", "file", "--out", path, "--json"]).spawn();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  child.kill("SIGINT");
  const { code, stdout } = await child.output();
  assert.equal(code, 0);
  const bytes = await Deno.readFile(path);
  assert.equal(decoder.decode(bytes.slice(-4)), "PAR1");
  assert.ok(JSON.parse(decoder.decode(stdout)).sent > 0);
});

Deno.test("a pipe whose reader has gone ends it without a word", async () => {
  await using home = await folder();
  const shell = new Deno.Command("sh", {
    args: [
      "-c",
      '{ "$0" run --quiet -A --config "$1/deno.json" "$1/scripts/simulate.ts" --target stdout ' +
      "--cycles 1000000 --interval 1s --json; echo code $? >&2; } | head -3",
      Deno.execPath(),
      ROOT,
    ],
    cwd: home.path,
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await shell.output();
  assert.equal(decoder.decode(stdout).split("\n").length, 4);
  assert.equal(decoder.decode(stderr), "code 0\n");
});

Deno.test("where nothing answers it fails within seconds, says what was not sent, and exits with 1", async () => {
  await using home = await folder();
  const url = `http://127.0.0.1:${freePort()}/functions/v1/ingest`;
  const { code, stdout, stderr } = await simulate(home.path, "--cycles", "300", "--url", url);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /does not answer.*deno task start.*Of 2,000 readings 0 have arrived .*the other 2,000 have not.*; 1,000 more were not made/,
  );
});

Deno.test("rejected readings are dead letters, and the exit code is 3", async () => {
  await using home = await folder();
  await using server = await ingestServer();
  const { code, stderr } = await simulate(
    home.path,
    ...["--from", "1999-01-01", "--cycles", "10", "--url", server.url, "--key", KEY],
  );
  assert.equal(code, 3);
  assert.match(stderr, /100 readings were rejected.*timestamp/);
  assert.equal((await stored(server.db.sql)).deadLetters, 100);
});

Deno.test("a C-MAPSS set is written with its side file, and nothing is written over", async () => {
  await using home = await folder();
  const args = [
    "--target",
    "file",
    "--format",
    "cmapss",
    "--out",
    "set",
    "--engines",
    "3",
    "--faults",
    "spike:0.01",
  ];
  const first = await simulate(home.path, ...args);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /train_FD001\.txt.*\n.*\n.*\nEngines +3, 6 have flown, 3 failures\nFaults +\d+ spike/,
  );
  const names = (await Array.fromAsync(Deno.readDir(join(home.path, "set")), ({ name }) => name)).sort();
  assert.deepEqual(names, ["RUL_FD001.txt", "faults.ndjson", "test_FD001.txt", "train_FD001.txt"]);
  const second = await simulate(home.path, ...args);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /must not exist yet/);
});

Deno.test("wrong usage is 2, before anything is written or sent", async () => {
  await using home = await folder();
  const { code, stderr } = await simulate(home.path, "--speed", "2", "--faults", "spike");
  assert.equal(code, 2);
  assert.match(stderr, /--speed/);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(home.path)), []);
  const help = await simulate(home.path, "--help");
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--fault-mode hpc\|fan\|both/);
});
