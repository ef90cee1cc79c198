/** Sends what the outbox of alerts holds: at least once each, retried with backoff, dead when it is refused. */

import type postgres from "postgres";
import type { AlertChannels } from "./alert_channels.ts";
import type { AlertEvent } from "./alert_message.ts";
import type { SendOutcome } from "./posting.ts";

export { ALERT_VARIABLES, type AlertChannels, alertChannels, type AlertConfig } from "./alert_channels.ts";

/** Deliveries by what became of them. */
export interface DeliveryCounts {
  readonly sent: number;
  /** Failed, and will be tried again. */
  readonly retrying: number;
  /** Failed for good: refused, or tried as often as alert_settings.delivery_attempts. */
  readonly dead: number;
}

/** How long a sender has a delivery to itself: longer than a receiver may take, by far. */
const LEASE_S = 60;

/** Time after which no further delivery is begun; a hosted function has 150 s in all. */
const BUDGET_MS = 60_000;

/** Backoff: full jitter below 30 s, 1 min, 2 min, … 1 h. Twelve tries take three hours on average. */
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 60 * 60 * 1000;

/** A delivery that this sender has the lease of. */
interface Claim {
  readonly id: number;
  readonly lease: string;
  readonly channel: string;
  readonly kind: keyof AlertChannels;
  readonly attempts: number;
  readonly alert: AlertEvent;
}

/** Where each kind's address is. */
const ADDRESS_OF: Record<keyof AlertChannels, string> = {
  webhook: "ALERT_WEBHOOK_URL",
  sns: "ALERT_SNS_TOPIC_ARN",
};

/**
 * Sends the deliveries that are due, the oldest first, one after the other.
 *
 * Several senders can be at it: each delivery is leased to one of them, and the lease is committed before anything
 * is sent. When a sender dies, the lease ends and another one sends, for the second time at worst. The events of an
 * alert reach a channel in their order: a later one waits while an earlier one is retried. A channel that has failed
 * is left alone until the next call.
 *
 * @param options.now The moment; the database's clock unless given.
 * @param options.limit Most deliveries of one call; 50 unless given, which stays within a function's time.
 * @throws When the database fails. What was leased then is sent again later.
 */
export async function deliverAlerts(
  sql: postgres.Sql,
  channels: AlertChannels,
  { now, limit = 50 }: { readonly now?: Date; readonly limit?: number } = {},
): Promise<DeliveryCounts> {
  const counts = { sent: 0, retrying: 0, dead: 0 };
  const kinds = (["webhook", "sns"] as const).filter((kind) => channels[kind] !== undefined);
  await sql`select public.activate_alert_channels(${kinds as string[]}::text[], ${time(sql, now)})`;
  counts.dead += await buryAbandoned(sql, now);

  const failed = new Set<string>();
  const end = Date.now() + BUDGET_MS;
  for (let begun = 0; begun < limit && Date.now() < end; begun++) {
    const claim = await claimNext(sql, [...failed], now);
    if (claim === undefined) break;
    const outcome: SendOutcome = await channels[claim.kind]?.send(claim.alert) ?? {
      outcome: "retry",
      error: `Cannot deliver to ${claim.channel} as ${
        ADDRESS_OF[claim.kind]
      } must be set where alerts are sent from`,
    };
    if (outcome.outcome === "retry") failed.add(claim.channel);
    const state = await settle(sql, claim, outcome, now);
    if (state !== undefined) counts[state]++;
  }
  return counts;
}

/** The moment as SQL: what was given, else the database's clock, which all senders share. */
function time(sql: postgres.Sql, now: Date | undefined): postgres.PendingQuery<postgres.Row[]> {
  return now === undefined ? sql`clock_timestamp()` : sql`${now}::timestamptz`;
}

/** Gives up deliveries whose senders have died each time: what is sent may be what kills them. */
async function buryAbandoned(sql: postgres.Sql, now: Date | undefined): Promise<number> {
  const { count } = await sql`
    update public.alert_deliveries
    set
      state = 'dead',
      last_error = coalesce(last_error || '; then its', 'Its') || ' sender ended while it was at it',
      lease = null,
      leased_until = null
    where state = 'pending'
      and leased_until <= ${time(sql, now)}
      and attempts >= (select delivery_attempts from public.alert_settings)`;
  return count;
}

async function claimNext(
  sql: postgres.Sql,
  failed: readonly string[],
  now: Date | undefined,
): Promise<Claim | undefined> {
  const lease = crypto.randomUUID();
  const [row] = await sql`
    update public.alert_deliveries as delivery
    set
      attempts = delivery.attempts + 1,
      lease = ${lease},
      leased_until = ${time(sql, now)} + ${LEASE_S} * interval '1 second'
    from (
      select due.id, alert_channels.kind
      from public.alert_deliveries as due
      join public.alert_channels on alert_channels.name = due.channel
      where due.state = 'pending'
        and due.next_attempt_at <= ${time(sql, now)}
        and (due.leased_until is null or due.leased_until <= ${time(sql, now)})
        and alert_channels.active
        and (alert_channels.paused_until is null or alert_channels.paused_until <= ${time(sql, now)})
        and due.channel <> all (${failed as string[]}::text[])
        and not exists (
          select from public.alert_deliveries as earlier
          where earlier.alert_id = due.alert_id
            and earlier.channel = due.channel
            and earlier.event_number < due.event_number
            and earlier.state = 'pending'
        )
      order by due.next_attempt_at, due.id
      limit 1
      for update of due skip locked
    ) as next,
    public.alert_events as event,
    public.alerts as alert
    where delivery.id = next.id
      and event.alert_id = delivery.alert_id
      and event.number = delivery.event_number
      and alert.id = delivery.alert_id
    returning
      delivery.id::float8, delivery.channel, delivery.attempts, delivery.idempotency_key, next.kind as channel_kind,
      alert.id::float8 as alert_id, alert.kind, alert.subject, alert.opened_at,
      event.number, event.event, event.severity, event.summary, event.evidence, event.at, event.actor`;
  if (row === undefined) return undefined;
  return {
    id: row.id,
    lease,
    channel: row.channel,
    kind: row.channel_kind,
    attempts: row.attempts,
    alert: {
      alertId: row.alert_id,
      number: row.number,
      event: row.event,
      kind: row.kind,
      subject: row.subject,
      severity: row.severity,
      summary: row.summary,
      evidence: row.evidence,
      at: row.at,
      actor: row.actor,
      openedAt: row.opened_at,
      idempotencyKey: row.idempotency_key,
    },
  };
}

/**
 * Writes down what became of a try.
 *
 * @returns What to count it as; undefined when another sender has taken it over meanwhile, whose word counts then.
 */
async function settle(
  sql: postgres.Sql,
  claim: Claim,
  result: SendOutcome,
  now: Date | undefined,
): Promise<keyof DeliveryCounts | undefined> {
  if (result.outcome === "sent") {
    // also when the lease is over: it has been sent, and need not be sent again
    await sql`
      update public.alert_deliveries
      set state = 'sent', sent_at = ${time(sql, now)}, lease = null, leased_until = null
      where id = ${claim.id} and state <> 'sent'`;
    return "sent";
  }
  const { error } = result;
  const retryAfterMs = result.outcome === "retry" ? result.retryAfterMs ?? 0 : 0;
  const ceiling = Math.min(FIRST_DELAY_MS * 2 ** (claim.attempts - 1), LONGEST_DELAY_MS);
  const delayMs = Math.round(Math.max(Math.random() * ceiling, retryAfterMs));
  const [row] = await sql`
    with paused as (
      update public.alert_channels
      set paused_until = ${time(sql, now)} + ${retryAfterMs} * interval '1 millisecond'
      where name = ${claim.channel} and ${retryAfterMs > 0}
    )
    update public.alert_deliveries
    set
      state = case
        when ${result.outcome === "refused"} or attempts >= settings.delivery_attempts then 'dead'
        else 'pending'
      end,
      next_attempt_at = ${time(sql, now)} + ${delayMs} * interval '1 millisecond',
      last_error = ${error},
      lease = null,
      leased_until = null
    from public.alert_settings as settings
    where alert_deliveries.id = ${claim.id} and lease = ${claim.lease}
    returning alert_deliveries.state`;
  if (row === undefined) return undefined;
  return row.state === "dead" ? "dead" : "retrying";
}
