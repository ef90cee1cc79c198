import assert from "node:assert/strict";
import { testDatabase } from "../../support/database.ts";
import { abnormal, arrive, fleetWithModel, said, scoreAll } from "../../support/scored_fleet.ts";

Deno.test("a reading unlike healthy ones becomes an anomaly with score, threshold, model, sensors and their values", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first, second], model } = await fleetWithModel(sql);
  assert.deepEqual(await said(sql), { anomalies: [], episodes: [] });
  const hot = { ...first[0], s11: 49.9, s4: 1500 };
  await arrive(sql, [hot, second[0]]);
  const scored = await scoreAll(sql);
  log(scored, (await said(sql)).anomalies, (await said(sql)).episodes, model.id);
  await arrive(sql, first.slice(1, 8).map((reading) => abnormal(reading)));
  log(await scoreAll(sql), (await said(sql)).episodes, await sql`select * from alerts`);
  log(await sql`select * from recent_anomalies('SIM_01', 4)`);
});
function log(...a: unknown[]) { Deno.writeTextFileSync("/tmp/scoring_log.txt", a.map((x) => Deno.inspect(x, {depth: 8})).join("\n") + "\n", { append: true }); }
