/** Forwards lineage to an OpenLineage server: each event at least once, those of a run in their order. */

import type postgres from "postgres";
import type { readConfig } from "./config.ts";
import { transaction } from "./database.ts";
import { post, type SendOutcome } from "./posting.ts";

/** The variables that {@link lineageServer} is configured with; both are optional. */
export const LINEAGE_VARIABLES = ["OPENLINEAGE_URL", "OPENLINEAGE_API_KEY"] as const;

/** A server that takes run events, such as Marquez. */
export interface LineageServer {
  /** Sends one event. Does not throw: every failure is an outcome. */
  send(event: unknown): Promise<SendOutcome>;
}

/** Events by what became of them. */
export interface ForwardCounts {
  readonly sent: number;
  /** Failed, and will be tried again. */
  readonly retrying: number;
  /** Failed for good: refused, or tried too often. */
  readonly dead: number;
}

/** How long a server may take, unless told, in ms. */
const TIMEOUT_MS = 10_000;

/** Statuses that are about this sender or the address, not about the event: no other event would be taken either. */
const OURS = [401, 403, 404, 405];

/** Time after which nothing more is sent, in ms; the last one may take TIMEOUT_MS longer. */
const BUDGET_MS = 30_000;

/** How long a forwarder is believed to be alive without a sign, in s: longer than budget and timeout together. */
const LEASE_S = 90;

/** Events that are read and settled together. When a forwarder dies, as many are sent twice at most. */
const CHUNK = 50;

/** How often an event is sent that fails while others are taken. */
const MOST_ATTEMPTS = 12;

/** Failures one after the other that mean that the server is away. */
const AWAY_AFTER = 3;

/** Backoff: full jitter below 30 s, 1 min, 2 min, … 1 h. */
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 60 * 60 * 1000;

function delayMs(failures: number): number {
  return Math.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20));
}

/**
 * The server that the environment names, if any.
 *
 * @param config What `readConfig(LINEAGE_VARIABLES)` gives.
 * @param options.timeoutMs How long it may take; 10 s unless given.
 */
export function lineageServer(
  config: ReturnType<typeof readConfig<(typeof LINEAGE_VARIABLES)[number]>>,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): LineageServer | undefined {
  const { OPENLINEAGE_URL: base, OPENLINEAGE_API_KEY: key } = config;
  if (base === undefined) return undefined;
  const url = `${base.replace(/\/+$/, "")}/api/v1/lineage`;
  return {
    async send(event) {
      const request = new Request(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...key === undefined ? {} : { authorization: `Bearer ${key}` },
        },
        body: JSON.stringify(event),
      });
      const outcome = await post(request, "event", timeoutMs, /"message"\s*:\s*"([\w .:-]{1,80})"/);
      const ours = outcome.outcome === "refused" && OURS.includes(outcome.status ?? 0);
      return ours ? { outcome: "retry", error: outcome.error } : outcome;
    },
  };
}

interface ToForward {
  readonly event_id: string;
  readonly run_id: string;
  /** As text: a Date would cut it to milliseconds. */
  readonly event_time: string;
  readonly attempts: number;
  readonly event: unknown;
}

/** An event with what became of it. */
interface Settled {
  readonly event: ToForward;
  readonly state: keyof ForwardCounts;
  readonly error: string | null;
}

/**
 * Forwards what has not been forwarded yet, oldest first.
 *
 * One forwarder is at it at a time, by a lease. What it has sent is written down after each {@link CHUNK}; where it
 * dies before that, those events are sent again, which OpenLineage allows. A later event of a run waits while an
 * earlier one is retried. While the server takes nothing at all, it is left alone for longer and longer, and no event
 * is given up; one that fails while others are taken is given up after {@link MOST_ATTEMPTS} tries.
 *
 * The first call with a server sets the beginning: what happened before it is not forwarded
 * (lineage_forwarding.since).
 *
 * @param options.now The moment; the database's clock unless given.
 * @returns Null without a server.
 * @throws When the database fails. What was sent then is sent again later.
 */
export async function forwardLineage(
  sql: postgres.Sql,
  server: LineageServer | undefined,
  { now }: { readonly now?: Date } = {},
): Promise<ForwardCounts | null> {
  if (server === undefined) return null;
  const counts = { sent: 0, retrying: 0, dead: 0 };
  const lease = crypto.randomUUID();
  if (!await takeLease(sql, lease, now)) return counts;

  const end = performance.now() + BUDGET_MS;
  const failedRuns = new Set<string>();
  let taken = false; // whether the server has answered anything but a failure
  let away: string | undefined;
  while (away === undefined && performance.now() < end) {
    const events = await sql<ToForward[]>`
      select event_id, run_id, event_time::text, attempts, event
      from public.lineage_to_forward(${CHUNK}, ${time(sql, now)})`;
    const settled: Settled[] = [];
    let inARow = 0;
    for (const event of events) {
      if (inARow === AWAY_AFTER || performance.now() >= end) break;
      if (failedRuns.has(event.run_id)) continue;
      const outcome = await server.send(event.event);
      if (outcome.outcome === "retry") {
        inARow++;
        failedRuns.add(event.run_id);
        const state = event.attempts + 1 >= MOST_ATTEMPTS ? "dead" : "retrying";
        settled.push({ event, state, error: outcome.error });
      } else {
        inARow = 0;
        taken = true;
        const refused = outcome.outcome === "refused";
        settled.push({ event, state: refused ? "dead" : "sent", error: refused ? outcome.error : null });
      }
    }
    if (settled.length === 0) break;
    // of a server that takes nothing, no event can be said to be at fault
    if (!taken) {
      away = settled[0].error!;
      counts.retrying += settled.length;
      break;
    }
    if (!await settle(sql, lease, settled, now)) break;
    for (const { state } of settled) counts[state]++;
  }
  await giveBack(sql, lease, away, now);
  return counts;
}

/** The moment as SQL: what was given, else the database's clock, which all forwarders share. */
function time(sql: postgres.Sql, now: Date | undefined): postgres.PendingQuery<postgres.Row[]> {
  return now === undefined ? sql`clock_timestamp()` : sql`${now.toISOString()}::text::timestamptz`;
}

async function takeLease(sql: postgres.Sql, lease: string, now: Date | undefined): Promise<boolean> {
  const { count } = await sql`
    update public.lineage_forwarding
    set
      since = coalesce(since, ${time(sql, now)}),
      settled_until = coalesce(settled_until, ${time(sql, now)}),
      lease = ${lease}::uuid,
      leased_until = ${time(sql, now)} + ${LEASE_S} * interval '1 second'
    where leased_until is null or leased_until <= ${time(sql, now)}`;
  return count > 0;
}

/**
 * Writes down what became of some events, and that this forwarder is alive.
 *
 * @returns False when another one has taken over: it sends them again, and its word counts.
 */
async function settle(
  sql: postgres.Sql,
  lease: string,
  settled: readonly Settled[],
  now: Date | undefined,
): Promise<boolean> {
  const rows = settled.map(({ event: { event_id, run_id, event_time, attempts }, state, error }) => ({
    ...{ event_id, run_id, event_time, state, error },
    attempts: attempts + 1,
    delay_ms: state === "retrying" ? delayMs(attempts + 1) : null,
  }));
  return await transaction(sql, async (tx) => {
    const { count } = await tx`
      update public.lineage_forwarding
      set
        leased_until = ${time(sql, now)} + ${LEASE_S} * interval '1 second',
        failures = 0, paused_until = null, last_error = null
      where lease = ${lease}::uuid`;
    if (count === 0) return false;
    await tx`
      insert into public.lineage_forwards as known (
        event_id, run_id, event_time, state, attempts, next_attempt_at, settled_at, error
      )
      select
        event_id, run_id, event_time, state, attempts,
        ${time(sql, now)} + delay_ms * interval '1 millisecond',
        case when delay_ms is null then ${time(sql, now)} end,
        error
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as settled (
        event_id text, run_id uuid, event_time timestamptz, state text, attempts integer,
        delay_ms double precision, error text
      )
      on conflict (event_id) do update
      set
        state = excluded.state,
        attempts = excluded.attempts,
        next_attempt_at = excluded.next_attempt_at,
        settled_at = excluded.settled_at,
        error = excluded.error`;
    return true;
  });
}

/** Ends the lease; moves on what is settled, or leaves the server alone for a while. */
async function giveBack(
  sql: postgres.Sql,
  lease: string,
  away: string | undefined,
  now: Date | undefined,
): Promise<void> {
  if (away === undefined) await sql`select public.settle_forwarding(${time(sql, now)})`;
  else {
    const [{ failures }] = await sql<{ failures: number }[]>`
      select failures + 1 as failures from public.lineage_forwarding`;
    await sql`
      update public.lineage_forwarding
      set
        failures = ${failures},
        paused_until = ${time(sql, now)} + ${delayMs(failures)} * interval '1 millisecond',
        last_error = ${away}
      where lease = ${lease}::uuid`;
  }
  await sql`
    update public.lineage_forwarding set lease = null, leased_until = null where lease = ${lease}::uuid`;
}
