/** `deno task export split` and `deno task export quality`, as people run them. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reportedDays } from "../../../scripts/export/quality.ts";
import { splitOptions } from "../../../scripts/export/split.ts";
import { testDatabase } from "../../support/database.ts";
import { loadMadeUp } from "./split_fleets.ts";

const ROOT = join(import.meta.dirname!, "../../..");

async function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", join(ROOT, "scripts/export.ts"), ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("split and quality export into a lake, print what they did, and refuse what makes no sense", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD003", [20, 21, 22], [10, 11]);
  const folder = await Deno.makeTempDir({ prefix: "spool-export-" });
  const on = ["--database", db.url, "--lake", pathToFileURL(folder).href];
  try {
    const split = await command("split", ...on);
    assert.equal(split.code, 0, split.stderr);
    assert.match(split.stdout, /X_train\.parquet +63 /);
    assert.match(split.stdout, /FD003 +official +last readings +3 +2 +0/);
    assert.ok(await Deno.stat(join(folder, "processed/train-test-split/y_test.parquet")));

    const json = await command(
      "split",
      "--dataset",
      "FD003",
      "--split",
      "engines",
      "--format",
      "csv",
      "--json",
      ...on,
    );
    assert.equal(json.code, 0, json.stderr);
    const { split: report } = JSON.parse(json.stdout);
    assert.equal(report.folder, "processed/train-test-split/FD003/");
    assert.equal(report.recipe.fleets[0].left_out_engines.length, 2);
    assert.equal(
      (await Deno.readTextFile(join(folder, report.folder, "X_train.csv"))).split("\n")[0],
      "engine_id,cycle,timestamp,altitude,mach_number,tra,s2,s3,s4,s7,s8,s9,s11,s12,s13,s14,s15,s17,s20,s21",
    );

    const quality = await command("quality", "--from", "2024-01-01", "--to", "2024-01-02", ...on);
    assert.equal(quality.code, 0, quality.stderr);
    assert.match(quality.stdout, /5 written, 0 unchanged, 0 removed/);
    assert.match(quality.stdout, /2024-01-02 +not evaluated +written/);
    assert.ok(await Deno.stat(join(folder, "quality/reports/2024-01-02.html")));

    const refused = await command("split", "--features", "windows", ...on);
    assert.deepEqual([refused.code, refused.stdout], [2, ""]);
    assert.match(
      refused.stderr,
      /^Cannot read --features as it must be rows or window: current value is windows\n/,
    );
    const nobody = await command("split", "--dataset", "FD009", ...on);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^Cannot split FD009 as it must have engines whose life is known/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the options of split are read as they are documented", () => {
  assert.deepEqual(splitOptions({}), {
    dataset: undefined,
    method: undefined,
    test: undefined,
    testFraction: 0.2,
    seed: 42,
    rulCap: "engine",
    features: "rows",
    window: 1,
    format: "parquet",
  });
  const { rulCap, window, features, method, testFraction } = splitOptions({
    "rul-cap": "none",
    features: "window",
    window: "50",
    split: "engines",
    "test-fraction": ".35",
  });
  assert.deepEqual([rulCap, window, features, method, testFraction], ["none", 50, "window", "engines", 0.35]);
  assert.equal(splitOptions({ "rul-cap": "130" }).rulCap, 130);
  assert.equal(splitOptions({ features: "window" }).window, 30);
  const refusals: [Parameters<typeof splitOptions>[0], RegExp][] = [
    [{ split: "random" }, /--split as it must be official or engines: current value is random/],
    [{ test: "first" }, /--test as it must be last or all/],
    [
      { "test-fraction": "1" },
      /--test-fraction as it must be more than 0 and less than 1.*current value is 1/,
    ],
    [{ "test-fraction": "0.0" }, /--test-fraction/],
    [{ seed: "-1" }, /--seed as it must be a whole number from 0/],
    [{ "rul-cap": "0" }, /--rul-cap/],
    [{ window: "10" }, /Cannot use --window with rows as it is for --features window/],
    [{ features: "window", window: "1" }, /--window as it must be a whole number from 2/],
    [{ format: "xlsx" }, /--format as it must be parquet or csv/],
    [{ split: "official", seed: "1" }, /Cannot use --seed with --split official/],
  ];
  for (const [given, message] of refusals) {
    assert.throws(
      () => splitOptions(given),
      (error: Error) => error.name === "UsageError" && message.test(error.message),
    );
  }
});

Deno.test("a report is of days that are over: yesterday unless told", () => {
  const now = new Date("2024-03-02T00:30:00Z");
  assert.deepEqual(reportedDays(undefined, undefined, now), ["2024-03-01"]);
  assert.deepEqual(reportedDays("2024-02-28", undefined, now), ["2024-02-28", "2024-02-29", "2024-03-01"]);
  assert.deepEqual(reportedDays(undefined, "2024-02-28", now), ["2024-02-28"]);
  assert.deepEqual(reportedDays("2024-02-01", "2024-02-02", now), ["2024-02-01", "2024-02-02"]);
  for (
    const [from, to] of [[undefined, "2024-03-02"], ["2024-03-02", undefined], ["2024-01-01", "2025-01-01"]]
  ) {
    assert.throws(
      () => reportedDays(from, to, now),
      /as the day must be over: the last one that is, is 2024-03-01/,
    );
  }
});
