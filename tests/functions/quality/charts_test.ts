/** The endpoints that charts are drawn from. */

import assert from "node:assert/strict";
import { flownFleet } from "../../support/flown_fleet.ts";
import { type QualityServer, qualityServer, SECRET } from "../../support/quality_server.ts";

async function ask(server: QualityServer, path: string) {
  const response = await fetch(server.url + path, { headers: SECRET });
  return { status: response.status, body: await response.json() };
}

Deno.test("a series has the engine's anomalies by the detector that decides, and all of its predictions", async () => {
  await using server = await qualityServer();
  await flownFleet(server.db.sql);
  const { body: { series, anomalies } } = await ask(server, "/engines/FLIES/series?slots=50");
  assert.equal(series.readings, 148);
  assert.equal(series.time.length <= 50, true);
  assert.deepEqual(
    anomalies.map(({ cycle, severity, sensors }: Record<string, unknown>) => ({ cycle, severity, sensors })),
    [{ cycle: 152, severity: "fail", sensors: { s11: 20 } }],
  );
  const calm = (await ask(server, "/engines/CALM/series")).body;
  assert.deepEqual(calm.anomalies, []); // there is one of another detector
  assert.deepEqual(calm.predictions.map((row: Record<string, unknown>) => row.predicted_rul), [120]);
  const at = encodeURIComponent(new Date(Date.now() - 4 * 3_600_000).toISOString());
  const since = (await ask(server, `/engines/FLIES/series?since=${at}&condition=1`)).body;
  assert.deepEqual([since.anomalies, since.series.readings < 5, since.series.condition], [[], true, 1]);
});

Deno.test("the whole fleet comes in pages, each engine once and as in its health report", async () => {
  await using server = await qualityServer();
  await flownFleet(server.db.sql);
  const names: string[] = [];
  let cursor = "";
  do {
    const { body } = await ask(server, `/fleet/engines?limit=4${cursor}`);
    names.push(...body.engines.map(({ unit_number }: { unit_number: string }) => unit_number));
    cursor = body.next === null ? "" : `&cursor=${body.next}`;
  } while (cursor !== "");
  assert.deepEqual(names, ["CALM", "DRIFTS", "FLIES", "GONE", "STRANGE", "WORN"]);
  const { body: { engines: [worn] } } = await ask(server, "/fleet/engines?cursor=STRANGE");
  const { body: { engine } } = await ask(server, "/engines/WORN/health");
  const both = Object.keys(worn).filter((name) => name !== "silent_for");
  assert.deepEqual(worn, Object.fromEntries(both.map((name) => [name, engine[name]])));
  assert.equal(worn.predicted_rul, 40);
  assert.deepEqual((await ask(server, "/fleet/engines?dataset=OTHER")).body, { engines: [], next: null });
});

Deno.test("what cannot be drawn is refused with what it must be", async () => {
  await using server = await qualityServer();
  const { status, body } = await ask(server, "/arrivals?seconds=59");
  assert.equal(status, 400);
  assert.match(body.detail, /seconds as it must be a whole number from 60 to 86400: current value is "59"/);
  assert.equal((await ask(server, "/engines/nobody/series")).status, 404);
  assert.equal((await ask(server, "/engines/nobody/series?slots=2001")).status, 400);
});
