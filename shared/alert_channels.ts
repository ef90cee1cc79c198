/** The channels that alerts are sent through: a webhook and SNS, with the addresses of the environment. */

import { AwsClient } from "aws4fetch";
import { type AlertEvent, slackMessage, snsNotification } from "./alert_message.ts";
import { ConfigError, type readConfig } from "./config.ts";
import { post, type SendOutcome } from "./posting.ts";

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

function webhook(url: string, timeoutMs: number): AlertChannel {
  return {
    async send(alert) {
      const request = new Request(url, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": alert.idempotencyKey },
        body: JSON.stringify(slackMessage(alert)),
      });
      return await post(request, "alert", timeoutMs, /^\s*([a-z]{1,20}(?:_[a-z]{1,20}){1,5})\s*$/); // invalid_payload, no_service, …
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
      return await post(request, "alert", timeoutMs, /<Code>([A-Za-z.]{1,60})<\/Code>/);
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
