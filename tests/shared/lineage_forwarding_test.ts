import assert from "node:assert/strict";
import type postgres from "postgres";
import { readConfig } from "../../shared/config.ts";
import { storeBatch } from "../../shared/intake.ts";
import { startLineage } from "../../shared/lineage.ts";
import {
  type ForwardCounts,
  forwardLineage,
  LINEAGE_VARIABLES,
  lineageServer,
} from "../../shared/lineage_forwarding.ts";
import { freePort } from "../../scripts/local/postgres.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { RunEvent } from "../support/openlineage.ts";
import { candidates, reading } from "../support/readings.ts";

const KEY = "key-of-the-lineage-server";
const NOTHING = { sent: 0, retrying: 0, dead: 0 };

/** A server that takes valid run events, as Marquez does, unless `answer` says otherwise. */
function receiver(answer: (event: RunEvent) => Response | Promise<Response> | undefined = () => undefined) {
  const received: RunEvent[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    assert.equal(`${request.method} ${new URL(request.url).pathname}`, "POST /base/api/v1/lineage");
    if (request.headers.get("authorization") !== `Bearer ${KEY}`) return new Response(null, { status: 401 });
    const parsed = RunEvent.safeParse(await request.json());
    if (!parsed.success) return Response.json({ message: parsed.error.message }, { status: 422 });
    const told = await answer(parsed.data);
    if (told !== undefined) return told;
    received.push(parsed.data);
    return new Response(null, { status: 201 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/base/`;
  return { received, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

function at(url: string, key = KEY, timeoutMs?: number) {
  const env = { OPENLINEAGE_URL: url, OPENLINEAGE_API_KEY: key };
  return lineageServer(readConfig(LINEAGE_VARIABLES, env), { timeoutMs });
}

/** A database that forwards since a while ago. */
async function forwarding(): Promise<TestDatabase> {
  const db = await testDatabase();
  await db.sql`
    update lineage_forwarding set since = now() - interval '1 hour', settled_until = now() - interval '1 hour'`;
  return db;
}

async function batch(sql: postgres.Sql, reference: string): Promise<void> {
  await storeBatch(sql, { source: "ingest", reference }, candidates([reading()]));
}

/** What was received, as `reference TYPE`. */
function told(received: readonly RunEvent[]): string[] {
  return received.map(({ eventType, job, run }) =>
    `${(run.facets?.spool_batch?.reference as string) ?? job.name} ${eventType}`
  );
}

async function forward(sql: postgres.Sql, url: string, minutesAhead = 0): Promise<ForwardCounts> {
  return (await forwardLineage(sql, at(url), { now: new Date(Date.now() + minutesAhead * 60_000) }))!;
}

async function forwards(sql: postgres.Sql): Promise<unknown[][]> {
  const rows = await sql`select state, attempts, error from lineage_forwards order by event_time, event_id`;
  return rows.map((row) => Object.values(row));
}

Deno.test("without an address nothing is forwarded, and nothing is remembered", async () => {
  await using db = await testDatabase();
  assert.equal(lineageServer(readConfig(LINEAGE_VARIABLES, {})), undefined);
  assert.equal(await forwardLineage(db.sql, undefined), null);
  const [row] = await db.sql`select since from lineage_forwarding`;
  assert.equal(row.since, null);
});

Deno.test("what happened before it was switched on is not forwarded; from then on everything is, once, in order, and valid", async () => {
  await using db = await testDatabase();
  await using server = receiver();
  await batch(db.sql, "before");
  assert.deepEqual(await forwardLineage(db.sql, at(server.url)), NOTHING);

  await batch(db.sql, "a");
  const run = await startLineage(db.sql, "archive", { outputs: [{ namespace: "s3://b/p", name: "key" }] });
  await run.complete(db.sql);
  await db.sql`select from run_checks('24 hours', now())`;
  assert.deepEqual(await forwardLineage(db.sql, at(server.url)), { sent: 6, retrying: 0, dead: 0 });
  assert.deepEqual(told(server.received), [
    "a START",
    "a COMPLETE",
    "archive START",
    "archive COMPLETE",
    "run_checks START",
    "run_checks COMPLETE",
  ]);
  assert.deepEqual(await forwardLineage(db.sql, at(server.url)), NOTHING);
  await batch(db.sql, "b");
  await forwardLineage(db.sql, at(server.url));
  assert.deepEqual(told(server.received).slice(6), ["b START", "b COMPLETE"]);
});

Deno.test("a batch that commits after later ones were forwarded is forwarded, too", async () => {
  await using db = await forwarding();
  await using server = receiver();
  const late = await db.sql.reserve();
  await late`begin`;
  await late`
    insert into batches (id, source, reference, received, accepted, duplicates, rejected)
    values (gen_random_uuid(), 'ingest', 'late', 0, 0, 0, 0)`;
  await batch(db.sql, "later");
  await forward(db.sql, server.url);
  await forward(db.sql, server.url, 240); // long after: settled_until must not have passed the open transaction
  assert.deepEqual(told(server.received), ["later START", "later COMPLETE"]);

  await late`commit`;
  late.release();
  await forward(db.sql, server.url, 241);
  assert.deepEqual(told(server.received).slice(2), ["late START", "late COMPLETE"]);
  // and with that all of it is settled and forgotten
  assert.deepEqual(await forwards(db.sql), []);
  assert.deepEqual(await forward(db.sql, server.url, 300), NOTHING);
});

Deno.test("while the server is away no event is given up, it is left alone for longer and longer, and gets everything when it is back", async () => {
  await using db = await forwarding();
  for (const name of ["a", "b", "c", "d", "e"]) await batch(db.sql, name);
  const nowhere = `http://127.0.0.1:${freePort()}/base/`;
  for (let i = 1; i <= 20; i++) {
    await db.sql`update lineage_forwarding set paused_until = null`;
    assert.deepEqual(await forward(db.sql, nowhere), { sent: 0, retrying: 3, dead: 0 });
    const [{ failures, last_error, lease }] = await db.sql`select * from lineage_forwarding`;
    assert.deepEqual([failures, lease], [i, null]);
    assert.match(
      last_error,
      /^Cannot deliver to 127\.0\.0\.1:\d+ as it must be reachable: the connection was refused$/,
    );
  }
  assert.deepEqual(await forwards(db.sql), []);
  await db.sql`update lineage_forwarding set paused_until = now() + interval '30 minutes'`;
  await using server = receiver();
  assert.deepEqual(await forward(db.sql, server.url, 29), NOTHING);
  assert.deepEqual(await forward(db.sql, server.url, 31), { sent: 10, retrying: 0, dead: 0 });
  assert.deepEqual(told(server.received).slice(0, 3), ["a START", "a COMPLETE", "b START"]);
  const [{ failures, paused_until, last_error }] = await db.sql`select * from lineage_forwarding`;
  assert.deepEqual([failures, paused_until, last_error], [0, null, null]);
});

for (const [what, status, key] of [["a wrong key", 401, "wrong"], ["too many requests", 429, KEY]] as const) {
  Deno.test(`${what} is the server's word about all events, so none is given up`, async () => {
    await using db = await forwarding();
    await using server = receiver(() => new Response(null, { status }));
    await batch(db.sql, "a");
    const counts = await forwardLineage(db.sql, at(server.url, key));
    assert.deepEqual(counts, { sent: 0, retrying: 1, dead: 0 });
    assert.deepEqual(await forwards(db.sql), []);
    const [{ last_error }] = await db.sql`select last_error from lineage_forwarding`;
    assert.match(last_error, new RegExp(`as it must accept the event: it answered ${status}$`));
  });
}

Deno.test("an event that is refused is remembered as dead and not sent again; the others go on, its own run, too", async () => {
  await using db = await forwarding();
  let refusals = 0;
  await using server = receiver(({ run, eventType }) =>
    run.facets?.spool_batch?.reference === "bad" && eventType === "START"
      ? (refusals++, Response.json({ message: "no such thing" }, { status: 400 }))
      : undefined
  );
  for (const name of ["a", "bad", "c"]) await batch(db.sql, name);
  assert.deepEqual(await forward(db.sql, server.url), { sent: 5, retrying: 0, dead: 1 });
  assert.deepEqual(await forward(db.sql, server.url, 60), NOTHING);
  assert.equal(refusals, 1);
  assert.deepEqual(told(server.received), ["a START", "a COMPLETE", "bad COMPLETE", "c START", "c COMPLETE"]);
  const dead = (await forwards(db.sql)).filter(([state]) => state === "dead");
  assert.equal(dead.length, 1);
  assert.match(String(dead[0][2]), /it answered 400 no such thing$/);
  // what is dead stays when what was sent is forgotten
  await forward(db.sql, server.url, 240);
  assert.deepEqual((await forwards(db.sql)).map(([state]) => state), ["dead"]);
});

Deno.test("an event that fails while others are taken is tried again with its run waiting behind it, and given up in the end", async () => {
  await using db = await forwarding();
  let broken = true;
  await using server = receiver(({ run }) =>
    broken && run.facets?.spool_batch?.reference === "bad" ? new Response(null, { status: 500 }) : undefined
  );
  for (const name of ["bad", "b"]) await batch(db.sql, name);
  assert.deepEqual(await forward(db.sql, server.url), { sent: 2, retrying: 1, dead: 0 });
  assert.deepEqual(told(server.received), ["b START", "b COMPLETE"]);
  const [[state, attempts, error]] = await forwards(db.sql);
  assert.deepEqual([state, attempts], ["retrying", 1]);
  assert.match(String(error), /it answered 500$/);

  broken = false;
  assert.deepEqual(await forward(db.sql, server.url, 61), { sent: 2, retrying: 0, dead: 0 });
  assert.deepEqual(told(server.received).slice(2), ["bad START", "bad COMPLETE"]);

  broken = true;
  await batch(db.sql, "bad");
  for (let i = 1; i <= 12; i++) {
    await batch(db.sql, `good ${i}`); // which shows that the server is there
    await db.sql`update lineage_forwards set next_attempt_at = now() where state = 'retrying'`;
    const { retrying, dead } = await forward(db.sql, server.url, 1);
    assert.deepEqual([retrying, dead], i < 12 ? [1, 0] : [0, 1], String(i));
  }
});

Deno.test("of two forwarders at a time one is at it; when one dies, another goes on after its lease", async () => {
  await using db = await forwarding();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await using server = receiver(async () => {
    asked.resolve();
    await answer.promise;
    return undefined as never;
  });
  await batch(db.sql, "a");
  const first = forward(db.sql, server.url);
  await asked.promise;
  assert.deepEqual(await forward(db.sql, server.url), NOTHING);
  // as if the first had died: what it sent and had not written down yet is sent again
  const second = forward(db.sql, server.url, 2);
  answer.resolve();
  assert.deepEqual(await second, { sent: 2, retrying: 0, dead: 0 });
  assert.deepEqual(await first, NOTHING);
  assert.deepEqual(told(server.received).sort(), ["a COMPLETE", "a COMPLETE", "a START", "a START"]);
  assert.deepEqual(await forward(db.sql, server.url, 3), NOTHING);
});

Deno.test("the job that wakes the worker does so for lineage alone, and not while there is none or the server is left alone", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`delete from pipelines`;
  await sql`update alert_channels set active = false`;
  await sql`select vault.create_secret('http://127.0.0.1:1/', 'spool_worker_url')`;
  await sql`select vault.create_secret('a-key-of-the-worker', 'spool_worker_key')`;
  const wake = async () => (await sql`select wake_worker() as result`)[0].result;
  await batch(sql, "before");
  assert.equal(await wake(), "nothing to do");
  await using server = receiver();
  await forwardLineage(sql, at(server.url));
  assert.equal(await wake(), "nothing to do");
  await batch(sql, "a");
  assert.equal(await wake(), "called");
  await sql`update lineage_forwarding set paused_until = now() + interval '1 minute'`;
  assert.equal(await wake(), "nothing to do");
});
