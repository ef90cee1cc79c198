/** How an event of an alert is told: as a Slack-compatible message, and as an SNS notification. */

/** What happened to an alert, in the words of that moment. */
export interface AlertEvent {
  readonly alertId: number;
  /** Place among the alert's events, from 1. */
  readonly number: number;
  readonly event: "opened" | "reopened" | "escalated" | "resolved" | "reminder";
  /** At most 300 characters, as is the subject. */
  readonly kind: string;
  readonly subject: string;
  readonly severity: "warning" | "fail";
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly at: Date;
  /** Who did it; `spool` when an observation did. */
  readonly actor: string;
  /** When the alert was opened. */
  readonly openedAt: Date;
  /** The same each time that this is sent to a channel. */
  readonly idempotencyKey: string;
}

/**
 * Most characters of each part; more is in the database. A character can become seven bytes on its way (a control
 * character in JSON within JSON), and all parts together stay below SNS's 256 KiB even then.
 */
const LIMITS = { actor: 300, summary: 3000, evidence: 16_000, mail: 8000, sms: 140 };

/** At most `limit` UTF-16 units of a text, the last of them an ellipsis where something is cut off. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "") + "…";
}

/** As Slack wants text: its three control characters escaped, no escape cut in two, at most `limit` long. */
export function slackText(text: string, limit: number): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  if (escaped.length <= limit) return escaped;
  return escaped.slice(0, limit - 1).replace(/&[a-z]{0,3}$|[\ud800-\udbff]$/, "") + "…";
}

/** `FAIL opened: check values_in_range` */
function headline({ severity, event, kind, subject }: AlertEvent): string {
  const label = event === "resolved" ? "RESOLVED" : `${severity.toUpperCase()} ${event}`;
  return `${label}: ${kind} ${subject}`;
}

/** The event for programs. */
function payload(alert: AlertEvent): Record<string, unknown> {
  const size = JSON.stringify(alert.evidence).length;
  return {
    alert_id: alert.alertId,
    event_number: alert.number,
    event: alert.event,
    kind: alert.kind,
    subject: alert.subject,
    severity: alert.severity,
    summary: cut(alert.summary, LIMITS.summary),
    at: alert.at.toISOString(),
    actor: cut(alert.actor, LIMITS.actor),
    opened_at: alert.openedAt.toISOString(),
    idempotency_key: alert.idempotencyKey,
    ...size <= LIMITS.evidence ? { evidence: alert.evidence } : { evidence_omitted: size },
  };
}

/** A line about when and who. */
function circumstances(alert: AlertEvent): string {
  const since = alert.event === "opened" ? "" : `, open since ${alert.openedAt.toISOString()}`;
  const by = alert.actor === "spool" ? "" : ` by ${cut(alert.actor, LIMITS.actor)}`;
  return `Alert ${alert.alertId}, ${alert.event}${by} at ${alert.at.toISOString()}${since}`;
}

/**
 * A Slack-compatible message: text for notifications, blocks for people, metadata for programs.
 *
 * Slack's limits: 150 characters in a header, 3000 in a section, 50 blocks; text is escaped before it is cut.
 */
export function slackMessage(alert: AlertEvent): Record<string, unknown> {
  const evidence = JSON.stringify(alert.evidence, null, 1).replaceAll("```", "'''");
  const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
  return {
    text: slackText(`${headline(alert)}: ${alert.summary}`, 3000),
    blocks: [
      { type: "header", text: { type: "plain_text", text: slackText(headline(alert), 150) } },
      section(slackText(alert.summary, 3000)),
      ...evidence === "{}" ? [] : [section("```" + slackText(evidence, 2900) + "```")],
      { type: "context", elements: [{ type: "mrkdwn", text: slackText(circumstances(alert), 3000) }] },
    ],
    metadata: { event_type: "spool_alert", event_payload: payload(alert) },
  };
}

/** What SNS is given. */
export interface SnsNotification {
  /** Subject of a mail: at most 100 characters of printable ASCII. */
  readonly subject: string;
  /** JSON with a text for each protocol; programs (SQS, Lambda, HTTP) get the event itself. */
  readonly message: string;
  /** What subscriptions filter by. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** An SNS notification. SNS takes 256 KiB: mail and SMS are cut, evidence that is large is left out. */
export function snsNotification(alert: AlertEvent): SnsNotification {
  const title = headline(alert).replaceAll(/[^\x20-\x7e]/g, "?");
  return {
    subject: title.length <= 100 ? title : `${title.slice(0, 97)}...`,
    message: JSON.stringify({
      default: JSON.stringify(payload(alert)),
      email: cut(
        `${cut(alert.summary, LIMITS.summary)}\n\n${circumstances(alert)}\n\n${
          JSON.stringify(alert.evidence, null, 2)
        }`,
        LIMITS.mail,
      ),
      sms: cut(`${headline(alert)}: ${alert.summary}`, LIMITS.sms),
    }),
    attributes: {
      severity: alert.severity,
      kind: alert.kind.replaceAll(/[^\x20-\x7e]/g, "?"),
      event: alert.event,
      idempotency_key: alert.idempotencyKey,
    },
  };
}
