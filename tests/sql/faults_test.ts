/** Each fault alone, in a fleet that is healthy otherwise: which checks find it, and which do not. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import type { Reading } from "../../shared/reading.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { NOISE, simulatedFleet, storeAsOf } from "../support/simulated_fleet.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2024, 2, 21);
const WINDOW_START = START + 11 * 24 * HOUR; // 1 April: the baselines lie in the partition before
const AS_OF = WINDOW_START + 24 * HOUR;
/** A drift is gone when a hundred good readings have followed it. */
const RECOVERED = AS_OF + 125 * HOUR;

const FLEET = simulatedFleet({ engines: 12, hours: 12 * 24 + 126, startMs: START, seed: 4 });
const between = (from: number, to: number) =>
  FLEET.filter(({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) < to);
const WINDOW = between(WINDOW_START, AS_OF);
/** Whether a reading is of the first twelve hours of the window: an eighth of what drift looks at, which is not its matter. */
const isEarly = ({ cycle }: Reading) => cycle <= 11 * 24 + 12;

interface Fault {
  /** What arrives in the window instead. */
  readonly arrives?: (window: readonly Reading[]) => readonly unknown[];
  /** What happens to the database. */
  readonly happens?: (sql: postgres.Sql) => Promise<unknown>;
  /** What makes it good again, beside healthy readings. */
  readonly mended?: (sql: postgres.Sql) => Promise<unknown>;
  /** Verdicts that are not pass: metric and subject. */
  readonly caught: readonly string[];
  /** Metrics that are not evaluated, beside fleet_drift. */
  readonly notEvaluated?: readonly string[];
  /** What the evidence must say. */
  readonly evidence?: (of: (metric: string, subject: string) => Evidence) => void;
}
// deno-lint-ignore no-explicit-any
type Evidence = any;

const ENGINE = "SIM_05";
const ofEngine = (change: (reading: Reading) => unknown[]) => (window: readonly Reading[]) =>
  window.flatMap((reading) => reading.engine_id === ENGINE ? change(reading) : [reading]);
const later = ({ timestamp }: Reading, hours: number) =>
  new Date(Date.parse(timestamp) + hours * HOUR).toISOString();
const both = (...metrics: string[]) =>
  metrics.flatMap((metric) => [`${metric} sensor_data`, `${metric} ${ENGINE}`]);

const FAULTS: Record<string, Fault> = {
  "none": { caught: [] },
  "exact redelivery": { arrives: (window) => [...window, ...window], caught: [] },
  "missing hours": {
    arrives: ofEngine((reading) => reading.cycle >= 270 && reading.cycle < 275 ? [] : [reading]),
    // the cycles of these hours are missing, too; 5 of 288 readings are within 2 % of the fleet
    caught: both("completeness", "cycles"),
    evidence(of) {
      const { gaps, missed, expected } = of("completeness", ENGINE);
      assert.deepEqual([missed, expected, gaps.length, gaps[0].missed], [5, 24, 1, 5]);
      const at = (cycle: number) =>
        FLEET.find((row) => row.engine_id === ENGINE && row.cycle === cycle)!.timestamp;
      assert.equal(Date.parse(gaps[0].after), Date.parse(at(269)));
      assert.equal(Date.parse(gaps[0].before), Date.parse(at(275)));
      assert.deepEqual(
        of("cycles", ENGINE).failing.map((step: Evidence) => [step.previous_cycle, step.cycle]),
        [
          [269, 275],
        ],
      );
    },
  },
  "a silent engine": {
    arrives: ofEngine(() => []),
    caught: both("completeness"),
    evidence(of) {
      const { silent_since, received, missed } = { received: 0, ...of("completeness", ENGINE) };
      assert.ok(Date.parse(silent_since) < WINDOW_START && received === 0 && missed >= 23);
      assert.equal(of("completeness", "sensor_data").silent_engines, 1);
    },
  },
  "an engine that never sent": {
    happens: (sql) =>
      sql`insert into engines (unit_number, created_at) values ('NEVER', ${new Date(
        WINDOW_START - 99 * HOUR,
      )})`,
    mended: (sql) => sql`update engines set status = 'retired' where unit_number = 'NEVER'`,
    caught: ["completeness NEVER", "completeness sensor_data"],
    evidence(of) {
      const { never_sent, cadence_source, missed } = of("completeness", "NEVER");
      assert.deepEqual([never_sent, cadence_source], [true, "fleet"]);
      assert.ok(missed >= 23 && missed <= 24);
    },
  },
  "a stuck sensor": {
    arrives: ofEngine((reading) => [{ ...reading, s11: 47.41 }]),
    caught: [...both("stuck")],
    evidence(of) {
      assert.deepEqual(of("stuck", ENGINE).sensors.map(({ column, value }: Evidence) => [column, value]), [
        ["s11", "47.41"],
      ]);
    },
  },
  "a value out of range": {
    arrives: ofEngine((reading) => [reading.cycle === 270 ? { ...reading, s4: 2000 } : reading]),
    // and further from those around it than noise can be
    caught: [`range ${ENGINE}`, "range s4", ...both("spikes")],
    evidence(of) {
      const { failing } = of("range", "s4");
      assert.deepEqual(failing.map(({ engine, cycle, value }: Evidence) => [engine, cycle, value]), [
        [ENGINE, 270, "2000"],
      ]);
      assert.deepEqual(of("range", ENGINE).columns, { s4: 1 });
    },
  },
  "values that are no numbers": {
    arrives: ofEngine((reading) => [reading.cycle < 270 ? { ...reading, s4: "NaN" } : reading]),
    // the intake refuses them, so that they are missing
    caught: ["rejected sensor_data", ...both("completeness", "cycles")],
    evidence(of) {
      assert.deepEqual(of("rejected", "sensor_data").reasons, [{ path: "s4", source: "ingest", letters: 5 }]);
    },
  },
  "nulls for a day": {
    arrives: ofEngine((reading) => [{ ...reading, s20: null }]),
    caught: [`nulls ${ENGINE}`, "nulls s20"],
    evidence(of) {
      assert.deepEqual(of("nulls", ENGINE).columns, { s20: 24 });
    },
  },
  "cycles sent again at another time": {
    arrives: ofEngine((reading) =>
      reading.cycle === 270 ? [reading, { ...reading, timestamp: later(reading, 0.1) }] : [reading]
    ),
    caught: both("duplicates"),
    evidence(of) {
      const { failing } = of("duplicates", ENGINE);
      assert.deepEqual(failing.map(({ cycle, timestamps }: Evidence) => [cycle, timestamps.length]), [[
        270,
        2,
      ]]);
    },
  },
  "a clock that jumps ahead": {
    arrives: ofEngine((reading) => [
      reading.cycle < 270 ? reading : { ...reading, timestamp: later(reading, 5) },
    ]),
    // five hours without readings; the last five readings come from the future
    caught: both("clock", "completeness"),
    evidence(of) {
      const [step] = of("clock", ENGINE).failing;
      assert.deepEqual([step.previous_cycle, step.cycle], [269, 270]);
    },
  },
  "a clock that is set back": {
    arrives: ofEngine((reading) => [
      reading.cycle < 275 ? reading : { ...reading, timestamp: later(reading, -5.5) },
    ]),
    // cycles of two times lie among each other, and the latest five hours have no reading
    caught: both("clock", "completeness", "cycles"),
    evidence(of) {
      const steps = of("clock", ENGINE).failing.map((step: Evidence) => [step.previous_cycle, step.cycle]);
      assert.deepEqual(steps.slice(0, 3), [[269, 275], [275, 270], [270, 276]]);
      assert.ok(of("completeness", ENGINE).gaps.every(({ before }: Evidence) => before === undefined));
    },
  },
  "a reading from the future": {
    arrives: ofEngine((reading) =>
      reading.cycle === 288 ? [reading, { ...reading, cycle: 289, timestamp: later(reading, 48) }] : [reading]
    ),
    caught: both("clock"),
    evidence(of) {
      assert.deepEqual(of("clock", ENGINE).failing.map(({ cycle }: Evidence) => cycle), [289]);
    },
  },
  "s7 and s12 swapped": {
    arrives: ofEngine((
      reading,
    ) => [isEarly(reading) ? { ...reading, s7: reading.s12, s12: reading.s7 } : reading]),
    caught: [`range ${ENGINE}`, "range s12", "range s7"],
    evidence(of) {
      assert.deepEqual(of("range", ENGINE).columns, { s7: 12, s12: 12 });
    },
  },
  "s2 and s3 swapped": {
    arrives: ofEngine((
      reading,
    ) => [isEarly(reading) ? { ...reading, s2: reading.s3, s3: reading.s2 } : reading]),
    caught: [`range ${ENGINE}`, "range s2", "range s3"],
  },
  "a unit error": {
    arrives: ofEngine((reading) => [
      isEarly(reading) ? { ...reading, s3: Number((reading.s3! * 1.8).toFixed(2)) } : reading,
    ]),
    caught: [`range ${ENGINE}`, "range s3"],
  },
  "a sensor that drifts by 1.5 SD": {
    happens: (sql) =>
      sql`update sensor_data set s3 = s3 + ${1.5 * NOISE.s3} where ${ofFleet(sql, ENGINE)} and cycle > 188`,
    caught: both("drift"),
    evidence(of) {
      const { sensors } = of("drift", ENGINE);
      assert.deepEqual(sensors.map(({ column }: Evidence) => column), ["s3"]);
      assert.ok(Math.abs(sensors[0].mean_shift - 1.5) < 0.5);
    },
  },
  "a unit error of a hundred hours": {
    happens: (sql) => sql`update sensor_data set s3 = s3 * 1.8 where ${ofFleet(sql, ENGINE)} and cycle > 188`,
    // out of range, and far from the baseline: both are true
    caught: [...both("drift", "levels"), `range ${ENGINE}`, "range s3"],
  },
  "skipped cycles": {
    arrives: ofEngine((
      reading,
    ) => [reading.cycle < 270 ? reading : { ...reading, cycle: reading.cycle + 1 }]),
    caught: both("cycles"),
    evidence(of) {
      assert.deepEqual(
        of("cycles", ENGINE).failing.map((step: Evidence) => [step.previous_cycle, step.cycle]),
        [
          [269, 271],
        ],
      );
    },
    // the engine goes on counting one too far
    mended: (sql) =>
      sql`update sensor_data set cycle = cycle + 1 where ${ofFleet(sql, ENGINE)} and cycle > 289`,
  },
  "an unknown operating condition": {
    arrives: ofEngine((reading) => [{ ...reading, altitude: 15 }]),
    caught: both("conditions"),
    evidence(of) {
      assert.equal(of("conditions", ENGINE).unknown, 24);
    },
  },
  "four tenths of the volume": {
    arrives: (window) => window.filter(({ cycle }) => cycle % 5 < 2),
    // every engine lacks readings and their cycles
    caught: [
      "volume sensor_data",
      ...["completeness", "cycles"].flatMap((metric) => [
        `${metric} sensor_data`,
        ...Array.from({ length: 12 }, (_, i) => `${metric} SIM_${String(i + 1).padStart(2, "0")}`),
      ]),
    ],
    evidence(of) {
      const { readings, usual } = of("volume", "sensor_data");
      assert.ok(readings / usual < 0.5 && usual === 288);
    },
  },
  "nothing arrives": {
    arrives: () => [],
    caught: [
      "volume sensor_data",
      "freshness sensor_data",
      "completeness sensor_data",
      ...Array.from({ length: 12 }, (_, i) => `completeness SIM_${String(i + 1).padStart(2, "0")}`),
    ],
    notEvaluated: [
      "arrival",
      "clock",
      "conditions",
      "copies",
      "cycles",
      "degradation",
      "drift",
      "duplicates",
      "levels",
      "nulls",
      "range",
      "rejected",
      "spikes",
      "stuck",
      "types",
    ],
  },
  "a flood of readings that are refused": {
    arrives: (window) => [...window, ...window.map((reading) => ({ ...reading, cycle: -1 }))],
    caught: ["rejected sensor_data"],
    evidence(of) {
      const { received, rejected, reasons } = of("rejected", "sensor_data");
      assert.deepEqual([received, rejected, reasons[0].path], [576, 288, "cycle"]);
    },
  },
  "a column altered by hand": {
    happens: (sql) => sql`alter table engines add column by_hand text`,
    mended: (sql) => sql`alter table engines drop column by_hand`,
    caught: ["schema sensor_data"],
    evidence(of) {
      const { failing } = of("schema", "sensor_data");
      assert.deepEqual(failing, [{ table: "engines", column: "by_hand", live: "text" }]);
    },
  },
  "new engines that measure otherwise": {
    async happens(sql) {
      const lot = simulatedFleet({
        engines: 12,
        hours: 288,
        startMs: START,
        seed: 5,
        name: (number) => `NEW_${number}`,
      });
      await storeAsOf(
        sql,
        lot.map((reading) => ({ ...reading, s2: reading.s2! + 5 * NOISE.s2 })),
        new Date(START),
      );
      await sql`update engines set cohort = left(unit_number, 3)`;
    },
    async mended(sql) {
      await sql`
        update sensor_data set s2 = s2 - ${5 * NOISE.s2}
        where engine_id in (select id from engines where unit_number like 'NEW%')`;
      await sql`update engines set status = 'retired' where unit_number like 'NEW%'`;
    },
    caught: ["fleet_drift sensor_data"],
    evidence(of) {
      const { failing } = of("fleet_drift", "sensor_data");
      assert.deepEqual(failing.map(({ column }: Evidence) => column), ["s2"]);
    },
  },
};

function ofFleet(sql: postgres.Sql, engine: string) {
  return sql`engine_id = (select id from engines where unit_number = ${engine})`;
}

/** Eleven healthy days, rolled up, for copies. */
async function healthyFleet(): Promise<TestDatabase> {
  const db = await testDatabase();
  await db.sql`update rollup_horizon set kept_from = '2024-01-01'`;
  await storeAsOf(db.sql, between(START, WINDOW_START), new Date(WINDOW_START - HOUR));
  await db.sql`update engines set created_at = ${new Date(START)}`;
  await db.sql`select roll_up_readings()`;
  await db.sql.end();
  return db;
}

const subjects = (rows: readonly { metric_name: string; subject: string }[]) =>
  rows.map(({ metric_name, subject }) => `${metric_name} ${subject}`).sort();

/** An engine that fails speaks for its table, and for its columns. */
function expectedAlerts(caught: readonly string[]): string[] {
  const isEngine = (verdict: string) => /(SIM_\d\d|NEVER)$/.test(verdict);
  return caught.filter((verdict) => {
    const [metric] = verdict.split(" ");
    return isEngine(verdict) || !caught.some((other) => other.startsWith(`${metric} `) && isEngine(other));
  }).sort();
}

Deno.test("each fault is found by the checks that it is a matter of, and by no others", async (t) => {
  await using healthy = await healthyFleet();
  for (const [name, fault] of Object.entries(FAULTS)) {
    const caught = [...new Set(fault.caught.map((verdict) => verdict.split(" ")[0]))].join(", ") || "nothing";
    await t.step(`${name}: ${caught}`, async () => {
      await using db = await testDatabase({ copyOf: healthy });
      const { sql } = db;
      await storeAsOf(sql, fault.arrives?.(WINDOW) ?? WINDOW, new Date(AS_OF - 60_000));
      await sql`update sensor_data set created_at = ${new Date(
        AS_OF - 60_000,
      )} where "timestamp" >= ${new Date(WINDOW_START)}`;
      await fault.happens?.(sql);
      await sql`select from run_checks('24 hours', ${new Date(AS_OF)})`;

      const verdicts = await sql<
        { metric_name: string; subject: string; status: string; evidence: Evidence }[]
      >`
        select metric_name, coalesce(unit_number, column_name, 'sensor_data') as subject, metrics.status, evidence
        from data_quality_metrics as metrics left join engines on engines.id = metrics.engine_id`;
      assert.deepEqual(
        // one of twelve healthy engines is suspected of drift, as chance has it, and that alarms nobody
        subjects(
          verdicts.filter(({ status, evidence }) =>
            (status === "fail" || status === "warning") && evidence.suspected !== true
          ),
        ),
        [...fault.caught].sort(),
      );
      const unknown = verdicts.filter(({ status }) => status === "not_evaluated");
      assert.deepEqual(
        unknown.filter(({ subject }) => subject === "sensor_data").map(({ metric_name }) => metric_name)
          .sort(),
        [...fault.notEvaluated ?? [], ...(name.startsWith("new engines") ? [] : ["fleet_drift"])].sort(),
      );
      for (const { evidence } of unknown) assert.ok(evidence.reason !== undefined);
      fault.evidence?.((metric, subject) =>
        verdicts.find((verdict) => verdict.metric_name === metric && verdict.subject === subject)?.evidence
      );

      const alerts = await sql<{ metric_name: string; subject: string }[]>`
        select kind as metric_name, subject from alerts where resolved_at is null`;
      assert.deepEqual(subjects(alerts), expectedAlerts(fault.caught));

      if (fault.caught.length === 0) return;
      await storeAsOf(sql, between(AS_OF, RECOVERED + HOUR), new Date(RECOVERED));
      await fault.mended?.(sql);
      await sql`select from run_checks('24 hours', ${new Date(RECOVERED)})`;
      const [{ open }] = await sql`select count(*)::integer as open from alerts where resolved_at is null`;
      assert.equal(open, alerts.length, "one observation that passes resolves nothing");
      await sql`select from run_checks('24 hours', ${new Date(RECOVERED + HOUR)})`;
      const left = await sql<{ metric_name: string; subject: string }[]>`
        select kind as metric_name, subject from alerts where resolved_at is null`;
      assert.deepEqual(subjects(left), []);
    });
  }
});
