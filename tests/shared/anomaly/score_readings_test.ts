import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { anomalyModels, scoreReadings } from "../../../shared/anomaly/score_readings.ts";
import { scoreTask } from "../../../shared/anomaly/score_task.ts";
import type { Reading } from "../../../shared/reading.ts";
import { SENSORS } from "../../../shared/sensors.ts";
import { Unfinished } from "../../../shared/unfinished.ts";
import { hasPostgres15, testDatabase } from "../../support/database.ts";
import {
  abnormal,
  arrive,
  fleetWithModel,
  HISTORY_HOURS,
  said,
  scoreAll,
  startMs,
  trained,
} from "../../support/scored_fleet.ts";
import { simulatedFleet } from "../../support/simulated_fleet.ts";

const never = new AbortController().signal;

/** All readings are noted again, as if all had changed. */
async function noteAll(sql: postgres.Sql): Promise<void> {
  await sql`select note_unscored_readings(array_agg(id), array_agg(tstzrange(null, null))) from engines`;
}

/** Takes readings away with what was said of them, so that one fleet serves many runs. */
async function forgetSince(sql: postgres.Sql, from: string): Promise<void> {
  await sql`delete from sensor_data where "timestamp" >= ${from}::text::timestamptz`;
  await sql`truncate anomalies, anomaly_episodes, alerts cascade`;
  await sql`select roll_up_readings()`;
  await scoreAll(sql);
}

Deno.test("a reading unlike healthy ones becomes an anomaly with score, threshold, model, sensors and their values", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first, second], model } = await fleetWithModel(sql);
  assert.deepEqual(await said(sql), { anomalies: [], episodes: [] }); // the control: all of it is healthy
  const hot = { ...first[0], s11: 49.9, s4: 1500.5 };
  await arrive(sql, [hot, second[0]]);
  const scored = await scoreAll(sql);
  assert.deepEqual(
    { ...scored },
    { detector: "mean_abs_z", engines: 2, readings: 2, anomalies: 1, withdrawn: 0 },
  );
  const [anomaly, ...others] = await sql`
    select anomalies.*, unit_number, "timestamp" = ${hot.timestamp} as of_it
    from anomalies join engines on engines.id = engine_id`;
  assert.equal(others.length, 0);
  assert.deepEqual(
    [anomaly.unit_number, anomaly.cycle, anomaly.of_it, anomaly.severity],
    ["SIM_01", hot.cycle, true, "fail"],
  );
  assert.equal(Number(anomaly.model_id), model.id);
  assert.ok(anomaly.score > anomaly.threshold);
  // what made it one, with what it measured, and no others
  assert.deepEqual(Object.keys(anomaly.sensors).sort(), ["s11", "s4"]);
  assert.deepEqual(anomaly.values, { s11: 49.9, s4: 1500.5 });
  // and it can be traced to a run with its beginning and end
  const events =
    await sql`select event_type, job_name from lineage where run_id = ${anomaly.run_id} order by event_id`;
  assert.deepEqual(events.map(({ event_type, job_name }) => [event_type, job_name]), [
    ["START", "score_anomalies"],
    ["COMPLETE", "score_anomalies"],
  ]);
});

Deno.test("scoring again changes nothing, and a reading that is corrected is no anomaly any more", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first] } = await fleetWithModel(sql);
  await arrive(sql, first.slice(0, 4).map((reading) => abnormal(reading)));
  await scoreAll(sql);
  const rows = () => sql`select *, xmin from anomalies order by id`;
  const episodes = () => sql`select *, xmin from anomaly_episodes`;
  const before = [await rows(), await episodes()];
  await noteAll(sql);
  const again = await scoreAll(sql);
  assert.deepEqual([again.readings, again.anomalies, again.withdrawn], [3 * HISTORY_HOURS + 4, 0, 0]);
  assert.deepEqual([await rows(), await episodes()], before);

  const corrected = sql(Object.fromEntries(SENSORS.map((sensor) => [sensor, first[1][sensor]])));
  await sql`update sensor_data set ${corrected} where "timestamp" = ${first[1].timestamp}`;
  await sql`delete from sensor_data where "timestamp" = ${first[3].timestamp}`;
  await sql`select roll_up_readings()`;
  assert.equal((await scoreAll(sql)).withdrawn, 2);
  const { anomalies, episodes: [episode] } = await said(sql) as {
    anomalies: unknown[];
    episodes: { readings: number; last_cycle: number }[];
  };
  assert.equal(anomalies.length, 2);
  assert.deepEqual([episode.readings, episode.last_cycle], [2, first[2].cycle]);
});

for (const version of [17, 15] as const) {
  Deno.test({
    name:
      `what is said does not depend on the order in which readings came and were scored, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version });
      const { sql } = db;
      const { next } = await fleetWithModel(sql, 2);
      const first = next[0][0].timestamp < next[1][0].timestamp ? next[0][0] : next[1][0];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 16, maxLength: 16 }),
          fc.array(fc.nat(5), { minLength: 32, maxLength: 32 }),
          fc.integer({ min: 1, max: 20 }),
          async (anomalous, arrival, most) => {
            const readings = anomalous.flatMap((both, hour) =>
              both.map((is, engine) => is ? abnormal(next[engine][hour]) : next[engine][hour])
            );
            await arrive(sql, readings);
            await scoreAll(sql);
            const expected = await said(sql);
            assert.equal(expected.anomalies.length, anomalous.flat().filter(Boolean).length);
            assert.deepEqual(
              expected.episodes.map((row) => (row as { readings: number }).readings),
              [0, 1].flatMap((engine) => runs(anomalous.map((both) => both[engine]))),
            );
            await forgetSince(sql, first.timestamp);

            for (const wave of new Set(arrival)) {
              await arrive(sql, readings.filter((_, i) => arrival[i] === wave));
              await scoreReadings(sql, anomalyModels(), most); // not all of it before the next wave
            }
            await scoreAll(sql, most);
            assert.deepEqual(await said(sql), expected);
            await forgetSince(sql, first.timestamp);
          },
        ),
        { numRuns: version === 17 ? 12 : 4 },
      );
    },
  });
}

/** How many anomalies each episode has: three readings in a row that are none end it. */
function runs(anomalous: readonly boolean[]): number[] {
  const lengths: number[] = [];
  let gap = 3;
  for (const is of anomalous) {
    if (!is) gap++;
    else {
      if (gap > 2) lengths.push(0);
      lengths[lengths.length - 1]++;
      gap = 0;
    }
  }
  return lengths;
}

Deno.test("a late anomaly joins two episodes, a late healthy reading splits one; who was first keeps the id", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first] } = await fleetWithModel(sql);
  const at = (hours: readonly number[], change = abnormal) => hours.map((hour) => change(first[hour]));
  const same = (reading: Reading) => reading;
  const episodes = async () => {
    const rows =
      await sql`select id::integer, first_cycle, last_cycle, readings, open from anomaly_episodes order by started_at`;
    return rows.map(({ id, first_cycle, last_cycle, readings, open }) => [
      id,
      first_cycle - first[0].cycle,
      last_cycle - first[0].cycle,
      readings,
      open,
    ]);
  };
  await arrive(sql, [...at([0, 1, 7, 8]), ...at([2, 3, 5], same)]);
  await scoreAll(sql);
  const [[one], [two]] = await episodes();
  assert.deepEqual(await episodes(), [[one, 0, 1, 2, false], [two, 7, 8, 2, true]]);

  await arrive(sql, at([4]));
  await scoreAll(sql);
  assert.deepEqual(await episodes(), [[one, 0, 8, 5, true]]);

  await arrive(sql, at([6], same)); // two between 4 and 7: not enough
  await scoreAll(sql);
  assert.deepEqual(await episodes(), [[one, 0, 8, 5, true]]);
  const between = { ...first[5], timestamp: new Date(Date.parse(first[5].timestamp) + 60_000).toISOString() };
  await arrive(sql, [between]);
  await scoreAll(sql);
  const split = await episodes();
  assert.deepEqual(split.map(([, ...rest]) => rest), [[0, 4, 3, false], [7, 8, 2, true]]);
  assert.equal(split[0][0], one);

  await arrive(sql, at([9, 10, 11], same));
  await scoreAll(sql);
  assert.deepEqual((await episodes()).map((row) => row[4]), [false, false]);
});

Deno.test("readings of an engine without a baseline are scored when it has one", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await fleetWithModel(sql);
  const fresh = simulatedFleet({
    engines: 1,
    hours: HISTORY_HOURS,
    startMs: startMs(),
    seed: 5,
    name: () => "NEW",
  });
  fresh[104] = abnormal(fresh[104]);
  // those that come first are the last in time: what is compared with what is not known yet
  await arrive(sql, fresh.slice(60));
  assert.deepEqual((await scoreAll(sql)).readings, 50);
  assert.deepEqual((await said(sql)).anomalies, []);
  await arrive(sql, fresh.slice(0, 60));
  const scored = await scoreAll(sql);
  assert.deepEqual([scored.readings, scored.anomalies], [HISTORY_HOURS, 1]);
  // and when its baseline is another, all of them are scored again
  await sql`delete from sensor_data where cycle = 50 and engine_id = (select id from engines where unit_number = 'NEW')`;
  await sql`select roll_up_readings()`;
  assert.equal((await scoreAll(sql)).readings, HISTORY_HOURS - 1);
  // without enough readings there is none, and what was said does not hold
  await sql`delete from sensor_data where cycle <= 20 and engine_id = (select id from engines where unit_number = 'NEW')`;
  await sql`select roll_up_readings()`;
  assert.equal((await scoreAll(sql)).withdrawn, 1);
  assert.deepEqual(await said(sql), { anomalies: [], episodes: [] });
});

Deno.test("of a reading with few sensors, or in a condition that nobody knows, nothing is said; one missing sensor is no matter", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first] } = await fleetWithModel(sql);
  const without = (reading: Reading, count: number) => ({
    ...reading,
    ...Object.fromEntries(SENSORS.slice(0, count).map((sensor) => [sensor, null])),
  });
  await arrive(sql, [
    without(abnormal(first[0]), 10),
    { ...abnormal(first[1]), altitude: 17_000 },
    without(abnormal(first[2]), 14),
  ]);
  assert.equal((await scoreAll(sql)).anomalies, 0);
  await arrive(sql, [without(abnormal(first[3]), 1)]);
  assert.equal((await scoreAll(sql)).anomalies, 1);
  const [{ sensors }] = await sql`select sensors from anomalies`;
  assert.ok(!("s2" in sensors));
});

Deno.test("another detector or model speaks of new readings; what was said before stays as it was said", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first], model } = await fleetWithModel(sql);
  const models = anomalyModels();
  const detectors = async () => {
    const rows = await sql`select detector, model_id::integer from anomalies order by "timestamp", detector`;
    return rows.map(({ detector, model_id }) => [detector, model_id]);
  };
  await arrive(sql, [abnormal(first[0])]);
  await scoreAll(sql, 1000, models);
  await sql`update model_settings set anomaly_detector = 'mahalanobis'`;
  const second = await trained(sql);
  await arrive(sql, [abnormal(first[1])]);
  await scoreAll(sql, 1000, models); // a cache that knows the first model uses the second
  assert.deepEqual(await detectors(), [["mean_abs_z", model.id], ["mahalanobis", second.id]]);
  await sql`update model_settings set anomaly_detector = 'isolation_forest'`;
  await noteAll(sql);
  await scoreAll(sql, 1000, models);
  const found = await detectors();
  assert.equal(found.filter(([detector]) => detector === "isolation_forest").length, 2);
  assert.equal(found.length, 4);
  assert.equal((await sql`select from anomaly_episodes`).length, 3);
});

Deno.test("an engine is scored by the model of its set; one for which there is none waits", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const all = simulatedFleet({ engines: 4, hours: HISTORY_HOURS, startMs: startMs(), seed: 3 });
  await arrive(sql, all);
  await sql`update engines set dataset = case when unit_number < 'SIM_03' then 'FD001' end`;
  const own = await trained(sql, "FD001");
  const scored = await scoreAll(sql);
  assert.deepEqual([scored.engines, scored.readings], [2, 2 * HISTORY_HOURS]);
  const waiting =
    await sql`select unit_number from unscored_readings join engines on engines.id = engine_id order by 1`;
  assert.deepEqual(waiting.map(({ unit_number }) => unit_number), ["SIM_03", "SIM_04"]);
  const every = await trained(sql);
  assert.equal((await scoreAll(sql)).engines, 2);
  const last = all.slice(-4).map((reading) =>
    abnormal({
      ...reading,
      cycle: reading.cycle + 1,
      timestamp: new Date(Date.parse(reading.timestamp) + 3_600_000).toISOString(),
    })
  );
  await arrive(sql, last);
  await scoreAll(sql);
  const rows =
    await sql`select unit_number, model_id::integer from anomalies join engines on engines.id = engine_id order by 1`;
  assert.deepEqual(rows.map(({ model_id }) => model_id), [own.id, own.id, every.id, every.id]);
});

Deno.test("the task says that there is no model, and readings wait; it does a part at a time, and says how much is left", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const all = simulatedFleet({ engines: 3, hours: HISTORY_HOURS, startMs: startMs(), seed: 11 });
  await arrive(sql, all);
  const models = anomalyModels();
  assert.deepEqual(await scoreTask(sql, models, 1, never), {
    advice: "no model: run deno task train",
    waiting: 3,
  });
  await trained(sql);
  const budget = { piece: 50, attempt: 200 };
  await assert.rejects(scoreTask(sql, models, 1, never, { budget }), (error) => {
    assert.ok(error instanceof Unfinished);
    assert.match(
      error.message,
      /^Cannot score all readings at once: those of 2 engines are left for the next attempt$/,
    );
    return true;
  });
  assert.deepEqual(await scoreTask(sql, models, 2, never, { budget }), {
    detector: "mean_abs_z",
    readings: 130,
    anomalies: 0,
    withdrawn: 0,
    waiting: 0,
  });
  // it does not use up its last attempts: the tasks after it wait
  await noteAll(sql);
  const last = await scoreTask(sql, models, 90, never, { budget }) as { readings: number; waiting: number };
  assert.deepEqual([last.readings, last.waiting], [200, 2]);
});

Deno.test("two workers at once score everything once between them", async () => {
  await using db = await testDatabase({ connections: 8 });
  const { sql } = db;
  const { next } = await fleetWithModel(sql, 6);
  await arrive(sql, next.flatMap((readings) => readings.slice(0, 8).map((reading) => abnormal(reading))));
  const models = anomalyModels();
  const workers = await Promise.all(
    [1, 2, 3].map(() => scoreTask(sql, models, 1, never, { budget: { piece: 5, attempt: 1000 } })),
  ) as { readings: number; anomalies: number }[];
  const sum = (name: "readings" | "anomalies") => workers.reduce((total, worker) => total + worker[name], 0);
  // an engine that another one has is skipped: what is left is its own, and the last one to ask takes it
  await scoreAll(sql);
  assert.equal((await sql`select from anomalies`).length, 48);
  assert.equal(sum("readings") <= 48 && sum("anomalies") <= 48, true);
  assert.equal((await sql`select from anomaly_episodes`).length, 6);
  assert.equal((await sql`select from unscored_readings`).length, 0);
});
