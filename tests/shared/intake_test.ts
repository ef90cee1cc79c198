import assert from "node:assert/strict";
import { storeBatch } from "../../shared/intake.ts";
import { testDatabase } from "../support/database.ts";
import { candidates, readings } from "../support/readings.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

Deno.test("the same batch twice changes no reading", async () => {
  await using db = await testDatabase();
  const batch = candidates(readings(100));

  const first = await storeBatch(db.sql, ORIGIN, batch);
  const second = await storeBatch(db.sql, ORIGIN, batch);

  assert.deepEqual([first.accepted, first.duplicates, first.rejections], [100, 0, []]);
  assert.deepEqual([second.accepted, second.duplicates, second.rejections], [0, 100, []]);
  const [{ count }] = await db.sql`select count(*)::int from sensor_data`;
  assert.equal(count, 100);
});
