import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { CopyDecoder, CopyFormatError } from "../../../shared/archive/copy_decoder.ts";
import { DaySnapshot } from "../../../shared/archive/day_snapshot.ts";
import { ReadingGroup } from "../../../shared/archive/reading_group.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import { type StoredReading, storeReadings } from "../../support/archived.ts";
import { hasPostgres15, testDatabase } from "../../support/database.ts";

const EXTREMES = [
  "NaN",
  "Infinity",
  "-Infinity",
  "-0",
  "0",
  "1e-45",
  "3.4028235e38",
  "-3.4028235e38",
  null,
  "0.1",
];

/** Every kind of value in every column; engines whose names begin alike, and sort otherwise in other languages. */
const READINGS: StoredReading[] = ["A", "AB", "A-B", "ENGINE_001", "a.b"].flatMap((engine, place) =>
  EXTREMES.map((_, i) => ({
    engine,
    cycle: [1, 2147483647, 7][i % 3],
    timestamp: `2024-03-10T${String(i).padStart(2, "0")}:00:00.00000${place}Z`,
    values: VALUE_COLUMNS.map((_, column) => EXTREMES[(i + column) % EXTREMES.length]),
    batch: `00000000-0000-4000-8000-00000000000${(i * 3) % 4}`,
    createdAt: i === 4 ? "infinity" : i === 5 ? "-infinity" : "1999-12-31T23:59:59.999999Z",
  }))
);

/** What was decoded, as text. */
function rowsOf(groups: readonly ReadingGroup[]): string[] {
  return groups.flatMap((group) =>
    Array.from({ length: group.length }, (_, row) =>
      [
        Buffer.from(group.engines.distinct[group.engines.indexes[row]]).toString(),
        group.cycles[row],
        group.timestamps.values[row],
        ...group.measurements.map(({ values, present }) =>
          present[row] ? Object.is(values[row], -0) ? "-0" : values[row] : null
        ),
        Buffer.from(group.batches.distinct[group.batches.indexes[row]]).toString("hex"),
        group.created.values[row],
      ].join("|"))
  );
}

/** Decodes chunks into as many groups as it takes. */
function decode(
  chunks: readonly Uint8Array[],
  capacity: number,
): { groups: ReadingGroup[]; decoder: CopyDecoder } {
  const decoder = new CopyDecoder();
  const groups = [new ReadingGroup(capacity)];
  for (const chunk of chunks) {
    let rest: Uint8Array | undefined = chunk;
    for (;;) {
      rest = decoder.decode(rest, groups.at(-1)!);
      if (rest === undefined) break;
      groups.push(new ReadingGroup(capacity));
    }
  }
  return { groups, decoder };
}

/** All that COPY sends of the day, and what a query says of it. */
async function copied(version: 15 | 17): Promise<{ bytes: Uint8Array; expected: string[]; digest: string }> {
  await using db = await testDatabase({ version });
  const { sql } = db;
  await storeReadings(sql, READINGS);
  const chunks: Uint8Array[] = [];
  {
    await using snapshot = await DaySnapshot.open(sql, "2024-03-10");
    assert.equal(await snapshot!.count(), READINGS.length);
    for await (const chunk of await snapshot!.copy()) chunks.push(chunk);
  }
  const micros = (column: string) => `
    case "${column}" when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808
    else (extract(epoch from "${column}") * 1000000)::bigint end`;
  const rows = await sql.unsafe(`
    select concat_ws('|', unit_number, cycle, ${micros("timestamp")},
      ${VALUE_COLUMNS.map((name) => `coalesce(${name}::float8::text, '')`).join(", ")},
      replace(batch_id::text, '-', ''), ${
    micros("created_at").replaceAll('"created_at"', "sensor_data.created_at")
  }) as row
    from sensor_data join engines on engines.id = engine_id
    order by unit_number collate "C", "timestamp", cycle`);
  const [{ digest }] = await sql`select digest from sensor_data_digest('2024-03-10')`;
  return {
    bytes: new Uint8Array(Buffer.concat(chunks)), // slices of a Buffer share its bytes
    // the same digits as JavaScript writes
    expected: rows.map(({ row }) =>
      row.split("|").map((value: string, i: number) =>
        i >= 3 && i < 20 && value !== "" && value !== "-0" ? String(Number(value)) : value
      ).join("|")
    ),
    digest,
  };
}

for (const version of [17, 15] as const) {
  Deno.test({
    name: `every value of every type comes out as it was stored, in order (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      const { bytes, expected, digest } = await copied(version);
      const { groups, decoder } = decode([bytes], 1000);
      assert.deepEqual(rowsOf(groups), expected);
      assert.equal(decoder.digest(), digest);
      assert.equal(decoder.rows, READINGS.length);
      assert.ok(decoder.ended);
    },
  });
}

Deno.test("it does not matter where the stream is cut, nor how large the groups are", async (t) => {
  const { bytes, expected, digest } = await copied(17);
  await t.step("cut once, at every byte of the header, of ten rows and of the end", () => {
    for (let at = 0; at <= bytes.length; at++) {
      if (at === 1500) at = bytes.length - 200;
      const { groups, decoder } = decode([bytes.slice(0, at), bytes.slice(at)], 20);
      assert.deepEqual(rowsOf(groups), expected, `cut at ${at}`);
      assert.equal(decoder.digest(), digest);
    }
  });
  await t.step("byte by byte", () => {
    const { groups } = decode(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)), 7);
    assert.deepEqual(rowsOf(groups), expected);
  });
  await t.step("anywhere, into groups of any size", () =>
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), fc.integer({ min: 1, max: 60 }), (cuts, capacity) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
        const { groups } = decode(chunks, capacity);
        assert.deepEqual(rowsOf(groups), expected);
        assert.ok(groups.slice(0, -1).every((group) => group.length === capacity));
      }),
      { numRuns: 50 },
    ));
});

Deno.test("what is not the whole of COPY's readings is noticed", async () => {
  const { bytes } = await copied(17);
  assert.equal(decode([bytes.subarray(0, -2)], 1000).decoder.ended, false);
  assert.equal(decode([bytes.subarray(0, 300)], 1000).decoder.ended, false);
  const refused = (change: (bytes: Uint8Array) => Uint8Array | void, message: RegExp) => {
    const changed = bytes.slice();
    assert.throws(
      () => decode([change(changed) ?? changed], 1000),
      (error) => error instanceof CopyFormatError && message.test(error.message),
    );
  };
  refused((bytes) => void (bytes[0] = 0x51), /signature/);
  refused((bytes) => void (bytes[20] = 3), /number of columns must be 24/);
  refused((bytes) => void (bytes[29] = 9), /cycle must be 4 bytes/);
  refused((bytes) => Buffer.concat([bytes, new Uint8Array(1)]), /what follows its end must be nothing/);
});
