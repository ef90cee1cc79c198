/** One call of the worker as a process that a test can kill: `worker_process.ts DATABASE_URL`. */

import { drainQueue } from "../../functions/worker/queue.ts";
import { connect } from "../../shared/database.ts";

const url = new URL(Deno.args[0]);
url.searchParams.set("application_name", "test worker");
const sql = connect(url.href, 2);
const gate = (name: string) => sql`select public.gate(${name})`;

await drainQueue(sql, {
  test_q: async ({ logicalTime }) => {
    await gate("before the effect");
    await sql`insert into public.sent values (${logicalTime}) on conflict do nothing`; // as handlers have to be
    await gate("after the effect");
  },
}, {
  worker: `worker-${Deno.pid}`,
  beginUntil: performance.now() + 50_000,
  endAt: performance.now() + 140_000,
  leaseMs: 60_000,
});
await gate("completed q");
await sql.end();
