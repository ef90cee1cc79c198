import assert from "node:assert/strict";
import { answerOf, ingestServer, KEY, problem } from "../../support/ingest_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { NOTHING, stored, storedDeadLetters } from "../../support/stored.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROBLEM_TYPE = "application/problem+json";

Deno.test("POST /ingest answers the batch's id and its counts", async () => {
  await using server = await ingestServer();

  const { status, headers, body } = await server.post(JSON.stringify(readings(3)));

  assert.equal(status, 200);
  assert.match(headers.get("content-type")!, /^application\/json/);
  const { batch_id, ...counts } = body;
  assert.match(batch_id, UUID);
  assert.deepEqual(counts, { accepted: 3, duplicates: 0, rejected: 0, errors: [] });
  const [batch] = await server.db
    .sql`select id, source, reference, received, accepted, duplicates, rejected from batches`;
  assert.deepEqual({ ...batch }, {
    id: batch_id,
    source: "ingest",
    reference: null,
    received: 3,
    accepted: 3,
    duplicates: 0,
    rejected: 0,
  });
});

Deno.test("the request's id becomes the batch's reference, cut to 200 characters", async () => {
  await using server = await ingestServer();

  await server.post(JSON.stringify(reading()), { "x-request-id": "r".repeat(300) });

  const [batch] = await server.db.sql`select reference from batches`;
  assert.equal(batch.reference, "r".repeat(200));
});

Deno.test("the same request again is all duplicates and changes no reading", async () => {
  await using server = await ingestServer();
  const body = JSON.stringify(readings(5));

  const first = await server.post(body);
  const second = await server.post(body);

  assert.deepEqual([first.body.accepted, first.body.duplicates], [5, 0]);
  assert.deepEqual([second.body.accepted, second.body.duplicates], [0, 5]);
  assert.deepEqual(await stored(server.db.sql), { readings: 5, engines: 1, batches: 2, deadLetters: 0 });
});

Deno.test("a rejected reading is named with index, path and message, and costs the others nothing", async () => {
  await using server = await ingestServer();
  const batch = readings(3);
  const bad = { ...batch[1], s11: "47.4" };

  const { status, body } = await server.post(JSON.stringify([batch[0], bad, batch[2]]));

  assert.equal(status, 200);
  const { batch_id: _, ...answer } = body;
  const message = "Cannot accept s11 as it must be a finite number within single precision, or null where " +
    'the sensor gave no value: current value is "47.4"';
  assert.deepEqual(answer, {
    accepted: 2,
    duplicates: 0,
    rejected: 1,
    errors: [{ index: 1, path: "s11", message }],
  });
  assert.deepEqual(await storedDeadLetters(server.db.sql), [
    { position: 1, payload: JSON.stringify(bad), path: "s11", reason: message, seen: 1 },
  ]);
});

Deno.test("errors are listed up to 100 while their count stays exact", async () => {
  await using server = await ingestServer();
  const batch = readings(250).map((each) => ({ ...each, s2: "hot" }));

  const { status, body } = await server.post(JSON.stringify([...batch, reading({ cycle: 251 })]));

  assert.equal(status, 200);
  assert.deepEqual([body.accepted, body.duplicates, body.rejected], [1, 0, 250]);
  assert.deepEqual(body.errors.map((error: { index: number }) => error.index), [...Array(100).keys()]);
  assert.deepEqual(await stored(server.db.sql), { readings: 1, engines: 1, batches: 1, deadLetters: 250 });
});

Deno.test("strict=true stores nothing at all when one reading is invalid, and says which with 422", async () => {
  await using server = await ingestServer();
  const batch = [...readings(2), reading({ cycle: 0, timestamp: "2024-01-01T00:00:00Z" })];

  const { status, headers, body } = await server.post(JSON.stringify(batch), {}, "?strict=true");

  assert.equal(status, 422);
  assert.equal(headers.get("content-type"), PROBLEM_TYPE);
  assert.deepEqual(body, {
    ...problem(422, "readings-rejected", "Some readings are not valid"),
    detail: "Nothing was stored, as strict=true and 1 of 3 readings are not valid",
    rejected: 1,
    errors: [{
      index: 2,
      path: "cycle",
      message: "Cannot accept cycle as it must be a whole number from 1 to 2147483647: current value is 0",
    }],
  });
  assert.deepEqual(await stored(server.db.sql), NOTHING);
});

Deno.test("strict=true caps the errors as well, and its count stays exact", async () => {
  await using server = await ingestServer();

  const { status, body } = await server.post(JSON.stringify(Array(101).fill(null)), {}, "?strict=true");

  assert.equal(status, 422);
  assert.equal(body.rejected, 101);
  assert.equal(body.errors.length, 100);
  assert.deepEqual(await stored(server.db.sql), NOTHING);
});

Deno.test("strict=true stores a batch whose readings are all valid; strict=false is the default", async () => {
  await using server = await ingestServer();

  const strict = await server.post(JSON.stringify(readings(2)), {}, "?strict=true");
  const lenient = await server.post(JSON.stringify([reading({ cycle: 3 }), {}]), {}, "?strict=false");

  assert.deepEqual([strict.status, strict.body.accepted], [200, 2]);
  assert.deepEqual([lenient.status, lenient.body.accepted, lenient.body.rejected], [200, 1, 1]);
});

for (const value of ["maybe", "", "TRUE", "1"]) {
  Deno.test(`?strict=${value} is refused with 400`, async () => {
    await using server = await ingestServer();

    const { status, headers, body } = await server.post(
      JSON.stringify(reading()),
      {},
      `?strict=${value}`,
    );

    assert.equal(status, 400);
    assert.equal(headers.get("content-type"), PROBLEM_TYPE);
    assert.deepEqual(body, {
      ...problem(400, "invalid-parameter", "A parameter is not valid"),
      detail: `Cannot read the parameter strict as it must be true or false: current value is ${value}`,
    });
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

Deno.test("a key is taken from Authorization: Bearer and from apikey", async () => {
  await using server = await ingestServer();
  const post = async (headers: Record<string, string>) => {
    const response = await fetch(server.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(reading()),
    });
    return (await answerOf(response)).status;
  };

  assert.equal(await post({ authorization: `Bearer ${KEY}` }), 200);
  assert.equal(await post({ authorization: `bearer  ${KEY}` }), 200);
  assert.equal(await post({ apikey: KEY }), 200);
  // supabase-js sends the key of its client as apikey, whatever else it is told to send
  assert.equal(await post({ apikey: "sb_publishable_of_a_project", authorization: `Bearer ${KEY}` }), 200);
});

const noKey = "Cannot accept the request as it must carry a key: Authorization: Bearer KEY, or apikey: KEY";
const wrongKey = "Cannot accept the request as its key must be a valid one";
const unauthorized: [string, Record<string, string>, string][] = [
  ["no key", {}, noKey],
  ["a key of another scheme", { authorization: `Basic ${KEY}` }, noKey],
  ["a wrong bearer key", { authorization: `Bearer ${KEY}x` }, wrongKey],
  ["a wrong apikey", { apikey: KEY.slice(0, -1) }, wrongKey],
  ["an empty apikey", { apikey: "" }, wrongKey],
];
for (const [what, headers, detail] of unauthorized) {
  Deno.test(`a request with ${what} gets 401 and stores nothing`, async () => {
    await using server = await ingestServer();

    const answer = await answerOf(
      await fetch(server.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(reading()),
      }),
    );

    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("content-type"), PROBLEM_TYPE);
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    assert.deepEqual(answer.body, { ...problem(401, "unauthorized", "A valid key is needed"), detail });
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
  Deno.test(`${method} /ingest gets 405 and the method that is allowed`, async () => {
    await using server = await ingestServer();

    const { status, headers, body } = await answerOf(
      await fetch(server.url, { method, headers: { authorization: `Bearer ${KEY}` } }),
    );

    assert.equal(status, 405);
    assert.equal(headers.get("allow"), "POST");
    assert.equal(headers.get("content-type"), PROBLEM_TYPE);
    assert.deepEqual(body, {
      ...problem(405, "method-not-allowed", "Method not allowed"),
      detail: "Cannot answer as the method must be POST",
    });
  });
}

for (const path of ["/ingest/readings", "/", "/ingestion"]) {
  Deno.test(`POST ${path} gets 404, as nothing is there`, async () => {
    await using server = await ingestServer();

    const { status, headers, body } = await answerOf(
      await fetch(new URL(path, server.url), {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify(reading()),
      }),
    );

    assert.equal(status, 404);
    assert.equal(headers.get("content-type"), PROBLEM_TYPE);
    assert.deepEqual(body, {
      ...problem(404, "not-found", "Not found"),
      detail: `Cannot find ${path}: there is nothing at this path`,
    });
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}
