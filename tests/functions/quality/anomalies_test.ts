import assert from "node:assert/strict";
import type postgres from "postgres";
import { Answer } from "../../../functions/quality/rows.ts";
import { problem } from "../../support/ingest_server.ts";
import { type QualityServer, qualityServer } from "../../support/quality_server.ts";
import { abnormal, arrive, fleetWithModel, scoreAll } from "../../support/scored_fleet.ts";

/** SIM_01 has an episode that is over and one that is open; SIM_02 has one anomaly; SIM_03 has none. */
async function found(sql: postgres.Sql): Promise<void> {
  const { next: [first, second, third] } = await fleetWithModel(sql);
  await arrive(sql, [
    abnormal(first[0]),
    abnormal(first[1]),
    ...first.slice(2, 5),
    abnormal(first[5]),
    abnormal(second[0]),
    third[0],
  ]);
  await scoreAll(sql);
}

/** Goes through all pages. */
async function pages(
  server: QualityServer,
  path: string,
  member: string,
): Promise<Record<string, unknown>[]> {
  const all = [];
  for (let cursor = "";;) {
    const { status, body } = await server.get(path + cursor);
    assert.equal(status, 200, JSON.stringify(body));
    all.push(...body[member]);
    if (body.next === null) return all;
    cursor = `&cursor=${body.next}`;
  }
}

Deno.test("anomalies, episodes and the last readings of an engine over HTTP, filtered and in pages", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await found(sql);

  const { status, body } = await server.get("/anomalies");
  assert.equal(status, 200);
  assert.deepEqual(Answer.anomalies.parse(body), body);
  const units = body.anomalies.map(({ unit_number }: { unit_number: string }) => unit_number);
  assert.deepEqual(units.toSorted(), ["SIM_01", "SIM_01", "SIM_01", "SIM_02"]);
  const [stored] = await sql`select * from anomalies where id = ${body.anomalies[0].id}`;
  const [newest] = body.anomalies;
  assert.deepEqual(
    [newest.score, newest.threshold, newest.sensors, newest.values, newest.model_id],
    [stored.score, stored.threshold, stored.sensors, stored.values, Number(stored.model_id)],
  );
  assert.equal(newest.timestamp, stored.timestamp.toISOString());
  assert.deepEqual(await pages(server, "/anomalies?limit=1", "anomalies"), body.anomalies);

  const of = async (query: string) =>
    (await server.get(`/anomalies?${query}`)).body.anomalies.map(({ id }: { id: number }) => id);
  const ids = (keep: (anomaly: Record<string, string>) => boolean) =>
    body.anomalies.filter(keep).map(({ id }: { id: number }) => id);
  assert.deepEqual(await of("engine=SIM_01"), ids(({ unit_number }) => unit_number === "SIM_01"));
  assert.deepEqual(
    await of(`since=${newest.timestamp}`),
    ids(({ timestamp }) => timestamp >= newest.timestamp),
  );
  assert.deepEqual(
    await of(`until=${newest.timestamp}`),
    ids(({ timestamp }) => timestamp < newest.timestamp),
  );
  assert.deepEqual(await of("detector=isolation_forest"), []);
  assert.deepEqual(await of("engine=SIM_03"), []);

  const episodes = (await server.get("/anomalies/episodes")).body;
  assert.deepEqual(Answer.episodes.parse(episodes), episodes);
  assert.deepEqual(await pages(server, "/anomalies/episodes?limit=2", "episodes"), episodes.episodes);
  const told = async (query: string) =>
    (await server.get(`/anomalies/episodes?${query}`)).body.episodes
      .map(({ unit_number, readings, open }: Record<string, unknown>) => [unit_number, readings, open]);
  assert.deepEqual(await told("engine=SIM_01&open=true"), [["SIM_01", 1, true]]);
  assert.deepEqual(await told("open=false"), [["SIM_01", 2, false]]);
  assert.deepEqual((await told("open=true")).length, 2);

  const recent = (await server.get("/engines/SIM_01/anomalies?n=4")).body;
  assert.deepEqual(Answer.recentAnomalies.parse(recent), recent);
  assert.deepEqual(recent.readings.map(({ is_anomaly }: { is_anomaly: boolean }) => is_anomaly), [
    true,
    false,
    false,
    false,
  ]);
  const [last] = recent.readings;
  const [open] = (await server.get("/anomalies/episodes?engine=SIM_01&open=true")).body.episodes;
  assert.equal(last.episode_id, open.id);
  assert.equal((await server.get("/engines/SIM_01/anomalies")).body.readings.length, 20);
});

Deno.test("what is asked for wrongly, or of an engine that nobody knows, is a problem that says so", async () => {
  await using server = await qualityServer();
  const invalid = async (path: string, detail: string) => {
    const { status, body } = await server.get(path);
    assert.equal(status, 400, path);
    assert.deepEqual(body, { ...problem(400, "invalid-parameter", "A parameter is not valid"), detail });
  };
  await invalid(
    "/anomalies?detector=svm",
    'Cannot read the parameter detector as it must be one of mean_abs_z, isolation_forest, mahalanobis: current value is "svm"',
  );
  await invalid(
    "/anomalies/episodes?open=maybe",
    'Cannot read the parameter open as it must be one of true, false: current value is "maybe"',
  );
  await invalid(
    "/engines/X/anomalies?n=1001",
    'Cannot read the parameter n as it must be a whole number from 1 to 1000: current value is "1001"',
  );
  for (const path of ["/anomalies?engine=X", "/anomalies/episodes?engine=X", "/engines/X/anomalies"]) {
    const { status, body } = await server.get(path);
    assert.equal(status, 404, path);
    assert.equal(body.detail, "Cannot find the engine X: no engine has this unit_number");
  }
  assert.equal((await server.post("/anomalies", {})).status, 405);
});
