/**
 * What the checks and detectors find of the faults that the simulator puts into a fleet, and how often they alarm where
 * there are none. Definitions and results: docs/decisions/0022-detection-measured.md. SPOOL_TEST_LONG=1 flies more seeds
 * and six conditions.
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
    runEveryMs: 4 * HOUR_MS,
    deliveriesPerCycle: 4,
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
  const fleets: Partial<FleetOptions>[] = [{ seed: 1 }];
  if (isLong) fleets.push({ seed: 2 }, { seed: 3 }, { seed: 1, conditions: 6 }, { seed: 2, conditions: 6 });
  const judged: Lived[] = [];
  for (const fleet of fleets) {
    judged.push(await lived({ ...fleet, faults: RATES }));
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

Deno.test("a fleet without faults has at most one alert in 1,000 engine-days about engines that are healthy", async (t) => {
  const daily = { cycles: 150, intervalMs: 24 * HOUR_MS, firstMs: Date.UTC(2024, 2, 1) };
  const flights: Record<string, () => Promise<Lived>> = {
    "a reading a day": () => lived({ ...daily, seed: 11, engines: 20 }, { runEveryMs: 24 * HOUR_MS }),
  };
  if (isLong) {
    flights["a reading a day, twice as many engines"] = () =>
      lived({ ...daily, seed: 13 }, { runEveryMs: 24 * HOUR_MS });
    flights["a reading a day, six conditions"] = () =>
      lived({ ...daily, seed: 12, conditions: 6 }, { runEveryMs: 24 * HOUR_MS });
    for (const conditions of [1, 6] as const) {
      for (const seed of [21, 22, 23]) {
        flights[`a reading an hour, ${conditions} conditions, seed ${seed}`] = () =>
          lived({ seed, conditions });
      }
    }
  }
  for (const [name, fly] of Object.entries(flights)) {
    const { engineDays, falseAlerts, wornAlerts } = await fly();
    const byKind = (alerts: readonly AlertInLife[]) =>
      [...Map.groupBy(alerts, ({ kind, severity }) => `${kind} (${severity})`)].map(([kind, of]) =>
        `${kind}: ${of.map(({ left }) => left).sort((a, b) => a - b).join(" ")}`
      ).join(", ") || "none";
    const found = `${name}: ${falseAlerts.length} in ${engineDays.toFixed(0)} engine-days (cycles left: ${
      byKind(falseAlerts)
    }); of worn engines ${wornAlerts.length} (${byKind(wornAlerts)})`;
    await t.step(found, () => {
      assert.ok(falseAlerts.length <= Math.max(1, engineDays / 1000), found);
    });
  }
});
