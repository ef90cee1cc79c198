import assert from "node:assert/strict";
import type { Reading } from "../../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import {
  ARRIVAL_FAULTS,
  type FaultLabel,
  FAULTS,
  SENSOR_FAULTS,
} from "../../../scripts/simulation/faults.ts";
import { Fleet, type FleetOptions } from "../../../scripts/simulation/fleet.ts";

const HOUR = 3_600_000;

const OPTIONS: FleetOptions = {
  engines: 5,
  cycles: 400,
  seed: 1,
  prefix: "SIM_",
  firstMs: Date.UTC(2024, 0, 31, 23),
  intervalMs: HOUR,
  conditions: 1,
  faultMode: "hpc",
  faults: new Map(),
};

/** Everything the fleet sends and says, taken so many at a time. */
function flown(overrides: Partial<FleetOptions> = {}, batch = 1000) {
  const fleet = new Fleet({ ...OPTIONS, ...overrides });
  const readings: Reading[] = [];
  while (!fleet.done) readings.push(...fleet.take(batch));
  readings.push(...fleet.finish());
  return { readings, labels: fleet.takeLabels(), fleet };
}

const text = (readings: readonly Reading[]) => readings.map((reading) => JSON.stringify(reading)).join("\n");
const key = ({ engine_id, cycle }: { engine_id: string; cycle: number }) => `${engine_id} ${cycle}`;
const everyFault = new Map(FAULTS.map((kind) => [kind, 0.01]));

Deno.test("the same seed gives the same bytes, however many readings are taken at once; another seed others", () => {
  for (const faults of [new Map(), everyFault]) {
    const once = text(flown({ faults }, 1_000_000).readings);
    assert.equal(text(flown({ faults }, 1).readings), once);
    assert.equal(text(flown({ faults }, 137).readings), once);
    assert.notEqual(text(flown({ faults, seed: 2 }).readings), once);
  }
});

Deno.test("readings are in the order of time, each engine an interval apart, and the times are those of ISO 8601", () => {
  for (const intervalMs of [HOUR, 1.5, 86_400_000 / 7]) {
    const { readings, fleet } = flown({ intervalMs });
    const times = readings.map(({ timestamp }) => Date.parse(timestamp));
    assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]));
    assert.deepEqual(
      readings.map(({ timestamp }) => timestamp),
      times.map((time) => new Date(time).toISOString()),
    );
    assert.deepEqual(
      times,
      times.map((_, i) => fleet.timeMs(Math.floor(i / OPTIONS.engines), i % OPTIONS.engines)),
    );
  }
});

Deno.test("an engine that fails is replaced at the next cycle, so that the fleet keeps its size", () => {
  const { readings, fleet } = flown();
  assert.equal(readings.length, OPTIONS.engines * OPTIONS.cycles);
  const lives = Map.groupBy(readings, ({ engine_id }) => engine_id);
  assert.equal(fleet.units, lives.size);
  assert.ok(fleet.failures >= 5, "400 cycles are longer than any life");
  assert.equal(fleet.units - OPTIONS.engines, fleet.failures);
  for (const life of lives.values()) {
    assert.deepEqual(life.map(({ cycle }) => cycle), life.map((_, i) => i + 1));
  }
  // in the same place: five readings, and so one cycle, later
  const places = readings.map(({ engine_id }) => engine_id);
  for (const [i, unit] of places.entries()) {
    if (i >= 5 && unit !== places[i - 5]) assert.equal(readings[i].cycle, 1);
  }
  assert.deepEqual([...lives.keys()].slice(0, 3), ["SIM_001", "SIM_002", "SIM_003"]);
});

Deno.test("an engine is the same in a larger fleet", () => {
  const values = (readings: readonly Reading[]) =>
    readings.filter(({ engine_id, cycle }) => engine_id === "SIM_002" && cycle <= 100)
      .map((reading) => VALUE_COLUMNS.map((column) => reading[column]));
  assert.deepEqual(values(flown({ engines: 50 }).readings), values(flown().readings));
});

Deno.test("each fault does what its label says, and nothing else changes", () => {
  const plain = new Map(flown({ cycles: 2000 }).readings.map((reading) => [key(reading), reading]));
  for (const kind of FAULTS) {
    const { readings, labels } = flown({ cycles: 2000, faults: new Map([[kind, 0.005]]) });
    assert.ok(labels.length > 10, `${kind}: ${labels.length} labels`);
    assert.deepEqual([...new Set(labels.map((label) => label.kind))], [kind]);
    const labelled = new Map<string, FaultLabel>();
    for (const label of labels) {
      for (let cycle = label.from_cycle; cycle <= label.to_cycle; cycle++) {
        labelled.set(key({ engine_id: label.engine_id, cycle }), label);
      }
      const at = (cycle: number) => plain.get(key({ engine_id: label.engine_id, cycle }))!;
      assert.equal(label.from_timestamp, at(label.from_cycle).timestamp);
      assert.equal(label.to_timestamp, at(label.to_cycle).timestamp);
    }
    // every reading is there, and those without a label byte for byte
    assert.deepEqual(new Set(readings.map(key)), new Set(plain.keys()));
    for (const reading of readings) {
      const usual = plain.get(key(reading))!;
      const label = labelled.get(key(reading));
      if (label === undefined || label.column === null) {
        assert.equal(JSON.stringify(reading), JSON.stringify(usual));
      } else assert.deepEqual({ ...reading, [label.column]: 0 }, { ...usual, [label.column]: 0 });
    }
  }
});

Deno.test("the sizes of sensor faults are what was done to the values", () => {
  const faults = new Map(SENSOR_FAULTS.map((kind) => [kind, 0.03])); // so often that some would meet;
  const plain = new Map(flown({ cycles: 2000 }).readings.map((reading) => [key(reading), reading]));
  const { readings, labels } = flown({ cycles: 2000, faults });
  const faulty = new Map(readings.map((reading) => [key(reading), reading]));
  for (const { engine_id, kind, column, from_cycle, to_cycle, size } of labels) {
    const column_ = column as (typeof VALUE_COLUMNS)[number];
    const courses = Array.from({ length: to_cycle - from_cycle + 1 }, (_, i) => {
      const at = key({ engine_id, cycle: from_cycle + i });
      return { was: plain.get(at)![column_]!, is: faulty.get(at)![column_] };
    });
    if (kind === "dropout") {
      assert.deepEqual(courses.map(({ is }) => is), courses.map(() => null));
      assert.equal(size, courses.length);
    } else if (kind === "stuck") {
      assert.deepEqual(courses.map(({ is }) => is), courses.map(() => courses[0].was));
      assert.equal(size, courses.length);
    } else {
      const { was, is } = courses.at(-1)!;
      assert.ok(
        Math.abs(is! - was - size) < 1e-9 && size !== 0,
        `${kind} of ${column}: ${was} became ${is}, ${size}`,
      );
      if (kind === "spike") assert.equal(courses.length, 1);
    }
  }
});

Deno.test("late, repeated and swapped readings arrive as their labels say", () => {
  const places = (readings: readonly Reading[]) => {
    const found = new Map<string, number[]>();
    readings.forEach((reading, i) => found.set(key(reading), [...(found.get(key(reading)) ?? []), i]));
    return found;
  };
  for (const kind of ARRIVAL_FAULTS) {
    // so often that some follow one another, and some are an engine's last
    const { readings, labels } = flown({ cycles: 1000, faults: new Map([[kind, 0.3]]) });
    const sent = places(readings);
    const labelled = new Map(labels.map((label) => [key({ ...label, cycle: label.from_cycle }), label]));
    assert.equal(labelled.size, labels.length);
    const repeated = [...sent].filter(([, at]) => at.length > 1).map(([name]) => name);
    assert.deepEqual(new Set(repeated), new Set(kind === "duplicate" ? labelled.keys() : []));
    if (kind === "duplicate") continue;
    // a reading is overtaken by later ones of its own engine exactly if it has a label
    for (const own of Map.groupBy(readings, ({ engine_id }) => engine_id).values()) {
      for (const [i, reading] of own.entries()) {
        const overtaken = own.slice(0, i).filter(({ cycle }) => cycle > reading.cycle).length;
        const label = labelled.get(key(reading));
        if (label === undefined) assert.equal(overtaken, 0);
        else if (kind === "out_of_order") assert.equal(overtaken, 1);
        else assert.ok(overtaken <= label.size); // fewer, where the engine failed meanwhile
      }
    }
  }
});

Deno.test("a flight that ends early sends what it held back, and labels what it sent", () => {
  for (const readingsTaken of [1, 503, 1000, 1777]) {
    const fleet = new Fleet({ ...OPTIONS, faults: new Map(FAULTS.map((kind) => [kind, 0.1])) });
    const sent = [...fleet.take(readingsTaken), ...fleet.finish()];
    assert.equal(new Set(sent.map(key)).size, readingsTaken);
    const labels = fleet.takeLabels();
    for (const label of labels) {
      assert.ok(
        sent.some((reading) => key(reading) === key({ ...label, cycle: label.to_cycle })),
        JSON.stringify(label),
      );
    }
    const repeated = sent.length - readingsTaken;
    assert.equal(labels.filter(({ kind }) => kind === "duplicate").length, repeated);
    assert.deepEqual(fleet.finish(), []);
  }
});

Deno.test("labels do not speak of readings that could not be sent", () => {
  const fleet = new Fleet({ ...OPTIONS, faults: everyFault });
  const sent = fleet.take(500);
  const before = fleet.takeLabels();
  const unsent = [...fleet.take(500), ...fleet.finish()];
  const missing = new Set(unsent.map(key));
  const labels = [...before, ...fleet.takeLabels(unsent)];
  for (const label of labels) {
    assert.ok(!missing.has(key({ ...label, cycle: label.to_cycle })), JSON.stringify(label));
    assert.ok(label.to_cycle >= label.from_cycle);
  }
  // a drift that goes on in what was lost ends with the last reading that was sent
  const clipped = labels.filter(({ to_timestamp }) =>
    Date.parse(to_timestamp!) >= Date.parse(sent.at(-1)!.timestamp) - HOUR
  );
  assert.ok(clipped.length > 0);
});
