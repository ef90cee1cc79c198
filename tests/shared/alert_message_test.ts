import assert from "node:assert/strict";
import { type AlertEvent, slackMessage, slackText, snsNotification } from "../../shared/alert_message.ts";

function alertEvent(overrides: Partial<AlertEvent> = {}): AlertEvent {
  return {
    alertId: 7,
    number: 1,
    event: "opened",
    kind: "check",
    subject: "values_in_range",
    severity: "fail",
    summary: "3 values of s11 are out of range",
    evidence: { value: 0.97, threshold_min: 0.99 },
    at: new Date("2026-01-01T12:00:00Z"),
    actor: "spool",
    openedAt: new Date("2026-01-01T12:00:00Z"),
    idempotencyKey: "11111111-2222-4333-8444-555555555555",
    ...overrides,
  };
}

const PAYLOAD = {
  alert_id: 7,
  event_number: 1,
  event: "opened",
  kind: "check",
  subject: "values_in_range",
  severity: "fail",
  summary: "3 values of s11 are out of range",
  at: "2026-01-01T12:00:00.000Z",
  actor: "spool",
  opened_at: "2026-01-01T12:00:00.000Z",
  idempotency_key: "11111111-2222-4333-8444-555555555555",
  evidence: { value: 0.97, threshold_min: 0.99 },
};

Deno.test("a Slack message has text, blocks for people and metadata for programs", () => {
  assert.deepEqual(slackMessage(alertEvent()), {
    text: "FAIL opened: check values_in_range: 3 values of s11 are out of range",
    blocks: [
      { type: "header", text: { type: "plain_text", text: "FAIL opened: check values_in_range" } },
      { type: "section", text: { type: "mrkdwn", text: "3 values of s11 are out of range" } },
      {
        type: "section",
        text: { type: "mrkdwn", text: '```{\n "value": 0.97,\n "threshold_min": 0.99\n}```' },
      },
      {
        type: "context",
        elements: [{ type: "mrkdwn", text: "Alert 7, opened at 2026-01-01T12:00:00.000Z" }],
      },
    ],
    metadata: { event_type: "spool_alert", event_payload: PAYLOAD },
  });
});

Deno.test("a message says who resolved an alert, and since when it was open", () => {
  const message = JSON.stringify(slackMessage(alertEvent({
    event: "resolved",
    actor: "anna <anna@example.com>",
    at: new Date("2026-01-01T13:00:00Z"),
    evidence: {},
  })));
  assert.match(message, /"RESOLVED: check values_in_range"/);
  assert.match(
    message,
    /Alert 7, resolved by anna &lt;anna@example.com&gt; at 2026-01-01T13:00:00.000Z, open since 2026-01-01T12:00/,
  );
  assert.doesNotMatch(message, /```/);
});

Deno.test("what could be a mention or a link in Slack is escaped", () => {
  const hostile = "<!channel> & <https://evil.example|click>";
  const { text, blocks } = slackMessage(
    alertEvent({ subject: hostile, summary: hostile, evidence: { hostile } }),
  );
  const shown = JSON.stringify([text, blocks]);
  assert.doesNotMatch(shown, /[<>]/);
  assert.match(shown, /&lt;!channel&gt; &amp; &lt;https/);
});

Deno.test("text is cut to its limit after it is escaped, and neither an escape nor a character is cut in two", () => {
  assert.equal(slackText("a<b", 6), "a&lt;b");
  assert.equal(slackText("a<bc", 6), "a&lt;…"); // a&lt;bc has 7
  for (let limit = 2; limit < 12; limit++) {
    const text = slackText("&<>&<>", limit);
    assert.ok(text.length <= limit);
    assert.match(text, /^(&amp;|&lt;|&gt;)*…$/);
  }
  assert.equal(slackText("ab😀cd", 4), "ab…");
});

/** All that can grow, grown: with quotes, control characters, or characters of three bytes. */
const huge = (text: string) =>
  alertEvent({
    kind: text.repeat(300),
    subject: text.repeat(300),
    summary: text.repeat(300_000),
    actor: text.repeat(10_000),
    evidence: { text: text.repeat(100_000) },
  });

Deno.test("however much there is to say, Slack's limits are kept", () => {
  for (const text of ["x", '"', "<", "\u0001", "車", "😀"]) {
    const message = slackMessage(huge(text)) as {
      text: string;
      blocks: { type: string; text: { text: string }; elements: { text: string }[] }[];
    };
    assert.ok(message.text.length <= 3000);
    assert.ok(message.blocks.length <= 50);
    for (const block of message.blocks) {
      const length = (block.text ?? block.elements[0]).text.length;
      assert.ok(length <= (block.type === "header" ? 150 : 3000), `${block.type} of ${length}`);
    }
    assert.ok(JSON.stringify(message).length < 100_000);
  }
});

Deno.test("an SNS notification has a text for mail and SMS, and the event for programs", () => {
  const { subject, message, attributes } = snsNotification(alertEvent());
  assert.equal(subject, "FAIL opened: check values_in_range");
  const texts = JSON.parse(message);
  assert.deepEqual(Object.keys(texts), ["default", "email", "sms"]);
  assert.deepEqual(JSON.parse(texts.default), PAYLOAD);
  assert.match(
    texts.email,
    /^3 values of s11 are out of range\n\nAlert 7, opened at .*\n\n\{\n {2}"value": 0.97/,
  );
  assert.equal(texts.sms, "FAIL opened: check values_in_range: 3 values of s11 are out of range");
  assert.deepEqual(attributes, {
    severity: "fail",
    kind: "check",
    event: "opened",
    idempotency_key: "11111111-2222-4333-8444-555555555555",
  });
});

Deno.test("however much there is to say, SNS's limits are kept, and what was left out is said", () => {
  for (const text of ["x", '"', "\\", "\u0001", "\n", "車", "😀"]) {
    const { subject, message } = snsNotification(huge(text));
    assert.match(subject, /^[\x20-\x7e]{1,100}$/);
    assert.ok(new TextEncoder().encode(message).length <= 262_144);
    const event = JSON.parse(JSON.parse(message).default);
    assert.ok(event.evidence_omitted >= 100_000);
    assert.ok(!("evidence" in event));
    const largest = snsNotification({
      ...huge(text),
      evidence: { text: text.repeat(15_000 / JSON.stringify(text).length) },
    });
    assert.ok("evidence" in JSON.parse(JSON.parse(largest.message).default));
    assert.ok(new TextEncoder().encode(largest.message).length <= 262_144);
  }
});
