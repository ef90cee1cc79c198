import assert from "node:assert/strict";
import type postgres from "postgres";
import type { AlertChannels as Channels } from "../../shared/alert_channels.ts";
import { ALERT_VARIABLES, alertChannels, deliverAlerts } from "../../shared/alert_delivery.ts";
import { ConfigError, readConfig } from "../../shared/config.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { isSigned, sns, SNS_KEY } from "../support/sns.ts";

/** The part of the webhook's address that nobody may learn. */
const SECRET = "services/T0SECRET/B0SECRET/xo0secret0xo";

const NOW = new Date("2026-01-01T12:00:00Z");
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

/** What a webhook received. */
interface Received {
  readonly key: string | null;
  readonly path: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

interface Webhook extends AsyncDisposable {
  readonly received: Received[];
  readonly url: string;
  readonly channels: Channels;
}

/** A webhook that answers as told, 200 `ok` unless told. */
function webhook(
  answer: (request: Received, count: number) => Response | Promise<Response> = () => new Response("ok"),
  timeoutMs?: number,
): Webhook {
  const received: Received[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    assert.equal(request.method, "POST");
    assert.equal(request.headers.get("content-type"), "application/json");
    const { pathname: path } = new URL(request.url);
    const one = { key: request.headers.get("idempotency-key"), path, body: await request.json() };
    received.push(one);
    return await answer(one, received.length);
  });
  const url = `http://127.0.0.1:${server.addr.port}/${SECRET}`;
  return {
    received,
    url,
    channels: alertChannels(readConfig(ALERT_VARIABLES, { ALERT_WEBHOOK_URL: url }), { timeoutMs }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A database with an active webhook, or active channels of the given kinds, and an alert a subject. */
async function outbox(
  subjects: readonly string[],
  kinds = ["webhook"],
  version: 15 | 17 = 17,
): Promise<TestDatabase> {
  const db = await testDatabase({ version });
  await db.sql`update alert_channels set active = kind = any (${kinds}::text[])`;
  await observe(db.sql, 0, subjects, true);
  return db;
}

async function observe(sql: postgres.Sql, seconds: number, subjects: readonly string[], failing: boolean) {
  const observations = subjects.map((subject) => ({
    kind: "check",
    subject,
    failing,
    severity: "fail",
    summary: `${subject} fails`,
    evidence: { value: 0.5 },
  }));
  await sql`select observe_alerts(${JSON.stringify(observations)}::text::jsonb, ${later(seconds)})`;
}

async function only(sql: postgres.Sql): Promise<postgres.Row> {
  const rows = await sql`select * from alert_deliveries`;
  assert.equal(rows.length, 1);
  return rows[0];
}

async function states(sql: postgres.Sql): Promise<string[]> {
  return (await sql`select state from alert_deliveries order by id`).map(({ state }) => state);
}

/** All that the database holds about alerts, as text. */
async function everything(sql: postgres.Sql): Promise<string> {
  const parts = [];
  for (
    const table of [
      "alerts",
      "alert_events",
      "alert_deliveries",
      "alert_channels",
      "alert_settings",
      "open_alerts",
    ]
  ) {
    parts.push(JSON.stringify(await sql.unsafe(`select t::text from public.${table} as t`)));
  }
  return parts.join("\n");
}

const SENT = { sent: 1, retrying: 0, dead: 0 };
const RETRYING = { sent: 0, retrying: 1, dead: 0 };
const DEAD = { sent: 0, retrying: 0, dead: 1 };
const NOTHING = { sent: 0, retrying: 0, dead: 0 };

for (const version of [17, 15] as const) {
  Deno.test({
    name: `an alert is posted to the webhook once, with its key (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using hook = webhook();
      await using db = await outbox(["a <b>"], ["webhook"], version);
      assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: NOW }), SENT);
      assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(86400) }), NOTHING);

      const row = await only(db.sql);
      assert.deepEqual(
        [row.state, row.attempts, row.sent_at, row.lease, row.last_error],
        ["sent", 1, NOW, null, null],
      );
      assert.equal(hook.received.length, 1);
      const { key, path, body } = hook.received[0];
      assert.equal(path, `/${SECRET}`);
      assert.equal(key, row.idempotency_key);
      assert.equal(body.text, "FAIL opened: check a &lt;b&gt;: a &lt;b&gt; fails");
      assert.deepEqual(body.metadata.event_payload, {
        alert_id: 1,
        event_number: 1,
        event: "opened",
        kind: "check",
        subject: "a <b>",
        severity: "fail",
        summary: "a <b> fails",
        at: NOW.toISOString(),
        actor: "spool",
        opened_at: NOW.toISOString(),
        idempotency_key: key,
        evidence: { value: 0.5 },
      });
    },
  });
}

Deno.test("it runs by the database's clock when it is told no other", async () => {
  await using hook = webhook();
  await using db = await outbox(["a"]);
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels), SENT);
  const [{ recent }] = await db
    .sql`select now() - sent_at < interval '1 minute' as recent from alert_deliveries`;
  assert.equal(recent, true);
});

const answers: [string, () => Response, "pending" | "dead", string][] = [
  ["500", () => new Response("oops", { status: 500 }), "pending", "it answered 500"],
  [
    "503 with a code",
    () => new Response("rollup_error", { status: 503 }),
    "pending",
    "it answered 503 rollup_error",
  ],
  ["429", () => new Response("", { status: 429 }), "pending", "it answered 429"],
  ["408", () => new Response("", { status: 408 }), "pending", "it answered 408"],
  [
    "404 with Slack's code",
    () => new Response("no_service", { status: 404 }),
    "dead",
    "it answered 404 no_service",
  ],
  [
    "404 with a page that quotes the path",
    () => new Response(`no /${SECRET}`, { status: 404 }),
    "dead",
    "it answered 404",
  ],
  [
    "400 and more than anybody reads",
    () => new Response("x".repeat(1e6), { status: 400 }),
    "dead",
    "it answered 400",
  ],
  [
    "a redirect",
    () => new Response(null, { status: 307, headers: { location: "/elsewhere" } }),
    "dead",
    "it answered 307",
  ],
];
for (const [what, answer, state, reason] of answers) {
  Deno.test(`${what} leaves a delivery ${state}, and says why`, async () => {
    await using hook = webhook(answer);
    await using db = await outbox(["a"]);
    assert.deepEqual(
      await deliverAlerts(db.sql, hook.channels, { now: NOW }),
      state === "dead" ? DEAD : RETRYING,
    );
    const row = await only(db.sql);
    assert.equal(row.state, state);
    assert.equal(
      row.last_error,
      `Cannot deliver to ${new URL(hook.url).host} as it must accept the alert: ${reason}`,
    );
    assert.ok(row.next_attempt_at >= NOW && row.next_attempt_at <= later(30));
    assert.deepEqual([row.attempts, row.lease], [1, null]);
    assert.deepEqual(hook.received.map(({ path }) => path), [`/${SECRET}`]); // no redirect was followed
    const [open] = await db.sql`select deliveries_pending, deliveries_dead, delivery_error from open_alerts`;
    assert.deepEqual({ ...open }, {
      deliveries_pending: state === "pending" ? "1" : "0",
      deliveries_dead: state === "dead" ? "1" : "0",
      delivery_error: row.last_error,
    });
  });
}

/** A certificate that nobody trusts, of a server on this machine; its key protects nothing. */
const CERTIFICATE = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaem8PcI/PUgfdVXI
lA0N+V786psFAcXCtkWU82IwdqehRANCAATgO+IhSpFCbm8LTBVMQyqWqriMZ8gR
R1EvKzvKtp++bBR5rIz9USwb36Fir+mx6KDrbQvloAFHn9Wz/4dUXDZi
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUfARoSbPzLqouR0l7DPF2hFqYPxwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzE1MjM1NloYDzIxMjYxMDMw
MTUyMzU2WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATgO+IhSpFCbm8LTBVMQyqWqriMZ8gRR1EvKzvKtp++bBR5rIz9USwb
36Fir+mx6KDrbQvloAFHn9Wz/4dUXDZio2QwYjAdBgNVHQ4EFgQUBopMV3PN2fSZ
8dh0jDyiNLnKddAwHwYDVR0jBBgwFoAUBopMV3PN2fSZ8dh0jDyiNLnKddAwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IQCngJ7Btw4oB/wEqzfOO0x6zffDG2EXy7MvI7DVx6c9OQIgUTvaAAT/m/LUV5GZ
MJMuPBVI7Db1YP8opAt7E1ziuKE=
-----END CERTIFICATE-----
`,
};

/** Servers that cannot be talked to, by what is to be said of them. */
const unreachable: [string, () => { port: number; protocol: string; stop: () => Promise<void> | void }][] = [
  ["the connection was refused", () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    return { port: listener.addr.port, protocol: "http", stop() {} };
  }],
  ["its certificate is not valid", () => {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {}, ...CERTIFICATE };
    const server = Deno.serve(options, () => new Response("ok"));
    return { port: server.addr.port, protocol: "https", stop: () => server.shutdown() };
  }],
  ["the TLS handshake failed", () => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("ok"));
    return { port: server.addr.port, protocol: "https", stop: () => server.shutdown() };
  }],
  ["the connection was lost", () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    (async () => {
      for await (const connection of listener) connection.close();
    })();
    return { port: listener.addr.port, protocol: "http", stop: () => listener.close() };
  }],
  ["no answer within 0.2 s", () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
      await promise;
      return new Response("ok");
    });
    return {
      port: server.addr.port,
      protocol: "http",
      async stop() {
        resolve();
        await server.shutdown();
      },
    };
  }],
];
for (const [reason, start] of unreachable) {
  Deno.test(`where ${reason}, a delivery is tried again, and the address stays unsaid`, async () => {
    const { port, protocol, stop } = start();
    try {
      await using db = await outbox(["a"]);
      const url = `${protocol}://127.0.0.1:${port}/${SECRET}`;
      const channels = alertChannels(readConfig(ALERT_VARIABLES, { ALERT_WEBHOOK_URL: url }), {
        timeoutMs: 200,
      });
      assert.deepEqual(await deliverAlerts(db.sql, channels, { now: NOW }), RETRYING);
      assert.equal(
        (await only(db.sql)).last_error,
        `Cannot deliver to 127.0.0.1:${port} as it must be reachable: ${reason}`,
      );
      assert.doesNotMatch(await everything(db.sql), /secret/i);
    } finally {
      await stop();
    }
  });
}

Deno.test("a delivery that fails is tried with growing pauses, then it is dead until somebody sends it again", async () => {
  let status = 500;
  await using hook = webhook(() => new Response("", { status }));
  await using db = await outbox(["a"]);
  await db.sql`update alert_settings set delivery_attempts = 4`;
  let now = NOW;
  for (let attempt = 1; attempt <= 3; attempt++) {
    assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now }), RETRYING);
    const { next_attempt_at } = await only(db.sql);
    const pause = next_attempt_at.getTime() - now.getTime();
    assert.ok(pause >= 0 && pause <= 30_000 * 2 ** (attempt - 1), `${pause} ms`);
    if (pause > 0) {
      const tooEarly = new Date(next_attempt_at.getTime() - 1);
      assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: tooEarly }), NOTHING);
    }
    now = next_attempt_at;
  }
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now }), DEAD);
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(1e6) }), NOTHING);
  assert.equal((await only(db.sql)).state, "dead");

  status = 200;
  await db.sql`select retry_delivery(id, ${later(2e6)}) from alert_deliveries`;
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(2e6) }), SENT);
  assert.equal(hook.received.length, 5);
  assert.equal(new Set(hook.received.map(({ key }) => key)).size, 1);
});

for (const [header, seconds] of [["120", 120], ["999999999", 86_400]] as const) {
  Deno.test(`a receiver that says Retry-After: ${header} is left alone for ${seconds} s`, async () => {
    await using hook = webhook((_, count) =>
      count === 1 ? new Response("", { status: 429, headers: { "retry-after": header } }) : new Response("ok")
    );
    await using db = await outbox(["a", "b"]);
    assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: NOW }), RETRYING);
    await observe(db.sql, 1, ["c"], true);
    assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(seconds - 1) }), NOTHING);
    assert.equal(hook.received.length, 1);
    assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(seconds) }), {
      ...NOTHING,
      sent: 3,
    });
  });
}

Deno.test("a Retry-After can be a date", async () => {
  const header = new Date(Date.now() + 600_000).toUTCString();
  await using hook = webhook(() => new Response("", { status: 503, headers: { "retry-after": header } }));
  await using db = await outbox(["a"]);
  await deliverAlerts(db.sql, hook.channels, { now: NOW });
  const pause = (await only(db.sql)).next_attempt_at.getTime() - NOW.getTime();
  assert.ok(pause > 590_000 && pause <= 600_000, `${pause} ms`);
});

Deno.test("the events of an alert arrive in their order: later ones wait while an earlier one is retried", async () => {
  let status = 500;
  await using hook = webhook(() => new Response("", { status }));
  await using db = await outbox(["a"]);
  await deliverAlerts(db.sql, hook.channels, { now: NOW });
  await db.sql`update alert_deliveries set next_attempt_at = ${later(600)}`;
  await db.sql`update alert_settings set resolve_after = 1`;
  await observe(db.sql, 1, ["a"], false);
  await observe(db.sql, 2, ["b"], true);
  status = 200;
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(60) }), SENT);
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(600) }), { ...NOTHING, sent: 2 });
  assert.deepEqual(
    hook.received.slice(1).map(({ body }) => body.text.split(":").slice(0, 2).join(":")),
    ["FAIL opened: check b", "FAIL opened: check a", "RESOLVED: check a"],
  );
});

Deno.test("one receiver's trouble is left alone for the call, and holds up no other channel", async () => {
  await using hook = webhook(() => new Response("", { status: 500 }));
  const published: URLSearchParams[] = [];
  await using topic = snsServer(sns("eu-central-1", published));
  await using db = await outbox(["a", "b", "c"], ["webhook", "sns"]);
  const counts = await deliverAlerts(db.sql, { ...hook.channels, ...topic.channels }, { now: NOW });
  assert.deepEqual(counts, { sent: 3, retrying: 1, dead: 0 });
  assert.deepEqual([hook.received.length, published.length], [1, 3]);
});

Deno.test("a call sends no more than its limit, and the next one goes on", async () => {
  await using hook = webhook();
  await using db = await outbox(["a", "b", "c"]);
  assert.equal((await deliverAlerts(db.sql, hook.channels, { now: NOW, limit: 2 })).sent, 2);
  assert.equal((await deliverAlerts(db.sql, hook.channels, { now: NOW, limit: 2 })).sent, 1);
});

Deno.test("several senders at once send each delivery once", async () => {
  await using hook = webhook(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response("ok");
  });
  const subjects = Array.from({ length: 20 }, (_, i) => `check ${i}`);
  await using db = await outbox(subjects);
  const counts = await Promise.all(
    [1, 2, 3, 4].map(() => deliverAlerts(db.sql, hook.channels, { now: NOW })),
  );
  assert.equal(counts.reduce((sum, { sent }) => sum + sent, 0), 20);
  assert.ok(counts.filter(({ sent }) => sent > 0).length > 1, "only one of them sent anything");
  assert.equal(hook.received.length, 20);
  assert.deepEqual(await states(db.sql), subjects.map(() => "sent"));
});

/** Runs a sender as a process of its own that is killed when `until` settles. */
async function killedSender(
  databaseUrl: string,
  channels: string,
  until: (line: Promise<string>) => Promise<unknown>,
) {
  const module = (path: string) => JSON.stringify(new URL(`../../shared/${path}`, import.meta.url).href);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "-"],
    cwd: new URL("../..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`
    import { ALERT_VARIABLES, alertChannels, deliverAlerts } from ${module("alert_delivery.ts")};
    import { readConfig } from ${module("config.ts")};
    import { connect } from ${module("database.ts")};
    const sql = connect(${JSON.stringify(databaseUrl)}, 1);
    await deliverAlerts(sql, ${channels}, { now: new Date("${NOW.toISOString()}") });
    console.log("done");
  `));
  await writer.close();
  const reader = child.stdout.getReader();
  await until(reader.read().then(({ value }) => new TextDecoder().decode(value)));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
}

Deno.test("a sender that dies before it has sent, or before it could say so, is followed by another", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
  await using hook = webhook(async (_, count) => {
    arrive();
    if (count === 1) await killed;
    return new Response("ok");
  });
  await using db = await outbox(["a"]);
  const leased = async (seconds: number) =>
    await deliverAlerts(db.sql, hook.channels, { now: later(seconds) });

  const hanging =
    `{ webhook: { send: () => { console.log("claimed"); return new Promise(() => setInterval(() => {}, 1000)); } } }`;
  await killedSender(db.url, hanging, async (line) => assert.equal((await line).trim(), "claimed"));
  assert.deepEqual(await leased(59), NOTHING); // it could still be at it
  assert.equal(hook.received.length, 0);
  await db.sql`update alert_deliveries set leased_until = ${NOW}`; // a minute is over

  const real = `alertChannels(readConfig(ALERT_VARIABLES, { ALERT_WEBHOOK_URL: "${hook.url}" }))`;
  await killedSender(db.url, real, async () => await arrived);
  kill();
  assert.equal(hook.received.length, 1);
  assert.deepEqual(await leased(59), NOTHING);
  assert.deepEqual(await leased(60), SENT);
  assert.equal(hook.received.length, 2);
  assert.equal(hook.received[0].key, hook.received[1].key); // by which the receiver can tell
  const { state, attempts } = await only(db.sql);
  assert.deepEqual([state, attempts], ["sent", 3]);
});

Deno.test("a delivery whose senders die each time is dead in the end", async () => {
  await using hook = webhook();
  await using db = await outbox(["a"]);
  await db.sql`
    update alert_deliveries set attempts = 12, lease = gen_random_uuid(), leased_until = ${later(60)}`;
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(59) }), NOTHING);
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(60) }), DEAD);
  assert.equal((await only(db.sql)).last_error, "Its sender ended while it was at it");
  assert.equal(hook.received.length, 0);
});

Deno.test("a sender whose lease is over does not undo what another one has written", async () => {
  await using db = await outbox(["a"]);
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const slow = deliverAlerts(db.sql, {
    webhook: {
      async send() {
        begin();
        await hold;
        return { outcome: "refused", error: "too late" };
      },
    },
  }, { now: NOW });
  await begun;
  await using hook = webhook();
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(60) }), SENT);
  release();
  assert.deepEqual(await slow, NOTHING);
  const { state, last_error } = await only(db.sql);
  assert.deepEqual([state, last_error], ["sent", null]);
});

Deno.test("what a transaction takes back is never sent", async () => {
  await using hook = webhook();
  await using db = await outbox([]);
  await assert.rejects(db.sql.begin(async (tx) => {
    await observe(tx as unknown as postgres.Sql, 0, ["a"], true);
    throw new Error("no");
  }));
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: NOW }), NOTHING);
  assert.equal(hook.received.length, 0);
});

Deno.test("a channel is used once it has an address, unless somebody has switched it off", async () => {
  await using hook = webhook();
  await using db = await testDatabase();
  await observe(db.sql, 0, ["a"], true);
  assert.deepEqual(await states(db.sql), []);
  assert.deepEqual(await deliverAlerts(db.sql, {}, { now: NOW }), NOTHING);
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: NOW }), SENT); // it was open before
  await observe(db.sql, 1, ["b"], true);
  await db.sql`update alert_channels set active = false`;
  await observe(db.sql, 2, ["c"], true);
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(2) }), NOTHING);
  await db.sql`update alert_channels set active = true`;
  assert.deepEqual(await deliverAlerts(db.sql, hook.channels, { now: later(3) }), SENT);
  assert.deepEqual(hook.received.map(({ body }) => body.metadata.event_payload.subject), ["a", "b"]);
});

Deno.test("a channel that has lost its address says so", async () => {
  await using db = await outbox(["a"]);
  assert.deepEqual(await deliverAlerts(db.sql, {}, { now: NOW }), RETRYING);
  assert.equal(
    (await only(db.sql)).last_error,
    "Cannot deliver to webhook as ALERT_WEBHOOK_URL must be set where alerts are sent from",
  );
});

const ARN = "arn:aws:sns:eu-central-1:123456789012:spool-alerts";

interface Topic extends AsyncDisposable {
  readonly channels: Channels;
}

/** An SNS at an endpoint of this machine, and the channel to it. */
function snsServer(
  handler: (request: Request) => Promise<Response>,
  env: Record<string, string> = {},
): Topic {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  return {
    channels: alertChannels(readConfig(ALERT_VARIABLES, {
      ALERT_SNS_TOPIC_ARN: ARN,
      AWS_ACCESS_KEY_ID: SNS_KEY.id,
      AWS_SECRET_ACCESS_KEY: SNS_KEY.secret,
      AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${server.addr.port}`,
      ...env,
    })),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("an alert is published to SNS with a signature that holds", async () => {
  const published: URLSearchParams[] = [];
  await using topic = snsServer(sns("eu-central-1", published));
  const subject = "Prüfstand ~*'()!+ % & = \n 車".repeat(10);
  await using db = await outbox([subject], ["sns"]);
  assert.deepEqual(await deliverAlerts(db.sql, topic.channels, { now: NOW }), SENT);
  const form = Object.fromEntries(published[0]);
  assert.equal(form.TopicArn, ARN);
  assert.equal(form.MessageStructure, "json");
  assert.match(form.Subject, /^FAIL opened: check Pr\?fstand ~\*'\(\)!\+ % & = \? \?Pr.*\.\.\.$/);
  assert.equal(JSON.parse(JSON.parse(form.Message).default).subject, subject);
  assert.deepEqual(
    [form["MessageAttributes.entry.1.Name"], form["MessageAttributes.entry.1.Value.StringValue"]],
    ["severity", "fail"],
  );
  assert.deepEqual(
    [form["MessageAttributes.entry.2.Name"], form["MessageAttributes.entry.2.Value.StringValue"]],
    ["kind", "check"],
  );
  assert.equal(form.MessageGroupId, undefined);
});

Deno.test("temporary keys and a region of their own are part of the signature; a FIFO topic gets its ids", async () => {
  const published: URLSearchParams[] = [];
  const tokens: (string | null)[] = [];
  const answer = sns("us-east-1", published);
  await using topic = snsServer(async (request) => {
    tokens.push(request.headers.get("x-amz-security-token"));
    assert.match(request.headers.get("authorization")!, /SignedHeaders=[^,]*x-amz-security-token/);
    return await answer(request);
  }, { AWS_SESSION_TOKEN: "token/of+the=test", AWS_REGION: "us-east-1", ALERT_SNS_TOPIC_ARN: `${ARN}.fifo` });
  await using db = await outbox(["a"], ["sns"]);
  assert.deepEqual(await deliverAlerts(db.sql, topic.channels, { now: NOW }), SENT);
  assert.deepEqual(tokens, ["token/of+the=test"]);
  assert.equal(published[0].get("MessageGroupId"), "alert-1");
  assert.equal(published[0].get("MessageDeduplicationId"), (await only(db.sql)).idempotency_key);
});

Deno.test("a wrong key is refused for good, with SNS's code and nothing else of its answer", async () => {
  await using topic = snsServer(sns("eu-central-1", []), { AWS_SECRET_ACCESS_KEY: "wrong/secret" });
  await using db = await outbox(["a"], ["sns"]);
  assert.deepEqual(await deliverAlerts(db.sql, topic.channels, { now: NOW }), DEAD);
  assert.match((await only(db.sql)).last_error, /it answered 403 SignatureDoesNotMatch$/);
  assert.doesNotMatch(await everything(db.sql), /secret/i);
});

Deno.test("SNS that throttles with status 400 is tried again", async () => {
  await using topic = snsServer(() =>
    Promise.resolve(
      new Response("<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", { status: 400 }),
    )
  );
  await using db = await outbox(["a"], ["sns"]);
  assert.deepEqual(await deliverAlerts(db.sql, topic.channels, { now: NOW }), RETRYING);
});

Deno.test("the stand-in of SNS refuses what was changed after it was signed, or never was", async () => {
  let captured: { request: Request; body: string } | undefined;
  await using topic = snsServer(async (request) => {
    captured = { body: await request.clone().text(), request };
    assert.equal(isSigned(request, captured.body, "eu-central-1"), true);
    assert.equal(isSigned(request, captured.body + "&x=1", "eu-central-1"), false);
    assert.equal(isSigned(request, captured.body, "eu-west-1"), false);
    const other = new Request(new URL("/other", request.url), { method: "POST", headers: request.headers });
    assert.equal(isSigned(other, captured.body, "eu-central-1"), false);
    assert.equal(
      isSigned(new Request(request.url, { method: "POST" }), captured.body, "eu-central-1"),
      false,
    );
    return new Response("");
  });
  await using db = await outbox(["a"], ["sns"]);
  assert.deepEqual(await deliverAlerts(db.sql, topic.channels, { now: NOW }), SENT);
  assert.ok(captured);
});

Deno.test("neither address nor key is in the database, whatever happened", async () => {
  await using hook = webhook((_, count) =>
    new Response(`/${SECRET}`, { status: [404, 500, 429][count % 3] })
  );
  await using topic = snsServer(sns("eu-central-1", []), { AWS_SECRET_ACCESS_KEY: "wrong/secret" });
  await using db = await outbox(["a", "b", "c"], ["webhook", "sns"]);
  for (const minutes of [0, 60, 120, 180, 240]) {
    await deliverAlerts(db.sql, { ...hook.channels, ...topic.channels }, { now: later(minutes * 60) });
  }
  const all = await everything(db.sql);
  assert.match(all, /127\.0\.0\.1/); // the host is said
  for (const secret of ["SECRET", "xo0secret0xo", SNS_KEY.id, "wrong/secret"]) {
    assert.ok(!all.includes(secret), secret);
  }
});

const URL_MESSAGE = "must be an https URL without user and password (http is for this machine only)";
const configs: [string, Record<string, string>, string][] = [
  [
    "http to another machine",
    { ALERT_WEBHOOK_URL: "http://hooks.example/secret" },
    `ALERT_WEBHOOK_URL ${URL_MESSAGE}`,
  ],
  ["no URL", { ALERT_WEBHOOK_URL: "hooks.example/secret" }, `ALERT_WEBHOOK_URL ${URL_MESSAGE}`],
  [
    "a password in the URL",
    { ALERT_WEBHOOK_URL: "https://u:secret@hooks.example/" },
    `ALERT_WEBHOOK_URL ${URL_MESSAGE}`,
  ],
  [
    "a topic that is none",
    { ALERT_SNS_TOPIC_ARN: "spool-alerts" },
    "ALERT_SNS_TOPIC_ARN must be an ARN such as arn:aws:sns:eu-central-1:123456789012:spool-alerts",
  ],
  [
    "a topic without a key",
    { ALERT_SNS_TOPIC_ARN: ARN, AWS_SECRET_ACCESS_KEY: "secret" },
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set beside ALERT_SNS_TOPIC_ARN",
  ],
];
for (const [what, env, message] of configs) {
  Deno.test(`a configuration with ${what} is refused, and the message holds no secret`, () => {
    assert.throws(() => alertChannels(readConfig(ALERT_VARIABLES, env)), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.ok(error.message.endsWith(message), error.message);
      assert.doesNotMatch(error.message, /secret(?!_)/);
      return true;
    });
  });
}

Deno.test("without addresses there are no channels", () => {
  assert.deepEqual(alertChannels(readConfig(ALERT_VARIABLES, {})), {});
});
