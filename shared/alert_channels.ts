/** The channels that alerts are sent through: a webhook and SNS, with the addresses of the environment. */

import { AwsClient } from "aws4fetch";
import { type AlertEvent, slackMessage, snsNotification } from "./alert_message.ts";
import { ConfigError, type readConfig } from "./config.ts";

/** The variables that {@link alertChannels} is configured with; all are optional. */
export const ALERT_VARIABLES = [
  "ALERT_WEBHOOK_URL",
  "ALERT_SNS_TOPIC_ARN",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL_SNS",
] as const;

/** Their values, of `readConfig(ALERT_VARIABLES)`. */
export type AlertConfig = ReturnType<typeof readConfig<(typeof ALERT_VARIABLES)[number]>>;

/** What became of one try. `error` is to be stored and shown: it names a host at most, never an address or key. */
export type SendOutcome =
  | { readonly outcome: "sent" }
  /** Worth another try, not before `retryAfterMs` where the receiver said so. */
  | { readonly outcome: "retry"; readonly error: string; readonly retryAfterMs?: number }
  /** The same again would be refused again. */
  | { readonly outcome: "refused"; readonly error: string };

/** Something that alerts can be sent through. */
export interface AlertChannel {
  /** Sends one event. Does not throw: every failure is an outcome. */
  send(alert: AlertEvent): Promise<SendOutcome>;
}

/** The channels that have an address, by `alert_channels.kind`. */
export interface AlertChannels {
  readonly webhook?: AlertChannel;
  readonly sns?: AlertChannel;
}

/** How long a receiver may take, unless told: Slack answers within a second or does not at all. */
const TIMEOUT_MS = 10_000;

/** Longest wait that a receiver can ask for; what it says may be wrong, too. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** What a failed connection's error says, and what of it may be stored. The error itself quotes the URL. */
const FAULTS: readonly [RegExp, string][] = [
  [/refused/i, "the connection was refused"],
  [/certificate|UnknownIssuer/i, "its certificate is not valid"],
  [/dns|lookup|resolve|not known/i, "its name cannot be resolved"],
  [/tls|ssl|handshake|corrupt message/i, "the TLS handshake failed"],
  [/reset|closed|broken pipe|incomplete|eof/i, "the connection was lost"],
  [/unreachable/i, "the network is unreachable"],
];

function fault(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `no answer within ${timeoutMs / 1000} s`;
  }
  const text = error instanceof Error ? `${error.message} ${error.cause}`.replace(/for url \(.*?\)/, "") : "";
  return FAULTS.find(([pattern]) => pattern.test(text))?.[1] ?? "the connection failed";
}

/** Milliseconds that a Retry-After header asks for: seconds, or an HTTP date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

/** Codes with which AWS says that it is too much at the moment, some of them with status 400. */
const BUSY = /Throttl|^RequestLimitExceeded$/;

/** The first 4 KiB of a body: all that a reason is looked for in, however much comes. */
async function beginning(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= 4096) break; // which also cancels the rest
  }
  return text.slice(0, 4096);
}

/**
 * Posts a message.
 *
 * Redirects are not followed: an address is a secret, and another host must not be handed what was meant for it.
 *
 * @param reason Finds the receiver's code for what is wrong in its answer. The rest of an answer is not stored: a
 *   page that says "not found" quotes the path, which is the secret.
 */
async function post(
  request: Request,
  timeoutMs: number,
  reason: RegExp,
): Promise<SendOutcome> {
  const { host } = new URL(request.url);
  try {
    const response = await fetch(request, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    const { ok, status } = response;
    if (ok) {
      response.body?.cancel().catch(() => {}); // it has been accepted, whatever becomes of the rest
      return { outcome: "sent" };
    }
    const code = reason.exec(await beginning(response).catch(() => ""))?.[1];
    const error = `Cannot deliver to ${host} as it must accept the alert: ` +
      `it answered ${status}${code === undefined || request.url.includes(code) ? "" : ` ${code}`}`;
    if (status >= 500 || [408, 425, 429].includes(status) || BUSY.test(code ?? "")) {
      return { outcome: "retry", error, retryAfterMs: retryAfterMs(response.headers.get("retry-after")) };
    }
    return { outcome: "refused", error };
  } catch (error) {
    return {
      outcome: "retry",
      error: `Cannot deliver to ${host} as it must be reachable: ${fault(error, timeoutMs)}`,
    };
  }
}

function webhook(url: string, timeoutMs: number): AlertChannel {
  return {
    async send(alert) {
      const request = new Request(url, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": alert.idempotencyKey },
        body: JSON.stringify(slackMessage(alert)),
      });
      return await post(request, timeoutMs, /^\s*([a-z]{1,20}(?:_[a-z]{1,20}){1,5})\s*$/); // invalid_payload, no_service, …
    },
  };
}

function sns(topicArn: string, config: AlertConfig, timeoutMs: number): AlertChannel {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new ConfigError(
      "Cannot deliver alerts to SNS as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set beside ALERT_SNS_TOPIC_ARN",
    );
  }
  const [, partition, , topicRegion] = topicArn.split(":");
  const region = config.AWS_REGION ?? topicRegion;
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const url = config.AWS_ENDPOINT_URL_SNS ?? `https://sns.${region}.${domain}/`;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    sessionToken: config.AWS_SESSION_TOKEN,
    service: "sns",
    region,
  });
  return {
    async send(alert) {
      const { subject, message, attributes } = snsNotification(alert);
      const form = new URLSearchParams({
        Action: "Publish",
        Version: "2010-03-31",
        TopicArn: topicArn,
        Subject: subject,
        MessageStructure: "json",
        Message: message,
      });
      Object.entries(attributes).forEach(([name, value], i) => {
        const entry = `MessageAttributes.entry.${i + 1}`;
        form.set(`${entry}.Name`, name);
        form.set(`${entry}.Value.DataType`, "String");
        form.set(`${entry}.Value.StringValue`, value);
      });
      if (topicArn.endsWith(".fifo")) {
        form.set("MessageGroupId", `alert-${alert.alertId}`);
        form.set("MessageDeduplicationId", alert.idempotencyKey);
      }
      const request = await client.sign(url, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: form.toString(),
      });
      return await post(request, timeoutMs, /<Code>([A-Za-z.]{1,60})<\/Code>/);
    },
  };
}

/**
 * The channels that the environment has an address for.
 *
 * @param config What `readConfig(ALERT_VARIABLES)` gives.
 * @param options.timeoutMs How long a receiver may take; 10 s unless given.
 * @throws {ConfigError} There is a topic, but no key to sign with.
 *
 * @example
 * ```ts
 * import { ALERT_VARIABLES, alertChannels } from "./alert_channels.ts";
 * import { readConfig } from "./config.ts";
 * import assert from "node:assert/strict";
 *
 * const config = readConfig(ALERT_VARIABLES, { ALERT_WEBHOOK_URL: "https://hooks.example/services/secret" });
 * assert.deepEqual(Object.keys(alertChannels(config)), ["webhook"]);
 * ```
 */
export function alertChannels(
  config: AlertConfig,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): AlertChannels {
  const { ALERT_WEBHOOK_URL: url, ALERT_SNS_TOPIC_ARN: topicArn } = config;
  return {
    ...url === undefined ? {} : { webhook: webhook(url, timeoutMs) },
    ...topicArn === undefined ? {} : { sns: sns(topicArn, config, timeoutMs) },
  };
}
