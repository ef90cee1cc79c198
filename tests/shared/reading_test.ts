import assert from "node:assert/strict";
import fc from "fast-check";
import { Reading } from "../../shared/reading.ts";
import { SENSORS, SETTINGS, VALUE_COLUMNS } from "../../shared/sensors.ts";
import { testDatabase } from "../support/database.ts";
import { reading } from "../support/readings.ts";

/** What the schema says of a value, as [path, message]; undefined when it accepts. */
function fault(value: unknown): [string, string] | undefined {
  const result = Reading.safeParse(value);
  if (result.success) return undefined;
  assert.equal(result.error.issues.length, 1, result.error.message);
  const [{ path, message }] = result.error.issues;
  return [path.join("."), message];
}

/** A reading with one member replaced, taken away when undefined. */
function but(column: string, value: unknown): Record<string, unknown> {
  const { [column]: _, ...rest } = reading() as Record<string, unknown>;
  return value === undefined ? rest : { ...rest, [column]: value };
}

/** As Postgres prints the largest `real`; a little more than it, and rounded to it. */
const FLOAT4_MAX = 3.4028235e38;

const shownAs: [unknown, string][] = [
  [NaN, "NaN"],
  [Infinity, "Infinity"],
  [-Infinity, "-Infinity"],
  ["47.4", '"47.4"'],
  ["", '""'],
  [3.41e38, "3.41e+38"],
  [-1e39, "-1e+39"],
  [true, "true"],
  [[1], "an array"],
  [{ value: 1 }, "an object"],
  [undefined, "missing"],
  ["x".repeat(61), `"${"x".repeat(57)}…"`],
  ["\u0000\n\ud800", '"\\u0000\\n\ufffd"'],
];
for (const [value, shown] of shownAs) {
  Deno.test(`a sensor value is refused that is ${shown}`, () => {
    assert.deepEqual(fault(but("s11", value)), [
      "s11",
      "Cannot accept s11 as it must be a finite number within single precision, or null where the sensor gave " +
      `no value: current value is ${shown}`,
    ]);
  });
}

Deno.test("every setting and sensor must be there, and may be null, zero, negative or the largest single", () => {
  assert.deepEqual(VALUE_COLUMNS, [...SETTINGS, ...SENSORS]);
  for (const column of VALUE_COLUMNS) {
    assert.equal(fault(but(column, undefined))?.[0], column);
    for (const value of [null, 0, -0, -459.67, 1e-50, 5e-324, FLOAT4_MAX, -FLOAT4_MAX]) {
      assert.equal(fault(but(column, value)), undefined, `${column} ${value}`);
    }
  }
});

const cycles: [unknown, string][] = [
  [0, "0"],
  [-1, "-1"],
  [1.5, "1.5"],
  [2 ** 31, "2147483648"],
  [-(2 ** 31) - 1, "-2147483649"],
  [1e300, "1e+300"],
  [NaN, "NaN"],
  [Infinity, "Infinity"],
  ["1", '"1"'],
  [null, "null"],
  [undefined, "missing"],
];
for (const [cycle, shown] of cycles) {
  Deno.test(`a cycle is refused that is ${shown}`, () => {
    assert.deepEqual(fault(but("cycle", cycle)), [
      "cycle",
      `Cannot accept cycle as it must be a whole number from 1 to 2147483647: current value is ${shown}`,
    ]);
  });
}

Deno.test("cycles from 1 to 2147483647 are accepted", () => {
  for (const cycle of [1, 362, 2 ** 31 - 1]) assert.equal(fault(but("cycle", cycle)), undefined);
});

const unitNumbers: [unknown, string][] = [
  ["", '""'],
  [" ENGINE_001", '" ENGINE_001"'],
  ["_1", '"_1"'],
  ["ENGINE 1", '"ENGINE 1"'],
  ["ENGINE_001\n", '"ENGINE_001\\n"'],
  ["ENGINE_001\u0000", '"ENGINE_001\\u0000"'],
  ["MOTEUR_É", '"MOTEUR_É"'],
  ["E".repeat(65), `"${"E".repeat(57)}…"`],
];
for (const [unitNumber, shown] of unitNumbers) {
  Deno.test(`an engine_id is refused that is ${shown}`, () => {
    assert.deepEqual(fault(but("engine_id", unitNumber)), [
      "engine_id",
      "Cannot accept engine_id as it must be 1 to 64 letters, digits or . _ : -, beginning with a letter or " +
      `digit: current value is ${shown}`,
    ]);
  });
}
for (
  const [value, shown] of [[1, "1"], [null, "null"], [undefined, "missing"], [["A"], "an array"]] as const
) {
  Deno.test(`an engine_id is refused that is ${shown} and no text`, () => {
    assert.deepEqual(fault(but("engine_id", value)), [
      "engine_id",
      `Cannot accept engine_id as it must be text: current value is ${shown}`,
    ]);
  });
}

Deno.test("the rule for engine_id is the database's rule for unit_number", async () => {
  await using db = await testDatabase();
  const names = fc.oneof(
    fc.string({ maxLength: 70, unit: "binary" }).filter((text) =>
      !text.includes("\0") && text.isWellFormed()
    ),
    fc.string({ maxLength: 66, unit: fc.constantFrom("A", "9", ".", "_", ":", "-", " ", "é", "\n") }),
  );
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const accepted = fault(but("engine_id", name)) === undefined;
      const inserted = await db.sql`insert into engines (unit_number) values (${name}) on conflict do nothing`
        .then(() => true, (error) => {
          assert.equal(error.code, "23514");
          return false;
        });
      assert.equal(inserted, accepted);
    }),
    { seed: 2, numRuns: 300 },
  );
});

const NOT_A_TIMESTAMP =
  "Cannot accept timestamp as it must be an existing ISO 8601 date and time with a zone, such as " +
  "2024-01-01T00:00:00Z: current value is ";
const badTimestamps = [
  "2024-01-01T00:00:00",
  "2024-01-01",
  "2024-01-01T00:00:00 Europe/Berlin",
  "2024-01-01T00:00:00 CET",
  "2023-02-29T00:00:00Z",
  "1900-02-29T00:00:00Z",
  "2024-04-31T00:00:00Z",
  "2024-13-01T00:00:00Z",
  "2024-00-01T00:00:00Z",
  "2024-01-00T00:00:00Z",
  "2024-01-01T24:00:00Z",
  "2024-01-01T23:60:00Z",
  "2024-01-01T23:59:60Z",
  "2024-01-01T00:00:00.1234567890Z",
  "2024-01-01T00:00:00.Z",
  "2024-01-01T00:00:00,5Z", // ISO 8601 allows the comma, Postgres does not
  "2024-01-01T00:00:00+15",
  "2024-01-01T00:00:00+1",
  "2024-01-01T00:00:00+01:60",
  "0000-01-01T00:00:00Z",
  "10000-01-01T00:00:00Z",
  "-2024-01-01T00:00:00Z",
  "01/02/2024 00:00:00Z",
  "1704067200",
  "infinity",
  "now",
  "",
  " 2024-01-01T00:00:00Z",
  "2024-01-01T00:00:00Z\n",
  "2024-01-01T00:00:00Z\u0000",
  "２０２４-01-01T00:00:00Z",
];
for (const timestamp of badTimestamps) {
  Deno.test(`a timestamp is refused that is ${JSON.stringify(timestamp)}`, () => {
    assert.deepEqual(fault(but("timestamp", timestamp)), [
      "timestamp",
      NOT_A_TIMESTAMP + JSON.stringify(timestamp),
    ]);
  });
}
for (
  const [value, shown] of [[1704067200000, "1704067200000"], [null, "null"], [undefined, "missing"]] as const
) {
  Deno.test(`a timestamp is refused that is ${shown} and no text`, () => {
    assert.deepEqual(fault(but("timestamp", value)), [
      "timestamp",
      `Cannot accept timestamp as it must be text: current value is ${shown}`,
    ]);
  });
}

for (
  const [value, shown] of [[5, "5"], ["x", '"x"'], [null, "null"], [[], "an array"], [undefined, "missing"]]
) {
  Deno.test(`${JSON.stringify(value) ?? "nothing"} is no reading`, () => {
    assert.deepEqual(fault(value), [
      "",
      `Cannot accept a reading as it must be an object: current value is ${shown}`,
    ]);
  });
}

Deno.test("other fields are ignored, whatever they are", () => {
  const parsed = Reading.parse({ ...reading(), s1: "x", note: null, constructor: 1, ["__proto__"]: {} });
  assert.deepEqual(parsed, reading());
});

Deno.test("a message shows a value of 10,000 levels as what it is", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  assert.match(fault(but("s2", deep))![1], /current value is an array$/);
});

// Timestamps against an independent oracle: days from civil after Hinnant ("chrono-compatible low-level date
// algorithms"), in whole microseconds, next to what Postgres makes of the very same text.

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number | undefined;
  readonly fraction: string | undefined;
  readonly zoneMinutes: number;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) +
    dayOfYear - 719468;
}

/** Microseconds since 1970, rounded to the nearest, ties to even as Postgres' rint() has them. */
function microseconds(parts: Parts): bigint {
  const minutes = BigInt(daysFromCivil(parts.year, parts.month, parts.day)) * 1440n +
    BigInt(parts.hour * 60 + parts.minute - parts.zoneMinutes);
  const nanos = BigInt((parts.fraction ?? "").padEnd(9, "0"));
  const whole = nanos / 1000n;
  const rest = nanos % 1000n;
  const up = rest > 500n || (rest === 500n && whole % 2n === 1n) ? 1n : 0n;
  return (minutes * 60n + BigInt(parts.second ?? 0)) * 1_000_000n + whole + up;
}

const two = (n: number) => String(n).padStart(2, "0");
const zoneText = (minutes: number, style: number) => {
  const [hour, minute] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const sign = minutes < 0 ? "-" : "+";
  if (style === 0 && minute === 0) return `${sign}${two(hour)}`;
  return `${sign}${two(hour)}${style === 1 ? "" : ":"}${two(minute)}`;
};

/** Mostly existing moments, some days, hours and zones that do not exist, in every style that is accepted. */
const timestamps = fc.record({
  parts: fc.record({
    year: fc.oneof(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1896, max: 2104 }),
      fc.constantFrom(1900, 2000, 2100),
    ),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.oneof(fc.integer({ min: 1, max: 28 }), fc.integer({ min: 28, max: 31 })),
    hour: fc.integer({ min: 0, max: 24 }),
    minute: fc.integer({ min: 0, max: 60 }),
    second: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    fraction: fc.option(fc.stringMatching(/^[0-9]{1,9}$/), { nil: undefined }),
    zoneMinutes: fc.integer({ min: -15 * 60 - 59, max: 15 * 60 + 59 }),
  }),
  separator: fc.constantFrom("T", "t", " "),
  zulu: fc.constantFrom("Z", "z", undefined, undefined),
  zoneStyle: fc.integer({ min: 0, max: 2 }),
}).map(({ parts: drawn, separator, zulu, zoneStyle }) => {
  const parts: Parts = {
    ...drawn,
    fraction: drawn.second === undefined ? undefined : drawn.fraction,
    zoneMinutes: zulu === undefined ? drawn.zoneMinutes : 0,
  };
  const seconds = parts.second === undefined
    ? ""
    : `:${two(parts.second)}${parts.fraction === undefined ? "" : `.${parts.fraction}`}`;
  const text = `${String(parts.year).padStart(4, "0")}-${two(parts.month)}-${two(parts.day)}${separator}` +
    `${two(parts.hour)}:${two(parts.minute)}${seconds}${zulu ?? zoneText(parts.zoneMinutes, zoneStyle)}`;
  return { parts, text };
});

function exists({ year, month, day, hour, minute, second, zoneMinutes }: Parts): boolean {
  const lastDay = daysFromCivil(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) -
    daysFromCivil(year, month, 1);
  return day <= lastDay && hour <= 23 && minute <= 59 && (second ?? 0) <= 59 &&
    Math.abs(zoneMinutes) < 15 * 60;
}

const accepts = (text: string) => fault(but("timestamp", text)) === undefined;

for (const zone of ["UTC", "America/St_Johns"]) {
  Deno.test(`an existing timestamp is accepted, no other, and Postgres reads it as the same instant (session in ${zone})`, async () => {
    await using db = await testDatabase({ empty: true, connections: 1 });
    await db.sql.unsafe(`set timezone = '${zone}'`);
    const drawn = fc.sample(timestamps, { seed: 20240101, numRuns: 5000 });

    const accepted = drawn.filter(({ text }) => accepts(text));
    assert.deepEqual(accepted, drawn.filter(({ parts }) => exists(parts)));
    assert.ok(accepted.length > 1000 && accepted.length < 4500, `${accepted.length} of 5000 were accepted`);

    const rows = await db.sql`
      select (extract(epoch from text::timestamptz) * 1000000)::numeric(30, 0)::text as microseconds
      from unnest(${accepted.map(({ text }) => text)}::text[]) with ordinality as sent (text, position)
      order by position`;
    for (const [i, { parts, text }] of accepted.entries()) {
      assert.equal(rows[i].microseconds, String(microseconds(parts)), text);
    }
  });
}

Deno.test("of texts that are nearly timestamps, Postgres can read each that is accepted", async () => {
  await using db = await testDatabase({ empty: true, connections: 1 });
  // one character of a good timestamp replaced, added or taken away
  const nearly = fc.tuple(
    timestamps.filter(({ parts }) => exists(parts)),
    fc.nat(40),
    fc.constantFrom("0", "1", "9", "-", "+", ":", ".", ",", " ", "T", "Z", "z", "é", ""),
    fc.boolean(),
  ).map(([{ text }, place, character, replace]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + character + text.slice(at + (replace ? 1 : 0));
  });
  const drawn = fc.sample(nearly, { seed: 7, numRuns: 20_000 }).filter(accepts);
  assert.ok(drawn.length > 500, `${drawn.length} were accepted`);

  const [{ count }] = await db.sql`
    select count(text::timestamptz)::integer as count from unnest(${drawn}::text[]) as text`;
  assert.equal(count, drawn.length);
});
