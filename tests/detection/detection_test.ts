/**
 * What the checks and detectors find of the faults that the simulator puts into a fleet, and how often they alarm where
 * there are none. Definitions and results: docs/decisions/0022-detection-measured.md. A short run flies one fleet of
 * either; SPOOL_TEST_LONG=1 flies all, in a quarter of an hour.
 */

import assert from "node:assert/strict";
import process from "node:process";
import type { Fault } from "../../scripts/simulation/faults.ts";
import type { FleetOptions } from "../../scripts/simulation/fleet.ts";
import { testDatabase } from "../support/database.ts";
import {
  alertCounts,
  type AlertInLife,
  alertsOf,
  balancedAccuracy,
  findingsOf,
  type Judged,
  scoreLines,
  scores,
} from "../support/detection.ts";
import { HOUR_MS, type LifeOptions, live, trainedDetectors } from "../support/labelled_fleet.ts";

const isLong = process.env.SPOOL_TEST_LONG !== undefined;

/**
 * Share of the readings at which each fault begins: several times the simulator's own rates, so that a fleet of forty
 * has twenty of each. The faults themselves, their lengths and sizes, are the simulator's.
 */
const RATES: ReadonlyMap<Fault, number> = new Map([
  ["dropout", 0.003],
  ["stuck", 0.002],
  ["spike", 0.003],
  ["drift", 0.002],
  ["late", 0.003],
  ["duplicate", 0.003],
  ["out_of_order", 0.003],
]);

const FLEET: FleetOptions = {
  engines: 40,
  cycles: 300,
  seed: 1,
  prefix: "SIM_",
  firstMs: Date.UTC(2024, 2, 1),
  intervalMs: HOUR_MS,
  conditions: 1,
  faultMode: "hpc",
  faults: new Map(),
};

const FAULTY = [8, 7, 10, 9, 16, 15].map((seed, i) => ({ seed, conditions: i % 2 === 0 ? 6 : 1 } as const));

interface Lived extends Judged {
  readonly engineDays: number;
  readonly falseAlerts: readonly AlertInLife[];
  readonly wornAlerts: readonly AlertInLife[];
}

async function lived(fleet: Partial<FleetOptions>, options: Partial<LifeOptions> = {}): Promise<Lived> {
  await using db = await testDatabase();
  const conditions = fleet.conditions ?? FLEET.conditions;
  const flight = await live(db.sql, {
    fleet: { ...FLEET, ...fleet },
    runEveryMs: 6 * HOUR_MS,
    deliveriesPerCycle: 2,
    model: await trainedDetectors(conditions),
    ...options,
  });
  const findings = await findingsOf(db.sql);
  const alerts = alertCounts(flight, await alertsOf(db.sql));
  return {
    flight,
    findings,
    engineDays: alerts.engineDays,
    falseAlerts: alerts.false,
    wornAlerts: alerts.worn,
  };
}

Deno.test("each kind of fault is found, and hardly any where there is none: balanced accuracy above 0.90", async (t) => {
  // No seed was looked at while the checks were written. What the short run flies is the harder one: six conditions.
  const fleets: Partial<FleetOptions>[] = isLong ? FAULTY : FAULTY.slice(0, 1);
  const judged: Lived[] = [];
  for (const fleet of fleets) {
    judged.push(await lived({ ...fleet, faults: RATES }));
    if (!isLong) continue;
    for (const line of scoreLines(scores(judged.slice(-1)))) {
      await t.step(`seed ${fleet.seed}, conditions: ${fleet.conditions}, ${line}`, () => {});
    }
  }
  const found = scores(judged);
  for (const [i, line] of scoreLines(found).entries()) {
    await t.step(line, () => assert.ok(balancedAccuracy(found[i]) > 0.9, line));
  }
  // control: labels of other engines are not found, so it is not the number of findings that finds
  const strangers = judged.map((flight) => {
    const names = [...flight.flight.engines.keys()];
    const after = (name: string) => names[(names.indexOf(name) + 1) % names.length];
    return {
      ...flight,
      flight: {
        ...flight.flight,
        labels: flight.flight.labels.map((label) => ({ ...label, engine_id: after(label.engine_id) })),
      },
    };
  });
  await t.step("faults of other engines are not found by these findings", () => {
    for (const { kind, counted, found } of scores(strangers)) {
      assert.ok(found <= 0.25 * counted, `${kind}: ${found} of ${counted}`);
    }
  });
});

/** The kinds of alerts with the cycles that the engines had left. */
function alertsText(alerts: readonly AlertInLife[]): string {
  const kinds = Map.groupBy(alerts, ({ kind, severity }) => `${kind} (${severity})`);
  return [...kinds].map(([kind, of]) =>
    `${kind}: ${of.map(({ left }) => left).sort((a, b) => a - b).join(" ")}`
  ).join(", ") || "none";
}

Deno.test("fleets without faults have at most one alert in 1,000 engine-days about a healthy engine", async (t) => {
  const daily = { cycles: 150, intervalMs: 24 * HOUR_MS };
  const eachDay = { runEveryMs: 24 * HOUR_MS };
  // By how often they fly. An hourly fleet lives whole lives within its days, so that wear is most of what may alarm.
  const flights: Record<string, (() => Promise<Lived>)[]> = {
    "a reading an hour, sea level": [31, ...isLong ? [33, 35] : []].map((seed) => () => lived({ seed })),
  };
  if (isLong) {
    flights["a reading an hour, six conditions"] = [32, 34, 36].map((seed) => () =>
      lived({ seed, conditions: 6 })
    );
    flights["a reading a day, sea level"] = [11, 13].map((seed) => () => lived({ ...daily, seed }, eachDay));
    flights["a reading a day, six conditions"] = [12, 14].map((seed) => () =>
      lived({ ...daily, seed, conditions: 6 }, eachDay)
    );
  }
  let allDays = 0;
  let allOpened = 0;
  for (const [name, flies] of Object.entries(flights)) {
    let days = 0;
    let opened = 0;
    for (const fly of flies) {
      const { engineDays, falseAlerts, wornAlerts } = await fly();
      const text = `${name}: ${falseAlerts.length} in ${engineDays.toFixed(0)} engine-days, cycles left ${
        alertsText(falseAlerts)
      }; of worn engines ${wornAlerts.length}, ${alertsText(wornAlerts)}`;
      await t.step(text, () => {});
      days += engineDays;
      opened += falseAlerts.length;
    }
    await t.step(`${name}: ${opened} in ${days.toFixed(0)} engine-days`, () => {});
    allDays += days;
    allOpened += opened;
  }
  const rate = `all of them: ${allOpened} in ${allDays.toFixed(0)} engine-days`;
  await t.step(rate, () => assert.ok(allOpened <= allDays / 1000, rate));
});
