import assert from "node:assert/strict";
import fc from "fast-check";
import {
  backupPrefix,
  dayKey,
  isKey,
  reportKey,
  requireKey,
  requirePrefix,
  splitKey,
  suiteKey,
} from "../../../shared/lake/keys.ts";
import { testDatabase } from "../../support/database.ts";

Deno.test("everything has its place", () => {
  assert.equal(dayKey("2024-01-31"), "processed/year=2024/month=01/day=31/sensor_data.parquet");
  assert.equal(splitKey("X_train.parquet"), "processed/train-test-split/X_train.parquet");
  assert.equal(suiteKey("sensor_data"), "quality/expectations/sensor_data.json");
  assert.equal(reportKey("2024-01-31", "html"), "quality/reports/2024-01-31.html");
  assert.equal(backupPrefix("2024-01-31"), "backups/daily/2024-01-31/");
});

Deno.test("what is no date or no name gets no place", () => {
  for (
    const date of ["2024-1-31", "2024-02-30", "2024-13-01", "", "2024-01-31T00:00", "../../..", "99999-01-01"]
  ) {
    assert.throws(() => dayKey(date), /must be a date such as 2024-01-31: current value is/, date);
    assert.throws(() => reportKey(date, "json"), /must be a date/);
    assert.throws(() => backupPrefix(date), /must be a date/);
  }
  for (const name of ["../x", "a//b", "/a"]) {
    assert.throws(() => splitKey(name), /^LakeError: Cannot use a key of the lake/, name);
  }
  assert.throws(() => suiteKey("../../processed/x"), /Cannot use a key/);
});

Deno.test("a prefix is the beginning of a key", () => {
  for (const prefix of ["", "a", "a/", "a/b", "processed/year="]) assert.equal(requirePrefix(prefix), prefix);
  for (const prefix of ["/", "a//", "../", "a/.", "\0"]) {
    assert.throws(() => requirePrefix(prefix), /Cannot use a key/);
  }
});

Deno.test("the database takes the keys that the lake takes, and no others", async () => {
  await using db = await testDatabase();
  // the rule itself, as it stands in the table, so that a thousand keys need no thousand failing statements
  const [{ rule }] = await db.sql`
    select pg_get_constraintdef(oid) as rule from pg_constraint
    where conrelid = 'public.lake_objects'::regclass and conname = 'lake_objects_key_check'`;
  await db.sql.unsafe(
    `create function public.fits(key text) returns boolean language sql as $$ select ${
      rule.replace(/^CHECK/, "")
    } $$`,
  );
  const piece = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "/",
        "//",
        ".",
        "..",
        "a",
        "year=2024",
        "\\",
        "\n",
        "\u007f",
        "\u0085",
        "ä",
        "😀",
      ),
    },
    fc.string({ unit: "binary", maxLength: 3 }).filter((text) => !text.includes("\0") && text.isWellFormed()),
    fc.integer({ min: 890, max: 910 }).map((length) => "x".repeat(length)),
    fc.integer({ min: 448, max: 452 }).map((length) => "ä".repeat(length)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")), async (key) => {
      assert.equal(
        (await db.sql`select public.fits(${key}) as taken`)[0].taken,
        isKey(key),
        JSON.stringify(key),
      );
    }),
    { numRuns: 300, examples: [[""], ["a/b"], ["a/.."], ["x".repeat(900)], ["ä".repeat(451)]] },
  );
  assert.equal(requireKey("a/b"), "a/b");
});
