import assert from "node:assert/strict";
import { connect } from "../../../shared/database.ts";
import { freePort } from "../../../scripts/local/postgres.ts";
import { type Answer, ingestServer, problem } from "../../support/ingest_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { NOTHING, stored, storedMonths } from "../../support/stored.ts";

function assertAway({ status, headers, body }: Answer): void {
  assert.equal(status, 503);
  assert.equal(headers.get("retry-after"), "5");
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.deepEqual(body, {
    ...problem(503, "database-unavailable", "The database is not available"),
    request_id: headers.get("x-request-id"),
    detail:
      "The batch is stored whole or not at all, and that it was is not certain: send the same request again",
  });
}

Deno.test("a database that nobody listens for gets 503 with Retry-After", async () => {
  const sql = connect(`postgres://postgres:postgres@127.0.0.1:${freePort()}/postgres`, 1);
  await using server = await ingestServer({ sql });

  assertAway(await server.post(JSON.stringify(reading())));

  assert.deepEqual(await stored(server.db.sql), NOTHING);
  await sql.end();
});

Deno.test("a database that accepts the connection and says nothing gets 503, not a hanging request", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) held.push(connection);
  })();
  const sql = connect(`postgres://postgres:postgres@127.0.0.1:${silent.addr.port}/postgres`, 1);
  await using server = await ingestServer({ sql });

  assertAway(await server.post(JSON.stringify(reading())));

  await sql.end({ timeout: 0 });
  silent.close();
  await accepting;
  for (const connection of held) connection.close();
});

Deno.test("sessions ended in the middle get 503, nothing is half-stored, and the same request succeeds later", async () => {
  await using server = await ingestServer();
  const { sql } = server.db;
  const body = JSON.stringify([...readings(40), { engine_id: "bad" }]);
  const months = await storedMonths(sql);

  // The intake stands in the middle of its transaction: January exists, February waits for this lock.
  await using blocker = await holdPartitionLock(server.db.url);
  const answering = server.post(body);
  await blocker.ended();
  assertAway(await answering);

  assert.deepEqual(await stored(sql), NOTHING);
  assert.deepEqual(await storedMonths(sql), months);

  await blocker.release();
  const again = await server.post(body);
  assert.equal(again.status, 200);
  assert.deepEqual([again.body.accepted, again.body.rejected], [40, 1]);
  assert.deepEqual(await stored(sql), { readings: 40, engines: 1, batches: 1, deadLetters: 1 });
});

Deno.test("idle sessions that were ended are replaced without the sender's noticing", async () => {
  await using server = await ingestServer();
  const admin = connect(server.db.url, 1);
  assert.equal((await server.post(JSON.stringify(reading()))).status, 200);

  await admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  await admin.end();
  await new Promise((resolve) => setTimeout(resolve, 100));

  const next = await server.post(JSON.stringify(reading({ cycle: 2 })));
  assert.deepEqual([next.status, next.body.accepted], [200, 1]);
});

/** Holds the lock that makers of partitions wait for, in a session of its own. */
async function holdPartitionLock(
  url: string,
): Promise<AsyncDisposable & { ended(): Promise<void>; release(): Promise<void> }> {
  const sql = connect(url, 1);
  await sql`select pg_advisory_lock(hashtext('public.sensor_data partitions'))`;
  return {
    /** Waits until a session waits for the lock, and ends that session. */
    async ended() {
      for (;;) {
        const rows = await sql`
          select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`;
        if (rows.length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async release() {
      await sql`select pg_advisory_unlock(hashtext('public.sensor_data partitions'))`;
    },
    async [Symbol.asyncDispose]() {
      await sql.end();
    },
  };
}
