import assert from "node:assert/strict";
import type postgres from "postgres";
import { transaction } from "../../shared/database.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";

interface Observation {
  readonly kind: string;
  readonly subject: string;
  readonly failing: boolean;
  readonly severity?: string;
  readonly summary?: string;
  readonly evidence?: unknown;
}

/** So many minutes after the tests' beginning. */
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes));

const failing = (subject: string, rest: Partial<Observation> = {}): Observation => ({
  kind: "check",
  subject,
  failing: true,
  severity: "warning",
  summary: `${subject} fails`,
  ...rest,
});
const passing = (subject: string, kind = "check"): Observation => ({ kind, subject, failing: false });

const NOTHING = { opened: 0, reopened: 0, escalated: 0, resolved: 0, reminded: 0, held_back: 0 };

async function observe(
  sql: postgres.Sql | postgres.TransactionSql,
  minutes: number,
  ...observations: unknown[]
): Promise<typeof NOTHING> {
  const [{ counts }] = await sql`
    select observe_alerts(${JSON.stringify(observations)}::text::jsonb, ${at(minutes)}) as counts`;
  return counts;
}

/** Alerts as `kind subject severity state`, in the order in which they were opened. */
async function alerts(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`select kind, subject, severity, state from alerts order by id`;
  return rows.map((row) => `${row.kind} ${row.subject} ${row.severity} ${row.state}`);
}

/** Events of all alerts as `subject event`, with `(held back)` where nobody is told. */
async function events(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select subject, event, alert_events.held_back
    from alert_events join alerts on alerts.id = alert_id
    order by at, alert_id, number`;
  return rows.map(({ subject, event, held_back }) => `${subject} ${event}${held_back ? " (held back)" : ""}`);
}

/** Deliveries as `subject event channel`. */
async function deliveries(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select subject, event, channel
    from alert_deliveries
    join alert_events on alert_events.alert_id = alert_deliveries.alert_id and number = event_number
    join alerts on alerts.id = alert_deliveries.alert_id
    order by alert_deliveries.id`;
  return rows.map((row) => `${row.subject} ${row.event} ${row.channel}`);
}

async function activate(sql: postgres.Sql): Promise<void> {
  await sql`update alert_channels set active = true where kind = 'webhook'`;
}

/** Waits until so many sessions of this database wait for a lock. */
async function waitForLocks(sql: postgres.Sql, sessions: number): Promise<void> {
  for (;;) {
    const [{ waiting }] = await sql`
      select count(*)::integer as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if (waiting === sessions) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const version of [17, 15] as const) {
  Deno.test({
    name:
      `an alert is opened once, updated, and resolved after two passing observations (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version });
      await activate(db.sql);
      assert.deepEqual(await observe(db.sql, 0, failing("a", { evidence: { value: 1 } })), {
        ...NOTHING,
        opened: 1,
      });
      assert.deepEqual(
        await observe(db.sql, 5, failing("a", { summary: "worse", evidence: { value: 2 } })),
        NOTHING,
      );
      const [open] = await db.sql`select * from open_alerts`;
      assert.deepEqual(
        [open.summary, open.evidence, open.opened_at, open.last_seen_at, open.occurrences],
        ["worse", { value: 2 }, at(0), at(5), 2],
      );
      assert.deepEqual([open.deliveries_pending, open.deliveries_dead], ["1", "0"]);

      assert.deepEqual(await observe(db.sql, 10, passing("a")), NOTHING);
      assert.deepEqual(await alerts(db.sql), ["check a warning open"]);
      assert.deepEqual(await observe(db.sql, 15, passing("a")), { ...NOTHING, resolved: 1 });
      const [resolved] = await db.sql`select * from alerts`;
      assert.deepEqual(
        [resolved.state, resolved.resolved_at, resolved.resolved_by, resolved.last_seen_at, resolved.summary],
        ["resolved", at(15), "spool", at(5), "worse"],
      );
      assert.deepEqual(await deliveries(db.sql), ["a opened webhook", "a resolved webhook"]);
      assert.equal((await db.sql`select * from open_alerts`).length, 0);
    },
  });
}

Deno.test("a failing observation between two passing ones starts the count again", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 0, failing("a"));
  await observe(db.sql, 1, passing("a"));
  await observe(db.sql, 2, failing("a"));
  await observe(db.sql, 3, passing("a"));
  assert.deepEqual(await alerts(db.sql), ["check a warning open"]);
  await observe(db.sql, 4, passing("a"));
  assert.deepEqual(await alerts(db.sql), ["check a warning resolved"]);
});

Deno.test("how many passing observations resolve an alert is a setting", async () => {
  await using db = await testDatabase();
  await db.sql`update alert_settings set resolve_after = 1`;
  await observe(db.sql, 0, failing("a"));
  assert.equal((await observe(db.sql, 1, passing("a"))).resolved, 1);
});

Deno.test("what is not mentioned neither opens nor resolves; another kind's subject is another one", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 0, failing("a"), failing("a", { kind: "job" }));
  for (const minutes of [1, 2, 3]) await observe(db.sql, minutes, passing("b"), passing("a", "job"));
  await observe(db.sql, 4);
  assert.deepEqual(await alerts(db.sql), ["check a warning open", "job a warning resolved"]);
});

Deno.test("the same moment again changes nothing", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await observe(db.sql, 0, failing("a"));
  const before = await db.sql`select * from alerts`;
  assert.deepEqual(await observe(db.sql, 0, failing("a")), NOTHING);
  assert.deepEqual(await observe(db.sql, 0, passing("a")), NOTHING);
  assert.deepEqual(await db.sql`select * from alerts`, before);
  await observe(db.sql, 1, passing("a"));
  await observe(db.sql, 1, passing("a"));
  assert.deepEqual(await alerts(db.sql), ["check a warning open"]);
  assert.deepEqual(await deliveries(db.sql), ["a opened webhook"]);
});

Deno.test("observations of earlier moments undo nothing that is known of later ones", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 100, failing("a"));
  for (const minutes of [10, 20, 30]) await observe(db.sql, minutes, passing("a"));
  await observe(db.sql, 40, failing("a", { severity: "fail", summary: "long ago" }));
  assert.deepEqual(await alerts(db.sql), ["check a warning open"]);

  await observe(db.sql, 110, passing("a"));
  await observe(db.sql, 120, passing("a"));
  await observe(db.sql, 130, passing("a"));
  // neither reopened nor opened: at 130 it was known to pass
  for (const minutes of [105, 115, 125]) {
    assert.deepEqual(await observe(db.sql, minutes, failing("a")), NOTHING);
  }
  assert.deepEqual(await alerts(db.sql), ["check a warning resolved"]);
  assert.equal((await observe(db.sql, 131, failing("a"))).reopened, 1); // the control
});

Deno.test("severity rises while an alert is unresolved, is told, and never sinks before", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await db.sql`update alert_channels set active = true, minimum_severity = 'fail' where kind = 'sns'`;
  await observe(db.sql, 0, failing("a"));
  await db.sql`select acknowledge_alert(id, 'anna', ${at(1)}) from alerts`;
  assert.deepEqual(await observe(db.sql, 2, failing("a", { severity: "fail" })), {
    ...NOTHING,
    escalated: 1,
  });
  await observe(db.sql, 3, failing("a"));
  assert.deepEqual(await alerts(db.sql), ["check a fail acknowledged"]);
  assert.deepEqual((await deliveries(db.sql)).sort(), [
    "a escalated sns",
    "a escalated webhook",
    "a opened webhook",
  ]);
});

Deno.test("of several observations of one subject in one call the worst counts", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 0, passing("a"), failing("a"), failing("a", { severity: "fail", summary: "worst" }));
  const [alert] = await db.sql`select severity, summary, occurrences from alerts`;
  assert.deepEqual({ ...alert }, { severity: "fail", summary: "worst", occurrences: 1 });
});

Deno.test("an alert that comes back within the window is reopened, later it is a new one", async () => {
  await using db = await testDatabase();
  await db.sql`update alert_settings set resolve_after = 1`;
  await observe(db.sql, 0, failing("a", { severity: "fail" }));
  await db.sql`select acknowledge_alert(id, 'anna', ${at(1)}) from alerts`;
  await observe(db.sql, 10, passing("a"));
  assert.deepEqual(await observe(db.sql, 129, failing("a")), { ...NOTHING, reopened: 1 });
  const [again] = await db.sql`select * from alerts`;
  assert.deepEqual(
    [
      again.state,
      again.severity,
      again.acknowledged_by,
      again.resolved_by,
      again.reopened,
      again.reopened_at,
    ],
    ["open", "warning", null, null, 1, at(129)],
  );
  await observe(db.sql, 130, passing("a"));
  assert.deepEqual(await observe(db.sql, 250, failing("a")), { ...NOTHING, opened: 1 });
  assert.deepEqual(await alerts(db.sql), ["check a warning resolved", "check a warning open"]);
  assert.deepEqual(await events(db.sql), [
    "a opened",
    "a acknowledged",
    "a resolved",
    "a reopened",
    "a resolved",
    "a opened",
  ]);
});

/** Fails and passes in turn, every ten minutes, so often. */
async function flap(sql: postgres.Sql, times: number, severity = "warning"): Promise<void> {
  await sql`update alert_settings set resolve_after = 1, flap_limit = 2`;
  for (let i = 0; i < times; i++) {
    await observe(sql, 20 * i, failing("a", { severity }));
    await observe(sql, 20 * i + 10, passing("a"));
  }
}

Deno.test("an alert that flaps is held back, and when it has settled open, people are told", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await flap(db.sql, 5);
  assert.deepEqual((await observe(db.sql, 100, failing("a"))).held_back, 1);
  const told = ["a opened", "a resolved", "a reopened", "a resolved", "a reopened", "a resolved"];
  const held = ["a reopened (held back)", "a resolved (held back)"];
  assert.deepEqual(await events(db.sql), [...told, ...held, ...held, "a reopened (held back)"]);
  assert.deepEqual(await deliveries(db.sql), told.map((event) => `${event} webhook`));

  assert.deepEqual(await observe(db.sql, 219, failing("a")), NOTHING);
  await observe(db.sql, 220, failing("a"));
  assert.deepEqual((await deliveries(db.sql)).slice(told.length), ["a reminder webhook"]);
  assert.equal((await db.sql`select from alerts where held_back`).length, 0);
  assert.equal((await observe(db.sql, 230, passing("a"))).held_back, 0);
  assert.deepEqual((await deliveries(db.sql)).slice(told.length), [
    "a reminder webhook",
    "a resolved webhook",
  ]);
});

Deno.test("when a flapping alert has settled resolved, and that is what people know, nothing is told", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await flap(db.sql, 5);
  await observe(db.sql, 300, failing("b")); // whatever is observed
  const [alert] = await db.sql`select state, held_back from alerts where subject = 'a'`;
  assert.deepEqual({ ...alert }, { state: "resolved", held_back: false });
  assert.deepEqual((await deliveries(db.sql)).slice(6), ["b opened webhook"]);
});

Deno.test("a flapping warning does not hide that it has become a failure", async () => {
  await using db = await testDatabase();
  await flap(db.sql, 5);
  await observe(db.sql, 100, failing("a"));
  assert.deepEqual(await observe(db.sql, 101, failing("a", { severity: "fail" })), {
    ...NOTHING,
    escalated: 1,
  });
  await observe(db.sql, 110, passing("a"));
  assert.deepEqual(await observe(db.sql, 120, failing("a", { severity: "fail" })), {
    ...NOTHING,
    reopened: 1,
    held_back: 1, // it has been told once
  });
  assert.deepEqual((await events(db.sql)).slice(-4), [
    "a reopened (held back)",
    "a escalated",
    "a resolved (held back)",
    "a reopened (held back)",
  ]);
});

Deno.test("an open alert that still fails is reminded of, unless it is acknowledged or that is not wanted", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 0, failing("a"), failing("b"));
  await db.sql`select acknowledge_alert(id, 'anna', ${at(0)}) from alerts where subject = 'b'`;
  assert.equal((await observe(db.sql, 60, failing("a"), failing("b"))).reminded, 0);
  await db.sql`update alert_settings set repeat_after = '1 hour'`;
  assert.equal((await observe(db.sql, 61, failing("a"), failing("b"))).reminded, 1);
  assert.equal((await observe(db.sql, 120, failing("a"), failing("b"))).reminded, 0);
  assert.equal((await observe(db.sql, 121, passing("a"))).reminded, 0);
  assert.equal((await observe(db.sql, 122, failing("a"), failing("b"))).reminded, 1);
});

const fleet = (count: number, observation: (subject: string) => Observation) =>
  Array.from({ length: count }, (_, i) => observation(`ENGINE_${String(i + 1).padStart(3, "0")}`));

Deno.test("when many subjects begin to fail at once they are one alert, which ends with the storm", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await observe(db.sql, 0, failing("ENGINE_001"), failing("other", { kind: "job" }));
  const storm = [...fleet(300, failing).slice(0, 299), failing("ENGINE_300", { severity: "fail" })];
  assert.deepEqual(await observe(db.sql, 10, ...storm), { ...NOTHING, opened: 1 });
  assert.deepEqual(await alerts(db.sql), [
    "check ENGINE_001 warning open",
    "job other warning open",
    "check * fail open",
  ]);
  const [{ summary, evidence }] = await db.sql`select summary, evidence from alerts where subject = '*'`;
  assert.equal(summary, "299 subjects of kind check began to fail at once, ENGINE_002 first among them");
  assert.equal(evidence.count, 299);
  assert.deepEqual(evidence.first_subjects, fleet(21, failing).slice(1).map(({ subject }) => subject));

  assert.deepEqual(await observe(db.sql, 10, ...storm), NOTHING);
  assert.deepEqual(await observe(db.sql, 20, ...storm), NOTHING);
  // a look at a few subjects says nothing about the storm
  for (const minutes of [21, 22, 23]) await observe(db.sql, minutes, passing("ENGINE_005"));
  assert.equal((await db.sql`select from open_alerts where subject = '*'`).length, 1);

  const calm = [...fleet(3, failing), ...fleet(300, passing).slice(3)];
  assert.deepEqual(await observe(db.sql, 30, ...calm), { ...NOTHING, opened: 2 });
  assert.deepEqual(await observe(db.sql, 40, ...calm), { ...NOTHING, resolved: 1 });
  assert.deepEqual(await alerts(db.sql), [
    "check ENGINE_001 warning open",
    "job other warning open",
    "check * fail resolved",
    "check ENGINE_002 warning open",
    "check ENGINE_003 warning open",
  ]);
  assert.equal((await deliveries(db.sql)).length, 6);
});

Deno.test("a storm also ends for callers that mention what passes only where an alert is open", async () => {
  await using db = await testDatabase();
  const storm = fleet(30, failing);
  await observe(db.sql, 0, ...storm);
  await observe(db.sql, 1, ...storm, passing("*")); // it still rages, whatever is said of it
  await observe(db.sql, 2, failing("ENGINE_001"), passing("*"));
  assert.deepEqual(await alerts(db.sql), ["check * warning open", "check ENGINE_001 warning open"]);
  assert.deepEqual(await observe(db.sql, 3, failing("ENGINE_001"), passing("*")), {
    ...NOTHING,
    resolved: 1,
  });
  assert.deepEqual(await observe(db.sql, 4, passing("*", "never failed")), NOTHING);
  assert.deepEqual(await alerts(db.sql), ["check * warning resolved", "check ENGINE_001 warning open"]);
});

Deno.test("as many subjects as the setting says are no storm yet, and alerts that come back can be one", async () => {
  await using db = await testDatabase();
  await db.sql`update alert_settings set resolve_after = 1, most_subjects = 5`;
  assert.equal((await observe(db.sql, 0, ...fleet(5, failing), ...fleet(10, passing).slice(5))).opened, 5);
  assert.equal((await observe(db.sql, 1, ...fleet(5, passing))).resolved, 5);
  assert.deepEqual(await observe(db.sql, 2, ...fleet(6, failing)), { ...NOTHING, opened: 1 });
  assert.deepEqual((await alerts(db.sql)).at(-1), "check * warning open");
});

Deno.test("sessions that observe the same at once open one alert", async () => {
  await using db = await testDatabase({ connections: 4 });
  await activate(db.sql);
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: first } = Promise.withResolvers<void>();
  const slow = db.sql.begin(async (tx) => {
    const counts = await observe(tx, 0, failing("a"));
    first();
    await hold;
    return counts;
  });
  await begun;
  const others = [
    observe(db.sql, 0, failing("a")),
    observe(db.sql, 1, failing("b"), failing("a", { severity: "fail" })),
  ];
  await waitForLocks(db.sql, 2);
  release();
  assert.equal((await slow).opened, 1);
  const counts = await Promise.all(others);
  assert.equal(counts.reduce((sum, { opened }) => sum + opened, 0), 1);
  assert.deepEqual(await alerts(db.sql), ["check a fail open", "check b warning open"]);
  assert.deepEqual((await deliveries(db.sql)).sort(), [
    "a escalated webhook",
    "a opened webhook",
    "b opened webhook",
  ]);
  await assert.rejects(
    db.sql`
      insert into alerts (kind, subject, severity, summary, opened_at, last_seen_at, last_observed_at)
      values ('check', 'a', 'fail', '', now(), now(), now())`,
    { code: "23505" },
  );
});

Deno.test("an observation waits for a person who acknowledges or resolves, and sees what they did", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 0, failing("a"));
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: first } = Promise.withResolvers<void>();
  const person = db.sql.begin(async (tx) => {
    await tx`select resolve_alert(id, 'anna', ${at(5)}) from alerts`;
    first();
    await hold;
  });
  await begun;
  const observed = observe(db.sql, 4, failing("a", { severity: "fail" }));
  await waitForLocks(db.sql, 1);
  release();
  await person;
  assert.deepEqual(await observed, NOTHING);
  assert.deepEqual(await alerts(db.sql), ["check a warning resolved"]);
  assert.deepEqual(await events(db.sql), ["a opened", "a resolved"]);
});

Deno.test("a transaction that is rolled back leaves no alert and nothing to deliver", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  const failure = transaction(db.sql, async (tx) => {
    await observe(tx, 0, failing("a"));
    assert.equal((await tx`select from alert_deliveries`).length, 1);
    throw new Error("no");
  });
  await assert.rejects(failure, /no/);
  assert.deepEqual([await alerts(db.sql), await deliveries(db.sql)], [[], []]);
});

Deno.test("an alert is acknowledged and resolved by a person, with name and time", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await observe(db.sql, 0, failing("a"));
  const [{ id }] = await db.sql`select id from alerts`;
  const [{ alert }] = await db.sql`select acknowledge_alert(${id}, 'anna@example.com', ${at(3)}) as alert`;
  assert.deepEqual([alert.state, alert.acknowledged_by], ["acknowledged", "anna@example.com"]);
  assert.equal(new Date(alert.acknowledged_at).getTime(), at(3).getTime());
  const [open] = await db.sql`select state, acknowledged_by from open_alerts`;
  assert.deepEqual({ ...open }, { state: "acknowledged", acknowledged_by: "anna@example.com" });

  await db.sql`select resolve_alert(${id}, 'ben', ${at(4)})`;
  const [resolved] = await db.sql`select state, resolved_at, resolved_by, acknowledged_by from alerts`;
  assert.deepEqual({ ...resolved }, {
    state: "resolved",
    resolved_at: at(4),
    resolved_by: "ben",
    acknowledged_by: "anna@example.com",
  });
  const actors = await db.sql`select event, actor, at from alert_events order by number`;
  assert.deepEqual(actors.map((row) => [row.event, row.actor, row.at]), [
    ["opened", "spool", at(0)],
    ["acknowledged", "anna@example.com", at(3)],
    ["resolved", "ben", at(4)],
  ]);
  assert.deepEqual(await deliveries(db.sql), ["a opened webhook", "a resolved webhook"]);

  assert.equal((await observe(db.sql, 4, failing("a"))).reopened, 0); // not later than the person's word
  assert.equal((await observe(db.sql, 5, failing("a"))).reopened, 1);
});

const refusals: [string, string, string, RegExp, RegExp?][] = [
  [
    "acknowledge an alert that is none",
    "acknowledge_alert(99, 'anna')",
    "SP551",
    /^Cannot acknowledge alert 99 as it must be open: there is no such alert$/,
    /open_alerts/,
  ],
  [
    "acknowledge an acknowledged alert",
    "acknowledge_alert(2, 'anna')",
    "SP551",
    /^Cannot acknowledge alert 2 as it must be open: current value is acknowledged$/,
    /^ben has acknowledged it at 2026-01-01 /,
  ],
  [
    "acknowledge a resolved alert",
    "acknowledge_alert(3, 'anna')",
    "SP551",
    /^Cannot acknowledge alert 3 as it must be open: current value is resolved$/,
    /^carl has resolved it at/,
  ],
  [
    "resolve an alert that is none",
    "resolve_alert(99, 'anna')",
    "SP551",
    /^Cannot resolve alert 99 as it must be open: there is no such alert$/,
  ],
  [
    "resolve a resolved alert",
    "resolve_alert(3, 'anna')",
    "SP551",
    /^Cannot resolve alert 3 as it must be open: current value is resolved$/,
  ],
  [
    "acknowledge without a name",
    "acknowledge_alert(1, ' ')",
    "22023",
    /must be named: current value is ' '$/,
  ],
  ["resolve without a name", "resolve_alert(1, null)", "22023", /must be named: current value is null$/],
  [
    "send a delivery again that is none",
    "retry_delivery(99)",
    "SP552",
    /^Cannot send delivery 99 again as it must be dead: there is no such delivery$/,
    /state = 'dead'/,
  ],
  [
    "send a pending delivery again",
    "retry_delivery(1)",
    "SP552",
    /^Cannot send delivery 1 again as it must be dead: current value is pending$/,
  ],
];
Deno.test("what a person cannot do is refused with a reason, and changes nothing", async (t) => {
  await using db = await testDatabase();
  await activate(db.sql);
  for (const subject of ["a", "b", "c"]) await observe(db.sql, 0, failing(subject));
  await db.sql`select acknowledge_alert(2, 'ben', ${at(1)}), resolve_alert(3, 'carl', ${at(1)})`;
  const before = await db.sql`select * from alerts order by id`;
  for (const [what, call, code, message, hint] of refusals) {
    await t.step(what, async () => {
      const error = await db.sql.unsafe(`select ${call}`).then(() => undefined, (error) => error);
      assert.equal(error?.code, code);
      assert.match(error.message, message);
      if (hint !== undefined) assert.match(error.hint, hint);
    });
  }
  assert.deepEqual(await db.sql`select * from alerts order by id`, before);
});

const malformed: [string, unknown, RegExp][] = [
  ["no array", { kind: "check" }, /observations must be a JSON array: current value is \{/],
  ["null", null, /observations must be a JSON array: current value is null/],
  ["an element that is none", [failing("a"), 5], /observations\[1\] must have .*: current value is 5$/],
  ["no kind", [{ subject: "a", failing: false }], /observations\[0\]/],
  ["an empty subject", [passing("")], /observations\[0\]/],
  ["a subject that no index could hold", [passing("x".repeat(301))], /observations\[0\]/],
  ["the subject of storms, failing", [failing("*")], /observations\[0\]/],
  ["failing that is text", [{ kind: "check", subject: "a", failing: "true" }], /observations\[0\]/],
  ["a severity that is none", [failing("a", { severity: "error" })], /observations\[0\]/],
  ["no summary", [failing("a", { summary: undefined })], /observations\[0\]/],
  ["evidence that is a list", [failing("a", { evidence: [] })], /observations\[0\]/],
];
Deno.test("observations that are not of the form are refused whole", async (t) => {
  await using db = await testDatabase();
  for (const [what, observations, message] of malformed) {
    await t.step(what, async () => {
      const call = db.sql`select observe_alerts(${JSON.stringify(observations)}::text::jsonb, ${at(0)})`;
      const error = await call.then(() => undefined, (error) => error);
      assert.equal(error?.code, "22023");
      assert.match(error.message, message);
    });
  }
  await t.step("a moment that is none", async () => {
    for (const moment of ["null", "'infinity'"]) {
      await assert.rejects(db.sql.unsafe(`select observe_alerts('[]', ${moment})`), { code: "22023" });
    }
  });
  assert.deepEqual(await alerts(db.sql), []);
  await observe(db.sql, 0, { kind: "check", subject: "a", failing: true, summary: "s", evidence: null }); // the least
  assert.deepEqual(await alerts(db.sql), ["check a fail open"]);
});

Deno.test("the database refuses states of an alert that contradict themselves", async (t) => {
  await using db = await testDatabase();
  await observe(db.sql, 0, failing("a"));
  for (
    const change of [
      "state = 'resolved'",
      "state = 'acknowledged'",
      "resolved_at = now(), resolved_by = 'x'",
      "state = 'resolved', resolved_at = now()",
      "acknowledged_at = now(), acknowledged_by = 'x'",
      "severity = 'pass'",
      "reopened = 1",
    ]
  ) {
    await t.step(change, async () => {
      await assert.rejects(db.sql.unsafe(`update alerts set ${change}`), { code: "23514" });
    });
  }
  await db.sql`update alerts set state = 'resolved', resolved_at = now(), resolved_by = 'x'`; // the control
});

Deno.test("a channel that nobody has decided about is told what is unresolved once it has an address", async () => {
  await using db = await testDatabase();
  await db.sql`update alert_settings set resolve_after = 1`;
  await observe(db.sql, 0, failing("a"), failing("b"), failing("c"));
  await observe(db.sql, 1, passing("b"), failing("c", { severity: "fail" }));
  await db.sql`select acknowledge_alert(id, 'anna', ${at(2)}) from alerts where subject = 'c'`;
  await db.sql`update alert_channels set active = false where kind = 'sns'`;
  assert.deepEqual(await deliveries(db.sql), []);
  const activateAll = () => db.sql`select activate_alert_channels('{webhook,sns}', ${at(3)}) as count`;
  assert.equal((await activateAll())[0].count, 1);
  assert.deepEqual((await deliveries(db.sql)).sort(), ["a opened webhook", "c escalated webhook"]);
  assert.equal((await activateAll())[0].count, 0);
});

Deno.test("an alert that is opened while a channel becomes active is not missed", async () => {
  await using db = await testDatabase();
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: first } = Promise.withResolvers<void>();
  const slow = db.sql.begin(async (tx) => {
    await observe(tx, 0, failing("a"));
    first();
    await hold;
  });
  await begun;
  const activation = db.sql`select activate_alert_channels('{webhook}', ${at(0)})`.execute();
  await waitForLocks(db.sql, 1);
  release();
  await Promise.all([slow, activation]);
  assert.deepEqual(await deliveries(db.sql), ["a opened webhook"]);
});

Deno.test("open alerts are listed worst first", async () => {
  await using db = await testDatabase();
  await observe(db.sql, 0, failing("old warning"), failing("taken on", { severity: "fail" }));
  await observe(db.sql, 1, failing("new failure", { severity: "fail" }));
  await observe(db.sql, 0, failing("old failure", { severity: "fail" }));
  await db.sql`select acknowledge_alert(id, 'anna') from alerts where subject = 'taken on'`;
  const rows = await db.sql`select subject from open_alerts`;
  assert.deepEqual(rows.map(({ subject }) => subject), [
    "old failure",
    "new failure",
    "taken on",
    "old warning",
  ]);
});

Deno.test("deleting an alert deletes its events and deliveries", async () => {
  await using db = await testDatabase();
  await activate(db.sql);
  await observe(db.sql, 0, failing("a"), failing("b"));
  await db.sql`delete from alerts where subject = 'a'`;
  assert.deepEqual([await events(db.sql), await deliveries(db.sql)], [["b opened"], ["b opened webhook"]]);
});
