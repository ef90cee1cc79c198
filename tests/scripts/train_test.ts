/** `deno task train`, as people run it. */

import assert from "node:assert/strict";
import { LEAST_ENGINES } from "../../shared/anomaly/train.ts";
import { startCommand } from "../support/command_process.ts";
import { testDatabase } from "../support/database.ts";
import { simulatedFleet, storeAsOf } from "../support/simulated_fleet.ts";

const START = Date.parse("2024-02-01T00:00:00Z");
const HOURS = 110;

const train = (...args: string[]) => startCommand("train", args).result;

Deno.test("the evaluation of all detectors is printed, as a table and as JSON; a dry run stores nothing", async () => {
  await using db = await testDatabase();
  const readings = simulatedFleet({ engines: LEAST_ENGINES, hours: HOURS, startMs: START, seed: 3 });
  assert.equal(await storeAsOf(db.sql, readings, new Date(START + HOURS * 3_600_000)), 0);
  await db.sql`update engines set life_cycles = ${HOURS}`;
  const on = ["--database", db.url];
  const row = "+\\S+ +\\d+\\.\\d\\d % +[01]\\.\\d{4} +\\S+ +[01]\\.\\d{3}";

  const dry = await train("--dry-run", ...on);
  assert.equal(dry.code, 0, dry.stderr);
  // the other part has too little: it says so, and holds up nothing
  assert.match(
    dry.stderr,
    /^Cannot train a model of remaining life as at least 10 engines .*: current value is 0\./m,
  );
  assert.doesNotMatch(dry.stdout, /remaining life/);
  assert.match(dry.stdout, /^anomaly, not stored: 250 healthy readings of 5 engines, seed 42, /m);
  assert.match(
    dry.stdout,
    /^Evaluated on 5 engines, each by a model of others: 250 healthy readings, 155 of the last/m,
  );
  for (const detector of ["mean_abs_z", "isolation_forest", "mahalanobis"]) {
    assert.match(dry.stdout, new RegExp(`^${detector} ${row}$`, "m"));
  }
  assert.equal((await db.sql`select from models`).length, 0);

  const settings = ["--trees", "20", "--sample-size", "64", "--contamination", "0.02", "--seed", "7"];
  const kept = await train("anomalies", ...settings, "--json", ...on);
  assert.equal(kept.code, 0, kept.stderr);
  assert.equal(kept.stderr, "");
  const { models: [printed, ...none] } = JSON.parse(kept.stdout);
  assert.deepEqual(none, []);
  const [stored] = await db.sql`
    select name, version, dataset, engines, readings::int as readings, seed::int as seed, settings, metrics,
      trained_from, trained_until
    from models`;
  const { purpose, seconds, ...same } = printed;
  assert.deepEqual([purpose, typeof seconds], ["anomaly", "number"]);
  assert.deepEqual(same, JSON.parse(JSON.stringify(stored)));
  assert.deepEqual([same.version, same.seed], [1, 7]);
  assert.deepEqual(same.settings, { trees: 20, sample_size: 64, contamination: 0.02, healthy_readings: 50 });
  const [{ actor, action }] = await db.sql`select actor, action from audit_log where action = 'model.train'`;
  assert.match(actor, /deno task train/);
  assert.equal(action, "model.train");

  assert.match((await train(...on)).stdout, /^anomaly version 2: /m);

  // the part that is asked for is the one that counts
  const only = await train("rul", "--json", ...on);
  assert.deepEqual([only.code, only.stdout], [1, ""]);
  assert.match(only.stderr, /^Cannot train a model of remaining life /);
  const both = await train("--json", ...on);
  assert.equal(both.code, 0);
  assert.match(both.stderr, /^Cannot train a model of remaining life /);
  assert.deepEqual(
    JSON.parse(both.stdout).models.map(({ name, version }: Record<string, unknown>) => [name, version]),
    [
      ["anomaly", 3],
    ],
  );
});

Deno.test("too little to train on, and wrong usage, end with their exit codes and say what is wanted", async () => {
  await using db = await testDatabase();
  const { code, stdout, stderr } = await train("--json", "--database", db.url);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(
    stderr,
    /^Cannot train a model of anomalies as at least 5 engines .*: current value is 0\. deno task load brings /,
  );
  assert.match(stderr, /^Cannot train a model of remaining life as at least 10 engines /m);

  for (
    const [args, message] of [
      [["everything"], "Unexpected argument 'everything' as it must be one of anomalies"],
      [["--false-alarm-rate", "1"], "Cannot read --false-alarm-rate as it must be above 0 and below 0.5"],
      [["--contamination", "x"], "Cannot read --contamination as it must be above 0 and below 0.5"],
      [
        ["--contamination", "0.1", "--false-alarm-rate", "0.1"],
        "Cannot use --contamination and --false-alarm-rate",
      ],
      [["rul", "--trees", "5"], "Cannot use --trees with rul as it must be a training of anomalies"],
      [["--trees", "0"], "Cannot read --trees as it must be a whole number from 1 to 10000"],
      [["--seed", "-1"], "Option '--seed'"],
      [["--seed=4294967296"], "Cannot read --seed as it must be a whole number from 0 to 4294967295"],
    ] as const
  ) {
    const wrong = await train(...args);
    assert.equal(wrong.code, 2, wrong.stderr);
    assert.ok(wrong.stderr.startsWith(message), wrong.stderr);
  }
  const help = await train("--help");
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--false-alarm-rate SHARE/);
});
