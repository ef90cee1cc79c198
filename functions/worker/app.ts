/** POST /worker/run: does what cannot run inside Postgres. */

import type { Hono } from "hono";
import type postgres from "postgres";
import { addHealthEndpoints, databaseProbe } from "../../shared/health.ts";
import { functionApp, methodNotAllowed, requireKey } from "../../shared/http.ts";
import type { KeyRing } from "../../shared/keys.ts";
import type { taskHandlers } from "./handlers.ts";
import { openapi } from "./openapi.ts";
import { drainQueue, type TaskHandlers } from "./queue.ts";

/** ms after which no further task is begun; the next minute's call goes on from there. */
const BUDGET_MS = 50_000;

/** ms after which no more alerts are looked for: delivering takes up to 70 s, and hosted functions have 150 s. */
const DELIVERY_UNTIL_MS = 65_000;

/** ms after which no lineage is forwarded: that takes up to 40 s. */
const FORWARDING_UNTIL_MS = 100_000;

/** ms after which the task that runs is given up, to be tried again: 10 s before a hosted function would be ended. */
const END_MS = 140_000;

/** ms that a dead worker's task waits for another one. */
const LEASE_MS = 60_000;

export interface WorkerDependencies {
  readonly sql: postgres.Sql;
  /** Who may wake it. */
  readonly keys: KeyRing;
  readonly handlers:
    & TaskHandlers
    & Pick<ReturnType<typeof taskHandlers>, "deliver_alerts" | "forward_lineage">;
  /** How long to begin tasks, in ms; 50 s unless given. */
  readonly budgetMs?: number;
  /** How long a lease is, in ms; a minute unless given. */
  readonly leaseMs?: number;
}

/**
 * The app.
 *
 * - `POST /worker/run` — does the tasks of the queue that are ready, delivers alerts, then forwards lineage; 200 with
 *   `{tasks: {succeeded, failed, lost}, alerts: {sent, retrying, dead} | null, lineage: {sent, retrying, dead} | null}`,
 *   alerts and lineage being null when no time was left for them, and lineage when there is no OPENLINEAGE_URL; 401 no
 *   valid key, 503 database away. Calling it at any time, or twice at once, is harmless.
 * - `GET /worker/health/live`, `/worker/health/ready`, `/worker/openapi.json` — need no key.
 */
export function createApp(
  { sql, keys, handlers, budgetMs = BUDGET_MS, leaseMs = LEASE_MS }: WorkerDependencies,
): Hono {
  const app = functionApp("worker");

  app.post("/run", requireKey(keys), async (c) => {
    const started = performance.now();
    const tasks = await drainQueue(sql, handlers, {
      worker: `worker-${crypto.randomUUID()}`,
      beginUntil: started + budgetMs,
      endAt: started + END_MS,
      leaseMs,
    });
    // also without a task: alerts that were raised or are to be tried again since the last one
    const left = (untilMs: number) => performance.now() < started + untilMs;
    const alerts = left(DELIVERY_UNTIL_MS) ? await handlers.deliver_alerts() : null;
    const lineage = left(FORWARDING_UNTIL_MS) ? await handlers.forward_lineage() : null;
    return c.json({ tasks, alerts, lineage });
  });
  app.all("/run", methodNotAllowed("POST"));
  addHealthEndpoints(app, [databaseProbe(sql)]);
  app.get("/openapi.json", (c) => c.json(openapi()));

  return app;
}
