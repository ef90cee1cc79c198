/** The rules: which one counts, what is refused, what is kept of changes, and Great Expectations. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { verdict } from "../../scripts/cmapss/expectations.ts";
import type { ImportResult } from "../../shared/expectations.ts";
import { SENSORS, VALUE_COLUMNS } from "../../shared/sensors.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";

/** Rows as plain objects. */
function plain<Row extends object>(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row }));
}

/** The rules of a dataset without what the database keeps by itself, in the order of their keys. */
async function rules(sql: postgres.Sql, dataset: string | null): Promise<unknown[]> {
  return plain(
    await sql`
      select
        subset, kind, column_name, condition, min, max, mostly, severity, at_intake, active, description
      from expectations where dataset is not distinct from ${dataset}
      order by kind, subset, column_name, condition`,
  );
}

/** A suite as Great Expectations writes it, as far as these tests look into it. */
interface Suite {
  readonly name: string;
  readonly expectations: readonly {
    readonly type: string;
    readonly kwargs: { readonly column?: string; readonly row_condition?: string };
  }[];
  readonly meta: { readonly spool: { readonly expectations: readonly { readonly active: boolean }[] } };
}

async function exported(sql: postgres.Sql, dataset: string | null): Promise<Suite> {
  const [{ suite }] = await sql`select public.export_expectation_suite(${dataset}) as suite`;
  return suite;
}

async function imported(sql: postgres.Sql, suite: unknown, replace = false): Promise<ImportResult> {
  const [{ result }] = await sql`
    select public.import_expectation_suite(${JSON.stringify(suite)}::text::jsonb, ${replace}) as result`;
  return result;
}

Deno.test("of the rules for the same thing the most specific one counts, and one that is off hides the others", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`insert into engines (unit_number, dataset) values ('A', 'FD050')`;
  const s11 = async (dataset: string | null) =>
    (await sql`
      select condition, max from effective_expectations
      where kind = 'range' and column_name = 's11' and dataset is not distinct from ${dataset}
      order by condition`).map(({ condition, max }) => [condition, max]);
  const everywhere = (max: number, conditions = [0, 1, 2, 3, 4, 5, 6]) =>
    conditions.map((each) => [each, max]);

  assert.deepEqual(await s11("FD001"), everywhere(49.5));
  assert.deepEqual(
    await s11("FD002"),
    [[0, 50], [1, 49.5], [2, 47], [3, 46], [4, 38.1], [5, 43.3], [6, 43.7]],
  );
  const ofEveryEngine = [[0, 50], [1, 49.5], ...everywhere(50, [2, 3, 4, 5, 6])];
  assert.deepEqual(await s11(null), ofEveryEngine);
  assert.deepEqual(await s11("FD050"), ofEveryEngine); // an engine names it, no rule does
  assert.deepEqual(await s11("FD051"), []); // nobody names it: the reader takes null

  // a rule for a dataset goes before one for a condition
  await sql`
    insert into expectations (dataset, kind, column_name, max, description) values ('FD050', 'range', 's11', 60, 'x')`;
  assert.deepEqual(await s11("FD050"), everywhere(60));
  await sql`update expectations set active = false where dataset = 'FD050'`;
  assert.deepEqual(await s11("FD050"), []);
  await sql`update expectations set active = false where dataset = 'FD002' and column_name = 's11' and condition = 3`;
  assert.deepEqual((await s11("FD002")).map(([condition]) => condition), [0, 1, 2, 4, 5, 6]);
});

Deno.test("a rule for every column counts for those without one of their own, and one for files in both subsets", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`
    insert into expectations (kind, column_name, mostly, description) values ('nulls', 's11', 0.5, 'often missing')`;
  await sql`insert into expectations (kind, column_name, max, description) values ('stuck', 's17', 200, 'whole numbers')`;
  const by = async (kind: string, dataset: string | null) =>
    plain(
      await sql`
        select column_name, mostly, max from effective_expectations
        where kind = ${kind} and dataset is not distinct from ${dataset}`,
    );
  const nulls = await by("nulls", null);
  assert.deepEqual(nulls.map(({ column_name }) => column_name).sort(), [...VALUE_COLUMNS].sort());
  assert.deepEqual(nulls.filter(({ mostly }) => mostly === 0.5).map(({ column_name }) => column_name), [
    "s11",
  ]);
  // the dataset's own rule for every column goes before everybody's rule for one
  assert.ok((await by("nulls", "FD001")).every(({ mostly }) => mostly === 1));
  const stuck = await by("stuck", "FD001");
  assert.deepEqual(stuck.map(({ column_name }) => column_name).sort(), [...SENSORS].sort());
  assert.deepEqual(stuck.filter(({ max }) => max === 200).map(({ column_name }) => column_name), ["s17"]);

  const counts = await sql`
    select dataset, subset, min from effective_expectations where kind = 'row_count' and dataset in ('FD001', 'FD004')
    order by dataset, subset`;
  assert.deepEqual(counts.map((row) => [row.dataset, row.subset, row.min]), [
    ["FD001", "test", 13096],
    ["FD001", "train", 20631],
    ["FD004", "test", 41214],
    ["FD004", "train", 61249],
  ]);
});

Deno.test("every kind of rule counts for something", async () => {
  await using db = await testDatabase();
  const missing = await db.sql`
    select distinct kind from expectations
    where kind not in (select kind from effective_expectations)
    union all
    select kind
    from pg_constraint,
      lateral (select (regexp_matches(pg_get_constraintdef(oid), '''(\w+)''::text', 'g'))[1] as kind) as kinds
    where conname = 'expectations_kind_check' and kind not in (select kind from effective_expectations)`;
  assert.deepEqual(missing.map(({ kind }) => kind), []);
});

Deno.test("bounds are arrays in the order of the columns, one row for each dataset and condition", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`insert into operating_conditions values (7, 'on the ground', -1, 1, -1, -0.5, 0, 10)`;
  await sql`update expectations set min = null where dataset = 'FD001' and column_name = 's21'`;
  await sql`update expectations set active = false where dataset = 'FD001' and column_name = 'altitude'`;
  // as JSON: the driver reads null in an array of real as NaN
  const rows = await sql`
    select dataset, condition, to_json(minima) as minima, to_json(maxima) as maxima
    from reading_bounds order by dataset, condition`;
  assert.equal(rows.length, 5 * 8);
  const fd001 = rows.find(({ dataset, condition }) => dataset === "FD001" && condition === 7)!;
  assert.deepEqual(
    fd001.minima,
    [null, -0.01, 99, 635, 1550, 1360, 545, 2380, 8950, 46, 512, 2380, 8050, 8, 380, 37.5, null],
  );
  assert.deepEqual(
    fd001.maxima,
    [null, 0.3, 101, 650, 1640, 1465, 575, 2396, 9350, 49.5, 545, 2396, 8380, 8.8, 410, 40.5, 24.4],
  );
  for (const { minima, maxima } of rows) assert.deepEqual([minima.length, maxima.length], [17, 17]);
});

Deno.test("what makes no sense is refused in words", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const cases: [string, RegExp][] = [
    ["kind = 'rnage'", /^Cannot save expectation as kind must be one of text, .*: current value is rnage$/],
    ["column_name = 's5'", /as column_name must be one of altitude, .*, s21: current value is s5$/],
    ["column_name = ' '", /as column_name must be one of .*: current value is null$/],
    ["kind = 'drift', column_name = 'tra'", /as column_name must be one of s2, .*: current value is tra$/],
    [
      "kind = 'volume'",
      /as column_name must be null, as the rule is about whole readings: current value is s11$/,
    ],
    [
      "condition = 9",
      /as condition must be null or a condition of operating_conditions: current value is 9$/,
    ],
    ["kind = 'nulls', condition = 1", /as condition must be null, as only ranges .*: current value is 1$/],
    ["kind = 'nulls'", /as min must be null, as the rule is about rows .*: current value is 46$/],
    ["subset = 'train'", /as subset must be null, as only rules of files .*: current value is train$/],
    ["min = 50", /as min must be at most max, which is 49\.5: current value is 50$/],
    [
      "min = null, max = null",
      /as min must be there, or max: a rule without bounds says nothing: current value is null$/,
    ],
    ["max = 'NaN'", /as max must be a number or null: current value is NaN$/],
    ["min = '-Infinity'", /as min must be a number or null: current value is -Infinity$/],
    ["max = 1e39", /as max must be a number that a reading can have: current value is 1e\+39$/],
    ["min = 1e-60", /as min must be a number that a reading can have: current value is 1e-60$/],
    ["mostly = 0", /as mostly must be more than 0 and at most 1: current value is 0$/],
    ["mostly = 99", /as mostly must be more than 0 and at most 1: current value is 99$/],
    [
      "kind = 'drift', mostly = 0.9",
      /as mostly must be 1, as the rule is about one number .*: current value is 0\.9$/,
    ],
    ["severity = 'error'", /as severity must be warning or fail: current value is error$/],
    ["at_intake = 'drop'", /as at_intake must be accept or reject: current value is drop$/],
    ["kind = 'drift', at_intake = 'reject'", /as at_intake must be accept, .*: current value is reject$/],
    ["description = ''", /as description must be the rule in words: current value is $/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(
      sql.unsafe(`update expectations set ${change} where dataset = 'FD001' and column_name = 's11'`),
      { code: "23514", message },
      change,
    );
  }
  // the controls: the same fields with what they may hold
  await sql`
    update expectations set min = 40, mostly = 0.9, severity = 'warning', at_intake = 'reject', dataset = ' FD001 '
    where dataset = 'FD001' and column_name = 's11'`;
  assert.equal((await sql`select from expectations where dataset = 'FD001' and min = 40`).length, 1);
});

Deno.test("each change is kept, with who made it; one that changes nothing is none", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const [{ id }] = await sql`select id from expectations where dataset = 'FD001' and column_name = 's11'`;
  const [{ role }] = await sql`select current_user as role`;
  await sql`update expectations set max = 49.5, version = 70, updated_by = 'nobody' where id = ${id}`;
  await sql`update expectations set max = 50 where id = ${id}`;
  await sql.begin(async (tx) => {
    await tx`set local role service_role`;
    await tx`update expectations set active = false where id = ${id}`;
    await tx`select set_config('request.jwt.claims', '{"sub": "4f", "email": "ann@example.org"}', true)`;
    await tx`update expectations set max = 51 where id = ${id}`;
    await tx`delete from expectations where id = ${id}`;
  });
  const versions = await sql`
    select version, operation, before ->> 'max' as before, after ->> 'max' as after, changed_by
    from expectation_versions where expectation_id = ${id} order by id`;
  assert.deepEqual(versions.map((row) => Object.values(row)), [
    [1, "insert", null, "49.5", role],
    [2, "update", "49.5", "50", role],
    [3, "update", "50", "50", "service_role"],
    [4, "update", "50", "51", "ann@example.org"],
    [5, "delete", "51", null, "ann@example.org"],
  ]);

  // a role that changes rules still cannot write their history
  await assert.rejects(
    sql.begin(async (tx) => {
      await tx`set local role service_role`;
      await tx`delete from expectation_versions`;
    }),
    { code: "42501" },
  );
});

Deno.test("the standard rules come again where they are missing, and leave alone what somebody has changed", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const seeds = await Deno.readTextFile(
    new URL("../../sql/90_jobs/standard_expectations.sql", import.meta.url),
  );
  await sql`update expectations set max = 50 where dataset = 'FD001' and column_name = 's11'`;
  await sql`delete from expectations where kind = 'drift'`;
  await sql.unsafe(seeds);
  const [row] = await sql`
    select max, version from expectations where dataset = 'FD001' and column_name = 's11'`;
  assert.deepEqual({ ...row }, { max: 50, version: 2 });
  assert.equal((await sql`select from expectations where kind = 'drift'`).length, 1);
});

for (const version of [17, 15] as const) {
  const test = (name: string, fn: (sql: postgres.Sql) => Promise<void>) =>
    Deno.test({
      name: `${name} (Postgres ${version})`,
      ignore: version === 15 && !hasPostgres15,
      async fn() {
        await using db = await testDatabase({ version });
        await fn(db.sql);
      },
    });

  test("each standard suite, exported, deleted and imported, is what it was", async (sql) => {
    for (const dataset of ["FD001", "FD002", "FD003", "FD004", null]) {
      const before = await rules(sql, dataset);
      const suite = await exported(sql, dataset);
      assert.deepEqual(await imported(sql, suite, true), {
        dataset,
        imported: 0,
        unchanged: before.length,
        deleted: 0,
        skipped: [],
      });
      await sql`delete from expectations where dataset is not distinct from ${dataset}`;
      const again = await imported(sql, suite);
      assert.deepEqual([again.imported, again.unchanged, again.skipped], [before.length, 0, []]);
      assert.deepEqual(await rules(sql, dataset), before);
    }
  });

  test("any rules, exported and imported, are what they were", async (sql) => {
    const number = fc.oneof(
      fc.integer({ min: -1000, max: 1000 }),
      fc.float({ noNaN: true, min: -1000, max: 1000 }),
    );
    const bounds = fc.tuple(number, number, fc.constantFrom("both", "min", "max")).map(([a, b, which]) => ({
      min: which === "max" ? null : Math.min(a, b) + 0,
      max: which === "min" ? null : Math.max(a, b) + 0,
    })).filter(({ min, max }) => [min, max].every((each) => !each || Math.abs(each) > 1e-30));
    const mostly = fc.record({ mostly: fc.double({ min: 1e-6, max: 1, noNaN: true }) });
    const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0); // no negative zero
    const intake = fc.record({ at_intake: fc.constantFrom("accept", "reject") });
    const column = fc.record({ column_name: fc.constantFrom(...VALUE_COLUMNS) });
    const sensor = fc.record({ column_name: fc.option(fc.constantFrom(...SENSORS), { nil: null }) });
    const subset = fc.record({ subset: fc.constantFrom(null, "train", "test") });
    const of = (kinds: readonly string[], ...parts: fc.Arbitrary<object>[]) =>
      fc.tuple(fc.record({ kind: fc.constantFrom(...kinds) }), ...parts);
    const rule = fc.tuple(
      fc.oneof(
        of(
          ["range"],
          column,
          bounds,
          mostly,
          intake,
          fc.record({ condition: fc.constantFrom(null, 1, 2, 6) }),
        ),
        of(["nulls"], fc.oneof(column, fc.constant({})), mostly, intake),
        of(["duplicates", "cycles", "types", "clock"], mostly),
        of(["text", "columns"], mostly, subset),
        of(["not_empty", "row_count", "unit_count", "rul_file", "units", "rul_count"], bounds, subset),
        of(["schema", "volume", "degradation"], bounds),
        of(["completeness"], fc.record({ min: share, max: fc.constant(null) })),
        of(["drift", "fleet_drift"], fc.record({ min: fc.constant(null), max: share }), sensor),
        of(["schema"], fc.constant({ min: null, max: 0 })),
        of(["stuck"], bounds, sensor),
      ),
      fc.record({
        severity: fc.constantFrom("warning", "fail"),
        active: fc.boolean(),
        description: fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter((text) => text.trim() !== ""),
      }),
    ).map(([parts, rest]) => Object.assign({}, ...parts as object[], rest) as Record<string, string | null>);
    const key = (rule: Record<string, unknown>) =>
      JSON.stringify([rule.kind, rule.subset, rule.column_name, rule.condition].map((part) => part ?? null));

    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(rule, { selector: key, minLength: 1, maxLength: 25 }),
        async (generated) => {
          await sql`delete from expectations where dataset = 'FD099'`;
          for (const each of generated) {
            await sql`insert into expectations ${sql({ dataset: "FD099", ...each })}`;
          }
          const before = await rules(sql, "FD099");
          const suite = await exported(sql, "FD099");
          const unchanged = await imported(sql, suite, true);
          assert.deepEqual([unchanged.imported, unchanged.deleted, unchanged.skipped], [0, 0, []]);
          await sql`delete from expectations where dataset = 'FD099'`;
          assert.deepEqual((await imported(sql, suite)).skipped, []);
          assert.deepEqual(await rules(sql, "FD099"), before);
          assert.deepEqual(await exported(sql, "FD099"), suite);
        },
      ),
      { numRuns: 30, seed: 11 },
    );
  });
}

Deno.test("a suite is in the words of Great Expectations", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`update expectations set active = false where dataset = 'FD002' and column_name = 's3' and condition = 1`;
  const suite = await exported(sql, "FD002");
  assert.deepEqual(Object.keys(suite).sort(), ["expectations", "meta", "name"]);
  assert.equal(suite.name, "FD002");
  const kwargsOf = ({ expectations }: Suite, wanted: string) =>
    expectations.filter(({ type }) => type === wanted).map(({ kwargs }) => kwargs);
  const s3 = kwargsOf(suite, "expect_column_values_to_be_between").filter(({ column }) => column === "s3");
  assert.deepEqual(s3.find(({ row_condition }) => row_condition?.includes("2")), {
    column: "s3",
    min_value: 1465,
    max_value: 1540,
    mostly: 1,
    row_condition: 'col("condition")==2',
    condition_parser: "great_expectations",
  });
  assert.deepEqual(kwargsOf(suite, "expect_table_row_count_to_equal")[0], {
    value: 53759,
    row_condition: 'col("subset")=="train"',
    condition_parser: "great_expectations",
  });
  assert.equal(kwargsOf(suite, "expect_column_values_to_not_be_null").length, 17);
  // a column with a rule of its own is not held against the rule for every column, too
  await sql`
    insert into expectations (dataset, kind, column_name, mostly, description)
    values ('FD001', 'nulls', 's11', 0.5, 'often missing')`;
  const others = kwargsOf(await exported(sql, "FD001"), "expect_column_values_to_not_be_null");
  assert.deepEqual(others.filter(({ column }) => column === "s11"), [{ column: "s11", mostly: 0.5 }]);
  // it has no way to say that a rule is off: such a rule must not be one of its expectations
  assert.equal(s3.length, 6);
  assert.deepEqual(suite.meta.spool.expectations.map(({ active }) => active), [false]);
});

Deno.test("a suite of somebody else is read, in both formats, and what is no rule here is named with the reason", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const between = (kwargs: object) => ({ type: "expect_column_values_to_be_between", kwargs });
  const result = await imported(sql, {
    name: "FD060",
    id: null,
    meta: { great_expectations_version: "1.2.0" },
    notes: null,
    expectations: [
      {
        ...between({ column: "s11", min_value: 40, max_value: 50.5, mostly: 0.95 }),
        severity: "warning",
        notes: "by Ann",
      },
      between({ column: "s3", max_value: 1700, strict_max: false, row_condition: 'col("condition") == 3' }),
      { type: "expect_column_values_to_not_be_null", kwargs: { column: "s4", result_format: "BASIC" } },
      { type: "expect_compound_columns_to_be_unique", kwargs: { column_list: ["cycle", "engine_id"] } },
      { type: "expect_table_row_count_to_be_between", kwargs: { min_value: 10 } },
      { type: "expect_column_to_exist", kwargs: { column: "s2" } },
      { type: "expect_column_mean_to_be_between", kwargs: { column: "s2", min_value: 1 } },
      between({ column: "s2", min_value: 1, strict_min: true }),
      between({ column: "s5", min_value: 1 }),
      between({ column: "s2", min_value: 3, max_value: 2 }),
      between({ column: "s2", min_value: { $PARAMETER: "x" } }),
      between({ column: "s2", min_value: 1, row_condition: "s3 > 5" }),
      between({ column: "s2", min_value: 1, row_condition: 'col("condition")==77' }),
      { type: "expect_column_to_exist", kwargs: { column: "s5" } },
      { type: "expect_compound_columns_to_be_unique", kwargs: { column_list: ["cycle", "s2"] } },
      "not an expectation",
    ],
  }, true);
  assert.deepEqual(
    [result.dataset, result.imported, result.unchanged, result.deleted],
    ["FD060", 6, 0, 0],
  );
  assert.deepEqual(
    result.skipped,
    [
      [6, "expect_column_mean_to_be_between", "there is no rule of this type"],
      [7, "expect_column_values_to_be_between", "its argument strict_min has no counterpart here"],
      [
        8,
        "expect_column_values_to_be_between",
        `Cannot save expectation as column_name must be one of ${
          VALUE_COLUMNS.join(", ")
        }: current value is s5`,
      ],
      [
        9,
        "expect_column_values_to_be_between",
        "Cannot save expectation as min must be at most max, which is 2: current value is 3",
      ],
      [
        10,
        "expect_column_values_to_be_between",
        'its argument min_value must be a number: current value is {"$PARAMETER": "x"}',
      ],
      [
        11,
        "expect_column_values_to_be_between",
        'its row_condition must be like col("condition")==1: current value is s3 > 5',
      ],
      [
        12,
        "expect_column_values_to_be_between",
        "Cannot save expectation as condition must be null or a condition of operating_conditions: current value is 77",
      ],
      [13, "expect_column_to_exist", "readings have no column s5"],
      [14, "expect_compound_columns_to_be_unique", "only engine_id and cycle together are held to be unique"],
      [15, null, "there is no rule of this type"],
    ].map(([index, expectation_type, reason]) => ({ index, expectation_type, reason })),
  );
  const [s11] = await sql`select * from expectations where dataset = 'FD060' and column_name = 's11'`;
  assert.deepEqual(
    [s11.min, s11.max, s11.mostly, s11.severity, s11.at_intake, s11.description],
    [40, 50.5, 0.95, "warning", "accept", "by Ann"],
  );

  // 0.18; what it does not say stays as it is here, and rules it does not have go only with replace
  const old = {
    expectation_suite_name: "FD060",
    data_asset_type: null,
    expectations: [{
      expectation_type: "expect_column_values_to_be_between",
      kwargs: { column: "s11", min_value: 41, max_value: 50.5 },
      meta: {},
    }],
  };
  await sql`update expectations set at_intake = 'reject' where dataset = 'FD060' and column_name = 's11'`;
  assert.deepEqual(await imported(sql, old), {
    dataset: "FD060",
    imported: 1,
    unchanged: 0,
    deleted: 0,
    skipped: [],
  });
  const [changed] = await sql`select * from expectations where dataset = 'FD060' and column_name = 's11'`;
  assert.deepEqual(
    [changed.min, changed.mostly, changed.severity, changed.at_intake, changed.description],
    [41, 1, "warning", "reject", "by Ann"],
  );
  assert.equal((await imported(sql, old, true)).deleted, 5);
  assert.equal((await rules(sql, "FD060")).length, 1);
});

Deno.test("what is no suite is refused", async () => {
  await using db = await testDatabase();
  for (const suite of [null, [], {}, { name: "X" }, { name: "X", expectations: {} }]) {
    await assert.rejects(imported(db.sql, suite), {
      code: "22023",
      message: /^Cannot import suite as it must have/,
    });
  }
  for (const suite of [{ expectations: [] }, { name: " ", expectations: [] }]) {
    await assert.rejects(imported(db.sql, suite), {
      code: "22023",
      message: /^Cannot import suite as its name/,
    });
  }
});

Deno.test("the verdict is the same in SQL and in TypeScript", async () => {
  await using db = await testDatabase();
  const values = [null, NaN, -Infinity, -1, -0.1, 0, 0.1, 1, Infinity];
  const ends = [null, -1, -0.1, 0, 0.1, 1];
  const seen = new Set<string>();
  const rows = await db.sql`
    select value, min, max, severity, public.expectation_verdict(value, min, max, severity) as verdict
    from unnest(${values}::float8[]) as value, unnest(${ends}::float8[]) as min, unnest(${ends}::float8[]) as max,
      unnest(array['warning', 'fail']) as severity`;
  assert.equal(rows.length, values.length * ends.length ** 2 * 2);
  for (const { value, min, max, severity, verdict: expected } of rows) {
    seen.add(expected);
    assert.equal(verdict(value, { min, max }, severity), expected, `${value} in ${min} to ${max}`);
  }
  assert.equal(seen.size, 4);
});
