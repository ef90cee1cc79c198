import assert from "node:assert/strict";
import type postgres from "postgres";
import { freePort } from "../../scripts/local/postgres.ts";
import { connect, isTransient, transaction } from "../../shared/database.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { flakyProxy } from "../support/flaky_proxy.ts";

/** An error as Postgres or a socket gives it. */
function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function numbers(db: TestDatabase): Promise<number[]> {
  return (await db.sql`select n from numbers order by n`).map((row) => row.n);
}

async function databaseOfNumbers(): Promise<TestDatabase> {
  const db = await testDatabase({ empty: true });
  await db.sql`create table numbers (n integer primary key)`;
  return db;
}

/** Ends the session of a pool of one connection while it sleeps. */
async function endSleeper(db: TestDatabase): Promise<void> {
  for (;;) {
    const rows = await db.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`;
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const code of ["08006", "53300", "57P01", "57P03", "57014", "25P03", "40001", "40P01", "55P03"]) {
  Deno.test(`SQLSTATE ${code} is transient`, () => assert.equal(isTransient(coded(code)), true));
}
for (const code of ["23505", "22003", "42P01", "28P01", "SP001", "XX000", "57000"]) {
  Deno.test(`SQLSTATE ${code} is not transient`, () => assert.equal(isTransient(coded(code)), false));
}

Deno.test("a code is found in a cause and in the first of several errors", () => {
  assert.equal(isTransient(new Error("wrapped", { cause: coded("ECONNREFUSED") })), true);
  assert.equal(isTransient(new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")])), true);
  assert.equal(isTransient(new Error("wrapped", { cause: new Error("plain") })), false);
  assert.equal(isTransient("ECONNREFUSED"), false);
  assert.equal(isTransient(null), false);
});

Deno.test("a server that refuses connections is a transient failure", async () => {
  const sql = connect(`postgres://postgres:postgres@127.0.0.1:${freePort()}/postgres`, 1);
  await assert.rejects(transaction(sql, (tx) => tx`select 1`), isTransient);
  await sql.end();
});

Deno.test("however long the server has been away, connecting is tried again within half a second", () => {
  const sql = connect("postgres://postgres@127.0.0.1:1/postgres", 1);
  const { backoff } = sql.options as unknown as { backoff: (attempts: number) => number };
  for (const attempts of [1, 10, 1000]) assert.ok(backoff(attempts) > 0 && backoff(attempts) <= 0.5);
});

Deno.test("a transaction is written whole, and its result returned", async () => {
  await using db = await databaseOfNumbers();

  const result = await transaction(db.sql, async (tx) => {
    await tx`insert into numbers values (1)`;
    await tx`insert into numbers values (2)`;
    return "done";
  });

  assert.equal(result, "done");
  assert.deepEqual(await numbers(db), [1, 2]);
});

Deno.test("a transaction that fails writes nothing, and its error is thrown", async () => {
  await using db = await databaseOfNumbers();

  const failing = transaction(db.sql, async (tx) => {
    await tx`insert into numbers values (1)`;
    await tx`insert into numbers values (1)`;
  });

  await assert.rejects(failing, { code: "23505" });
  assert.deepEqual(await numbers(db), []);
});

Deno.test("a transaction whose body throws writes nothing", async () => {
  await using db = await databaseOfNumbers();

  const failing = transaction(db.sql, async (tx) => {
    await tx`insert into numbers values (1)`;
    throw new TypeError("not a database error");
  });

  await assert.rejects(failing, TypeError);
  assert.deepEqual(await numbers(db), []);
});

Deno.test("a session ended in the middle of a transaction costs that transaction alone, not the process", async () => {
  await using db = await databaseOfNumbers();
  await using sql = disposable(connect(db.url, 1));

  for (let round = 1; round <= 5; round++) {
    const cut = transaction(sql, async (tx) => {
      await tx`insert into numbers values (${-round})`;
      await tx`select pg_sleep(60)`;
    });
    await Promise.all([assert.rejects(cut, isTransient), endSleeper(db)]);
    await transaction(sql, (tx) => tx`insert into numbers values (${round})`);
  }

  assert.deepEqual(await numbers(db), [1, 2, 3, 4, 5]);
});

Deno.test("a connection reset in the middle of a transaction costs that transaction alone, not the process", async () => {
  await using db = await databaseOfNumbers();
  await using proxy = await flakyProxy(Number(new URL(db.url).port));
  const url = new URL(db.url);
  url.port = String(proxy.port);
  await using sql = disposable(connect(url.href, 1));

  for (let round = 1; round <= 5; round++) {
    const cut = transaction(sql, async (tx) => {
      await tx`insert into numbers values (${-round})`;
      setTimeout(() => proxy.reset(), 20);
      await tx`select pg_sleep(60)`;
    });
    await assert.rejects(cut, isTransient);
    await transaction(sql, (tx) => tx`insert into numbers values (${round})`);
    await transaction(sql, (tx) => tx`insert into numbers values (${round + 10})`);
  }

  assert.deepEqual(await numbers(db), [1, 2, 3, 4, 5, 11, 12, 13, 14, 15]);
});

Deno.test("a session that ended while it was idle is replaced before the transaction begins", async () => {
  await using db = await databaseOfNumbers();
  await using sql = disposable(connect(db.url, 1));
  const [{ pid }] = await sql`select pg_backend_pid() as pid`;

  for (let round = 1; round <= 5; round++) {
    await db.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await transaction(sql, (tx) => tx`insert into numbers values (${round})`);
  }

  assert.deepEqual(await numbers(db), [1, 2, 3, 4, 5]);
  const [now] = await sql`select pg_backend_pid() as pid`;
  assert.notEqual(now.pid, pid);
});

/** A body that raises an SQLSTATE the first times it runs, and counts its runs. */
function raising(
  code: string,
  times: number,
): { body: (tx: postgres.TransactionSql) => Promise<string>; runs: () => number } {
  let runs = 0;
  return {
    async body(tx) {
      await tx`insert into numbers values (1)`;
      if (++runs <= times) {
        await tx.unsafe(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`);
      }
      return "done";
    },
    runs: () => runs,
  };
}

for (const code of ["40001", "40P01"]) {
  Deno.test(`a race lost with ${code} is run again from its beginning, twice at most`, async () => {
    await using db = await databaseOfNumbers();

    const twice = raising(code, 2);
    assert.equal(await transaction(db.sql, twice.body), "done");
    assert.equal(twice.runs(), 3);
    assert.deepEqual(await numbers(db), [1]);

    await db.sql`truncate numbers`;
    const always = raising(code, 3);
    await assert.rejects(transaction(db.sql, always.body), { code });
    assert.equal(always.runs(), 3);
    assert.deepEqual(await numbers(db), []);
  });
}

for (const code of ["53200", "57014", "55P03", "22003"]) {
  Deno.test(`a failure with ${code} is not run again`, async () => {
    await using db = await databaseOfNumbers();
    const once = raising(code, 1);
    await assert.rejects(transaction(db.sql, once.body), { code });
    assert.equal(once.runs(), 1);
  });
}

Deno.test("a transaction that is chosen as the victim of a deadlock is run again", async () => {
  await using db = await databaseOfNumbers();
  await db.sql`insert into numbers values (1), (2)`;
  const met = Promise.withResolvers<void>();
  let arrived = 0;
  let runs = 0;
  const cross = (first: number, second: number) =>
    transaction(db.sql, async (tx) => {
      runs++;
      await tx`update numbers set n = n where n = ${first}`;
      if (++arrived === 2) met.resolve();
      await met.promise;
      await tx`update numbers set n = n where n = ${second}`;
    });

  await Promise.all([cross(1, 2), cross(2, 1)]);

  assert.equal(runs, 3);
});

function disposable(sql: postgres.Sql): postgres.Sql & AsyncDisposable {
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) });
}
