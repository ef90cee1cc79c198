/** Flights into the real function behind HTTP, and what happens when it is not there. */

import assert from "node:assert/strict";
import { freePort } from "../../../scripts/local/postgres.ts";
import { silent } from "../../../scripts/progress.ts";
import { type FaultLabel, FAULTS } from "../../../scripts/simulation/faults.ts";
import { Fleet, type FleetOptions } from "../../../scripts/simulation/fleet.ts";
import { type FlightResult, fly } from "../../../scripts/simulation/flight.ts";
import { IngestTarget } from "../../../scripts/simulation/ingest_target.ts";
import { NotSentError } from "../../../scripts/simulation/target.ts";
import { type IngestServer, ingestServer, KEY } from "../../support/ingest_server.ts";
import { stored } from "../../support/stored.ts";

const FLEET: FleetOptions = {
  engines: 5,
  cycles: 900,
  seed: 1,
  prefix: "SIM_1_",
  firstMs: Date.UTC(2026, 0, 1),
  intervalMs: 3_600_000,
  conditions: 1,
  faultMode: "hpc",
  faults: new Map(),
};

function target(url: string, signal?: AbortSignal): IngestTarget {
  return new IngestTarget({ url, key: KEY, reference: "simulate SIM_1_", signal });
}

/** Flies a fleet; what happened, and all labels. */
async function flight(
  to: IngestTarget,
  options: Partial<FleetOptions> & { rate?: number; signal?: AbortSignal } = {},
): Promise<FlightResult & { labels: FaultLabel[]; fleet: Fleet }> {
  const { rate, signal, ...overrides } = options;
  const fleet = new Fleet({ ...FLEET, ...overrides });
  const labels: FaultLabel[] = [];
  const result = await fly({
    fleet,
    target: to,
    rate: rate ?? null,
    stage: silent.stage("", null, ""),
    signal: signal ?? new AbortController().signal,
    labels: (ended) => void labels.push(...ended),
  });
  return { ...result, labels, fleet };
}

/** A server before the function that answers some requests itself. */
function before(server: IngestServer, answer: (request: number) => Response | undefined) {
  let requests = 0;
  const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const own = answer(++requests);
    if (own === undefined) return await fetch(server.url, request);
    await request.arrayBuffer();
    return own;
  });
  return {
    url: `http://127.0.0.1:${proxy.addr.port}/ingest`,
    requests: () => requests,
    [Symbol.asyncDispose]: () => proxy.shutdown(),
  };
}

Deno.test("every reading is in the database exactly once, engines and failures as the fleet says", async () => {
  await using server = await ingestServer();
  const to = target(server.url);
  const { sent, units, failures, failure, fleet } = await flight(to);
  assert.equal(failure, null);
  assert.equal(sent, 4500);
  assert.deepEqual(to.counts(), { accepted: 4500, duplicates: 0, rejected: 0, retries: 0, rejections: [] });
  assert.ok(failures > 0);
  assert.equal(units, fleet.units);
  assert.deepEqual(await stored(server.db.sql), {
    readings: 4500,
    engines: units,
    batches: 3,
    deadLetters: 0,
  });
  const [batch] = await server.db.sql`select reference from batches order by reference limit 1`;
  assert.equal(batch.reference, "simulate SIM_1_1");
  // the same again is harmless
  const again = target(server.url);
  await flight(again);
  assert.equal(again.counts().duplicates, 4500);
  assert.equal((await stored(server.db.sql)).readings, 4500);
});

Deno.test("faults arrive as labelled: repeated readings are duplicates, missing values are null", async () => {
  await using server = await ingestServer();
  const to = target(server.url);
  const { sent, labels } = await flight(to, { faults: new Map(FAULTS.map((kind) => [kind, 0.005])) });
  const copies = labels.filter(({ kind }) => kind === "duplicate").length;
  assert.ok(copies > 5);
  assert.equal(sent, 4500 + copies);
  assert.deepEqual(to.counts(), {
    accepted: 4500,
    duplicates: copies,
    rejected: 0,
    retries: 0,
    rejections: [],
  });
  const dropouts = labels.filter(({ kind }) => kind === "dropout");
  for (const { engine_id, column, from_timestamp, to_timestamp, size } of dropouts) {
    const [{ count }] = await server.db.sql`
      select count(*)::integer from sensor_data join engines on engines.id = engine_id
      where unit_number = ${engine_id} and "timestamp" between ${from_timestamp} and ${to_timestamp}
        and ${server.db.sql(column!)} is null`;
    assert.equal(count, size);
  }
});

Deno.test("a fleet in real time takes as long as it should, and each reading is sent within the second", async () => {
  await using server = await ingestServer();
  const startedMs = Date.now();
  const { sent } = await flight(target(server.url), {
    cycles: 8,
    rate: 5,
    firstMs: startedMs,
    intervalMs: 200,
  });
  assert.equal(sent, 40);
  assert.ok(Date.now() - startedMs >= 1500, "the last cycle is due after 1.56 s");
  const [{ early, batches }] = await server.db.sql`
    select count(*) filter (where received_at < "timestamp")::integer as early,
      count(distinct batch_id)::integer as batches
    from sensor_data join batches on batches.id = batch_id`;
  assert.equal(early, 0);
  assert.ok(batches >= 2 && batches <= 12, `${batches} batches`);
});

Deno.test("somebody who wants to stop gets a whole batch, and what was held back", async () => {
  await using server = await ingestServer();
  const stop = new AbortController();
  const proxy = before(server, (request) => {
    if (request === 2) stop.abort();
    return undefined;
  });
  await using _ = proxy;
  const { sent, failure, labels } = await flight(target(proxy.url), {
    cycles: 100_000,
    signal: stop.signal,
    faults: new Map([["late", 0.2]]),
  });
  assert.equal(failure, null);
  assert.equal(sent, 4000);
  assert.equal((await stored(server.db.sql)).readings, 4000);
  assert.ok(labels.length > 20);
});

Deno.test("a target that is away for a moment is waited for; what Retry-After says counts", async () => {
  await using server = await ingestServer();
  const times: number[] = [];
  const proxy = before(server, (request) => {
    times.push(performance.now());
    if (request === 2) return new Response("{}", { status: 503, headers: { "retry-after": "1" } });
    if (request === 3) return new Response("bad gateway", { status: 502 });
  });
  await using _ = proxy;
  const to = target(proxy.url);
  const { sent, failure } = await flight(to);
  assert.equal(failure, null);
  assert.equal(sent, 4500);
  assert.equal(to.counts().retries, 2);
  assert.ok(times[2] - times[1] >= 1000);
  assert.equal((await stored(server.db.sql)).readings, 4500);
});

Deno.test("an answer that gets lost is asked for again, and nothing is there twice", async () => {
  await using server = await ingestServer();
  let lost = false;
  const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const answer = await fetch(server.url, request);
    if (lost) return answer;
    lost = true;
    await answer.body?.cancel();
    return new Response("gateway timeout", { status: 504 });
  });
  const to = target(`http://127.0.0.1:${proxy.addr.port}/ingest`);
  await flight(to);
  await proxy.shutdown();
  assert.deepEqual(to.counts(), {
    accepted: 2500,
    duplicates: 2000,
    rejected: 0,
    retries: 1,
    rejections: [],
  });
  assert.equal((await stored(server.db.sql)).readings, 4500);
});

Deno.test("what will never succeed ends it, and says what was sent and what was not", async () => {
  await using server = await ingestServer();
  const proxy = before(
    server,
    (request) => request === 2 ? Response.json({ detail: "no such project" }, { status: 404 }) : undefined,
  );
  await using _ = proxy;
  const faults = new Map([["spike", 0.01], ["duplicate", 0.01]] as const);
  const { sent, unsent, failure, labels } = await flight(target(proxy.url), { faults });
  assert.match(failure!, /answered 404: no such project/);
  const { readings } = await stored(server.db.sql);
  assert.equal(sent - labels.filter(({ kind }) => kind === "duplicate").length, readings);
  assert.ok(unsent >= 2000);
  assert.equal(proxy.requests(), 2);
  // labels are of readings that are there
  for (const { engine_id, to_cycle } of labels) {
    const [{ there }] = await server.db.sql`
      select exists (select from sensor_data join engines on engines.id = engine_id
        where unit_number = ${engine_id} and cycle = ${to_cycle}) as there`;
    assert.ok(there);
  }
});

Deno.test("a wrong key is said at once", async () => {
  await using server = await ingestServer();
  const to = new IngestTarget({ url: server.url, key: "a-wrong-key-of-a-test", reference: "" });
  await assert.rejects(
    to.send([]),
    (error) => error instanceof NotSentError && /401.*INGEST_KEYS/.test(error.message),
  );
});

Deno.test("an address that does not answer as /ingest does is not taken for it", async () => {
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<html>hello"),
  );
  await assert.rejects(
    target(`http://127.0.0.1:${other.addr.port}/`).send([]),
    (error) => error instanceof NotSentError && /does not answer as \/ingest does/.test(error.message),
  );
  await other.shutdown();
});

Deno.test("where nothing answers, it is said within seconds; somebody who wants to stop does not wait at all", async () => {
  const url = `http://127.0.0.1:${freePort()}/ingest`;
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(
    target(url, stop.signal).send([]),
    (error) => error instanceof NotSentError && /does not answer: .*deno task start/.test(error.message),
  );
});

Deno.test("rejected readings are counted, with what the target says of them", async () => {
  await using server = await ingestServer();
  const to = target(server.url);
  // before 2000: intake_settings does not believe it
  await flight(to, { cycles: 10, firstMs: Date.UTC(1999, 0, 1) });
  const { accepted, rejected, rejections } = to.counts();
  assert.deepEqual([accepted, rejected, rejections.length], [0, 50, 3]);
  assert.match(rejections[0], /timestamp/);
  assert.equal((await stored(server.db.sql)).deadLetters, 50);
});
