import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type AsyncBuffer, parquetMetadata, parquetReadObjects } from "hyparquet";
import {
  NumberValues,
  type ParquetColumn,
  ParquetFile,
  type ParquetValues,
} from "../../../shared/lake/parquet.ts";
import { bitsFor, packedBound, packIndexes } from "../../../shared/lake/parquet_indexes.ts";
import { duckdb } from "../../support/duckdb.ts";

const COLUMNS: ParquetColumn[] = [
  { name: "text", type: "text", nullable: true },
  { name: "uuid", type: "uuid", nullable: true },
  { name: "int32", type: "int32", nullable: true },
  { name: "float32", type: "float32", nullable: true },
  { name: "float64", type: "float64", nullable: true },
  { name: "timestamp", type: "timestamp", nullable: true },
];

async function fileOf(
  columns: readonly ParquetColumn[],
  groups: readonly (readonly ParquetValues[])[],
  metadata?: Record<string, string>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const file = new ParquetFile(columns, (bytes) => {
    chunks.push(bytes.slice());
    return Promise.resolve();
  }, metadata);
  for (const group of groups) await file.writeGroup(group);
  await file.finish();
  return new Uint8Array(Buffer.concat(chunks));
}

/** Answers of DuckDB about a file. */
async function asked(bytes: Uint8Array, query: (file: string) => string): Promise<Record<string, unknown>[]> {
  const path = await Deno.makeTempFile({ suffix: ".parquet" });
  try {
    await Deno.writeFile(path, bytes);
    return await duckdb(query(`'${path}'`));
  } finally {
    await Deno.remove(path);
  }
}

/** Values as hyparquet reads them. */
function read(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown>[]> {
  const file: AsyncBuffer = {
    byteLength: bytes.length,
    slice: (start, end) => Promise.resolve(bytes.slice(start, end).buffer),
  };
  return parquetReadObjects({ file });
}

const withNulls = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: values }, fc.constant(null));
const bigMicros = fc.bigInt(-(2n ** 53n), 2n ** 53n);
/** Few distinct values, so that they come again, in runs too; and many. */
const often = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof(
    values,
    fc.array(values, { minLength: 1, maxLength: 3 }).chain((few) => fc.constantFrom(...few)),
  );
const ROW = fc.tuple(
  withNulls(often(fc.string({ unit: "grapheme", maxLength: 90 }))),
  withNulls(often(fc.uuid())),
  withNulls(often(fc.integer())),
  withNulls(often(fc.float())),
  withNulls(often(fc.double())),
  withNulls(often(bigMicros)),
);

Deno.test("what is written is what hyparquet reads, whatever the values", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(ROW, fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (runs, parts) => {
        const rows = runs.flatMap(([row, times]) => Array.from({ length: times }, () => row));
        const size = Math.ceil(rows.length / parts);
        const groups = Array.from(
          { length: Math.ceil(rows.length / size) },
          (_, part) =>
            COLUMNS.map((_, column) => rows.slice(part * size, (part + 1) * size).map((row) => row[column])),
        );
        const bytes = await fileOf(COLUMNS, groups);
        const expected = rows.map(([text, uuid, int32, float32, float64, micros]) => ({
          text,
          uuid,
          int32,
          float32,
          float64,
          timestamp: micros === null ? null : new Date(Number(micros) / 1000),
        }));
        // its Dates have milliseconds only; DuckDB is asked for the microseconds below
        const readBack = await read(bytes);
        assert.deepEqual(
          readBack.map((row) => ({ ...row, text: row.text ?? null })),
          expected.map((row) => ({
            ...row,
            timestamp: row.timestamp && new Date(row.timestamp.getTime()),
          })),
        );
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("DuckDB reads every type, nulls, microseconds, what is not a number, and text of several bytes a character", async () => {
  const values: ParquetValues[] = [
    ["b", null, "ä\u{1f6e9}", "", "b"],
    ["00000000-0000-4000-8000-00000000000a", null, "ffffffff-ffff-ffff-ffff-ffffffffffff", null, null],
    [1, null, -2147483648, 2147483647, 0],
    [0.1, null, NaN, -Infinity, -0],
    [0.1, null, NaN, Infinity, 5e-324],
    [new Date("2024-01-01T00:00:00.001Z"), null, -1n, 253402300799999999n, -62135596800000000n],
  ];
  const rows = await asked(await fileOf(COLUMNS, [values]), (file) => `from ${file}`);
  assert.deepEqual(
    rows,
    [
      ["b", "00000000-0000-4000-8000-00000000000a", 1, Math.fround(0.1), 0.1, "2024-01-01 00:00:00.001+00"],
      [null, null, null, null, null, null],
      [
        "ä\u{1f6e9}",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        -2147483648,
        "NaN",
        "NaN",
        "1969-12-31 23:59:59.999999+00",
      ],
      ["", null, 2147483647, "-Infinity", "Infinity", "9999-12-31 23:59:59.999999+00"],
      ["b", null, 0, -0, 5e-324, "0001-01-01 00:00:00+00"],
    ].map((row) => Object.fromEntries(COLUMNS.map(({ name }, i) => [name, row[i]]))),
  );
});

Deno.test("statistics are the bounds of each group; of what is not a number there are none, so that no group is skipped wrongly", async () => {
  const group = (text: (string | null)[], numbers: (number | null)[]): ParquetValues[] => [
    text,
    text.map(() => "00000000-0000-4000-8000-00000000000a"),
    numbers.map((value) => value === null || Number.isNaN(value) ? null : Math.trunc(value)),
    numbers,
    numbers,
    numbers.map((value) =>
      value === null || Number.isNaN(value) ? null : BigInt(Math.trunc(value)) * 2n ** 33n
    ),
  ];
  const long = "x".repeat(63);
  const bytes = await fileOf(COLUMNS, [
    group(["b", "ä", "a", null, "\u{1f6e9}", "\uff5e"], [3, -2, null, 0, 7.5, 7.5]),
    group([`${long}yz`, `${long}ya`], [NaN, 1]),
    group([null, null], [null, null]),
    group(["", "a"], [0, 0]),
  ]);
  const rows = await asked(
    bytes,
    (file) =>
      `select path_in_schema as name, row_group_id::integer as part, stats_min_value as min, stats_max_value as max,
       stats_null_count::integer as nulls
     from parquet_metadata(${file}) order by part, column_id`,
  );
  const of = (name: string) =>
    rows.filter((row) => row.name === name).map(({ min, max, nulls }) => [min, max, nulls]);
  // by bytes: the last two characters are the other way round in UTF-16
  assert.deepEqual(of("text"), [
    ["a", "\u{1f6e9}", 1],
    [`${long}y`, `${long}z`, 0], // cut to 64 bytes, and still bounds
    [null, null, 2],
    ["", "a", 0],
  ]);
  assert.deepEqual(of("int32"), [["-2", "7", 1], ["1", "1", 1], [null, null, 2], ["0", "0", 0]]);
  assert.deepEqual(of("float32"), [["-2.0", "7.5", 1], [null, null, 0], [null, null, 2], ["-0.0", "0.0", 0]]);
  assert.deepEqual(of("float64"), of("float32"));
  const found = await asked(
    bytes,
    (file) => `select count(*)::integer as n from ${file} where float32 > 1000`,
  );
  assert.deepEqual(found, [{ n: 1 }]); // as DuckDB sees it, NaN is larger than any number
  const micros = await asked(
    bytes,
    (file) =>
      `select count(*)::integer as n from ${file} where timestamp < make_timestamptz(0) or timestamp > make_timestamptz(7 * 8589934592 - 1)`,
  );
  assert.deepEqual(micros, [{ n: 3 }]);
});

Deno.test("a dictionary is used where it saves something, with many values and with few", async () => {
  const rows = 100_000;
  const columns: ParquetColumn[] = ["constant", "three", "thousands", "different"].map((name) => ({
    name,
    type: "float32",
  }));
  const values = [1, 3, 20_000, rows].map((distinct) =>
    new NumberValues(
      Float32Array.from({ length: rows }, (_, i) => Math.imul(i, 2654435761 % distinct | 1) % distinct),
    )
  );
  const bytes = await fileOf(columns, [values]);
  const metadata = parquetMetadata(bytes.buffer);
  const encodings = metadata.row_groups[0].columns.map(({ meta_data }) =>
    meta_data!.encodings.includes("RLE_DICTIONARY")
  );
  assert.deepEqual(encodings, [true, true, true, false]);
  assert.ok(metadata.row_groups[0].columns[0].meta_data!.total_compressed_size < 100n);
  const sums = await asked(
    bytes,
    (file) =>
      `select ${columns.map(({ name }) => `sum(${name}::double) as ${name}`).join(", ")} from ${file}`,
  );
  assert.deepEqual(
    Object.values(sums[0]),
    values.map(({ values }) => Array.from(values as Float32Array).reduce((sum, value) => sum + value, 0)),
  );
});

Deno.test("whole numbers are packed into as many bits as they need, in runs and without", () => {
  /** Reads them back as the format says, by another way than hyparquet's. */
  const unpacked = (bytes: Uint8Array, count: number, bits: number): number[] => {
    const numbers: number[] = [];
    let at = 0;
    while (numbers.length < count) {
      let header = 0;
      for (let shift = 0;; shift += 7) {
        header += (bytes[at] & 127) * 2 ** shift;
        if (bytes[at++] < 128) break;
      }
      if (header % 2 === 0) {
        let value = 0;
        for (let i = 0; i < Math.ceil(bits / 8); i++) value += bytes[at++] * 256 ** i;
        for (let i = 0; i < header / 2; i++) numbers.push(value);
      } else {
        const groups = (header - 1) / 2;
        let all = 0n;
        for (let i = 0; i < groups * bits; i++) all |= BigInt(bytes[at++]) << BigInt(8 * i);
        for (let i = 0; i < groups * 8; i++) {
          numbers.push(Number(all >> BigInt(i * bits) & (1n << BigInt(bits)) - 1n));
        }
      }
    }
    assert.equal(at, bytes.length);
    return numbers.slice(0, count);
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1 << 24 }).chain((distinct) =>
        fc.tuple(
          fc.constant(distinct),
          fc.array(fc.tuple(fc.nat(distinct - 1), fc.integer({ min: 1, max: 40 })), {
            minLength: 1,
            maxLength: 50,
          }),
        )
      ),
      ([distinct, runs]) => {
        const numbers = Uint32Array.from(runs.flatMap(([value, times]) => Array(times).fill(value)));
        const bits = bitsFor(distinct);
        const out = new Uint8Array(packedBound(numbers.length, bits));
        const end = packIndexes(numbers, numbers.length, bits, out, 0);
        assert.ok(end <= out.length);
        assert.deepEqual(unpacked(out.subarray(0, end), numbers.length, bits), Array.from(numbers));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a value that is not of its column's type is refused, and so are columns of different lengths", async () => {
  const only = (type: ParquetColumn["type"], values: unknown[]) => fileOf([{ name: "x", type }], [[values]]);
  await assert.rejects(
    only("int32", [1.5]),
    /Cannot write column x as its values must be whole numbers of 32 bits: current value is 1.5/,
  );
  await assert.rejects(only("int32", [2 ** 31]), /whole numbers of 32 bits/);
  await assert.rejects(only("float32", ["1"]), /must be numbers/);
  await assert.rejects(only("text", [1]), /must be texts/);
  await assert.rejects(only("uuid", ["x"]), /must be uuids/);
  await assert.rejects(only("timestamp", [new Date(NaN)]), /must be Dates/);
  await assert.rejects(only("text", [null]), /must not be null/);
  const two: ParquetColumn[] = [{ name: "a", type: "int32" }, { name: "b", type: "int32" }];
  await assert.rejects(
    fileOf(two, [[[1, 2], [1]]]),
    /Cannot write column b as it must have 2 values: current value is 1/,
  );
});
