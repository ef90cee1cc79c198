/** Corrections of dead letters over HTTP. */

import assert from "node:assert/strict";
import { storeBatch } from "../../../shared/intake.ts";
import { problem } from "../../support/ingest_server.ts";
import { type QualityServer, qualityServer } from "../../support/quality_server.ts";
import { candidates, reading } from "../../support/readings.ts";

async function deadLetter(server: QualityServer): Promise<number> {
  const broken = { ...reading({ cycle: 7 }), s2: "hot" };
  await storeBatch(server.db.sql, { source: "ingest", reference: null }, candidates([broken]));
  const [{ id }] = await server.db.sql`select id::float8 from dead_letters`;
  return id;
}

Deno.test("a correction is kept as it was written, and replayed in the place of what came", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const id = await deadLetter(server);
  const correction = JSON.stringify(reading({ cycle: 7 }), null, 2);
  const { status, body } = await server.post(`/dead-letters/${id}/correction`, { correction });
  assert.deepEqual([status, body], [200, { id, correction }]);
  const [kept] = await sql`select correction::text, payload::text from dead_letters`;
  assert.equal(kept.correction, correction);
  assert.match(kept.payload, /"hot"/);
  const replay = await server.post("/dead-letters/replay", { ids: [id] });
  assert.deepEqual(replay.body, { passed: 1, failed: 0, withheld: 0 });
  assert.equal((await sql`select from sensor_data where cycle = 7`).length, 1);
  const log =
    await sql`select actor, action, target, details from audit_log where action like 'dead_letters.c%'`;
  assert.deepEqual(log.map((row) => ({ ...row })), [{
    actor: "function quality",
    action: "dead_letters.correct",
    target: String(id),
    details: { corrected: true },
  }]);

  const late = await server.post(`/dead-letters/${id}/correction`, { correction });
  assert.deepEqual(late.body, {
    ...problem(409, "dead-letter-not-open", "The dead letter is not open"),
    detail: `Cannot correct the dead letter ${id} as it must be open: it has been replayed`,
  });
});

Deno.test("a correction can be taken away, and must be JSON", async () => {
  await using server = await qualityServer();
  const id = await deadLetter(server);
  await server.post(`/dead-letters/${id}/correction`, { correction: "[]" });
  for (const correction of ["{", 7, undefined]) {
    const { status, body } = await server.post(`/dead-letters/${id}/correction`, { correction });
    assert.equal(status, 400);
    assert.match(body.detail, /^Cannot read the parameter correction as it must be JSON text, or null/);
  }
  assert.equal((await server.post(`/dead-letters/${id}/correction`, { correction: null })).status, 200);
  const [{ correction }] = await server.db.sql`select correction from dead_letters`;
  assert.equal(correction, null);
  assert.equal((await server.post("/dead-letters/999/correction", { correction: null })).status, 404);
});
