/** Faults of sensors and of the way, put into what a fleet sends: each has a label, so that finding them can be scored. */

import type { Reading } from "../../shared/reading.ts";
import { DECIMALS, SIMULATED_SENSORS, type SimulatedSensor } from "./calibration.ts";
import { type Engine, NOISE_DEVIATION } from "./engine.ts";
import { Random } from "../../shared/random.ts";

/** Faults of a sensor: they change values. */
export const SENSOR_FAULTS = ["dropout", "stuck", "spike", "drift"] as const;
/** Faults of the way: they change when or how often a reading is sent, and nothing in it. */
export const ARRIVAL_FAULTS = ["late", "duplicate", "out_of_order"] as const;
export const FAULTS = [...SENSOR_FAULTS, ...ARRIVAL_FAULTS] as const;

export type Fault = (typeof FAULTS)[number];

/** Share of the readings at which a fault begins, by fault; those that are not named do not happen. */
export type FaultRates = ReadonlyMap<Fault, number>;

/** Rates where none is given. Long faults are rarer: at these each disturbs one reading in fifty to five hundred. */
export const DEFAULT_RATES: Readonly<Record<Fault, number>> = {
  dropout: 0.001,
  stuck: 0.0005,
  spike: 0.002,
  drift: 0.0003,
  late: 0.002,
  duplicate: 0.002,
  out_of_order: 0.002,
};

/** One fault, as a line of the side file has it. All ends are included. */
export interface FaultLabel {
  readonly engine_id: string;
  readonly kind: Fault;
  /** The sensor; null where it is the whole reading. */
  readonly column: string | null;
  readonly from_cycle: number;
  readonly to_cycle: number;
  /** Times of the readings; null in a C-MAPSS file, which has none. */
  readonly from_timestamp: string | null;
  readonly to_timestamp: string | null;
  /**
   * dropout, stuck: how many readings; spike: what was added to the value, in the unit of its column; drift: the same
   * at the last reading; late: how many cycles late; duplicate: how many copies; out_of_order: 1.
   */
  readonly size: number;
}

/** Shortest and longest course of a fault of a sensor, in readings. Stuck: beyond what the standard rule lets pass. */
const LENGTHS: Readonly<Record<(typeof SENSOR_FAULTS)[number], readonly [number, number]>> = {
  dropout: [5, 30],
  stuck: [25, 60],
  spike: [1, 1],
  drift: [40, 100],
};

/** Smallest and largest size of spikes, and of drifts at their end, in standard deviations of the sensor's noise. */
const SIZES = { spike: [8, 15], drift: [4, 10] } as const;

/** Shortest and longest delay of a late reading, and of the copy of a duplicate one, in cycles. */
const DELAYS = { late: [3, 24], duplicate: [0, 3] } as const;

/** A fault of a sensor while it lasts. */
interface Course {
  readonly kind: (typeof SENSOR_FAULTS)[number];
  readonly sensor: SimulatedSensor;
  readonly length: number;
  /** What a spike adds, or a drift at its end. */
  readonly amount: number;
  /** The value that a stuck sensor repeats. */
  readonly held: number;
  readonly fromCycle: number;
  readonly fromSlot: number;
  /** What was added to each of its readings so far; 0 where values are replaced. */
  readonly added: number[];
}

/** A fault that is over, before it becomes a label. */
interface Ended {
  readonly unitNumber: string;
  readonly kind: Fault;
  readonly column: SimulatedSensor | null;
  readonly place: number;
  readonly fromCycle: number;
  readonly fromSlot: number;
  /** Its size, if it ends with the nth of its readings: sizes[n - 1]. */
  readonly sizes: readonly number[];
}

/** Faults of one engine. */
interface Afflicted {
  readonly unitNumber: string;
  readonly random: ReadonlyMap<Fault, Random>;
  /** Cycle at which a fault of this kind begins next. */
  readonly next: Map<Fault, number>;
  readonly courses: Course[];
}

/** A reading that is sent later than it was taken. */
interface Held {
  readonly reading: Reading;
  readonly kind: (typeof ARRIVAL_FAULTS)[number];
  readonly place: number;
  readonly slot: number;
  readonly dueSlot: number;
}

/** A whole number, both ends included. */
function between(random: Random, [least, most]: readonly [number, number]): number {
  return least + Math.floor(random.uniform() * (most - least + 1));
}

/**
 * Puts faults into the readings of a fleet. Each engine and kind has a random sequence of its own, which is not the
 * one of the engine: what no label names is what it would be without faults.
 */
export class Faults {
  private readonly afflicted: (Afflicted | undefined)[] = [];
  /** Readings that are held back, by the slot they are due in. */
  private readonly held = new Map<number, Held[]>();
  private ended: Ended[] = [];
  /** By place, the slot of its latest reading. */
  private readonly latestSlot: number[] = [];

  /**
   * @param timestampAt Time of the reading of a place of the fleet in a slot; null where there are no times.
   */
  constructor(
    private readonly rates: FaultRates,
    private readonly seed: number,
    private readonly timestampAt: (slot: number, place: number) => string | null,
  ) {}

  /** A new engine is in this place from now on. */
  enter(place: number, unitNumber: string, number: number): void {
    this.leave(place);
    const random = new Map<Fault, Random>();
    const next = new Map<Fault, number>();
    for (const [index, kind] of FAULTS.entries()) {
      if (!this.rates.has(kind)) continue;
      const own = new Random(this.seed, number, index + 1);
      random.set(kind, own);
      next.set(kind, this.beginning(own, kind, 0));
    }
    this.afflicted[place] = { unitNumber, random, next, courses: [] };
  }

  /** The engine in this place has given its last reading. */
  private leave(place: number): void {
    const afflicted = this.afflicted[place];
    for (const course of afflicted?.courses ?? []) this.end(place, afflicted!.unitNumber, course);
    this.afflicted[place] = undefined;
  }

  /** The cycle after `cycle` at which the next fault begins: each is as likely as any other (geometric). */
  private beginning(random: Random, kind: Fault, cycle: number): number {
    const rate = this.rates.get(kind)!;
    const waited = rate === 1 ? 0 : Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - rate));
    return cycle + 1 + waited;
  }

  /**
   * Takes the reading of a place in a slot, and appends to `out` what is sent of it and of earlier ones.
   *
   * @param reading Is changed where a sensor has a fault.
   */
  pass(place: number, slot: number, engine: Engine, reading: Reading, out: Reading[]): void {
    this.latestSlot[place] = slot;
    const afflicted = this.afflicted[place]!;
    this.disturb(place, slot, engine, afflicted, reading);
    if (!this.holdBack(place, slot, engine, afflicted, reading)) out.push(reading);
    const due = this.held.get(slot)?.filter((held) => held.place === place) ?? [];
    for (const held of due) this.send(held, held.dueSlot, out);
    if (due.length > 0) {
      const others = this.held.get(slot)!.filter((held) => held.place !== place);
      if (others.length > 0) this.held.set(slot, others);
      else this.held.delete(slot);
    }
  }

  private disturb(
    place: number,
    slot: number,
    engine: Engine,
    afflicted: Afflicted,
    reading: Reading,
  ): void {
    const { courses } = afflicted;
    for (const kind of SENSOR_FAULTS) {
      if (afflicted.next.get(kind) !== reading.cycle) continue;
      const random = afflicted.random.get(kind)!;
      const sensor = random.pick(SIMULATED_SENSORS);
      const length = between(random, LENGTHS[kind]);
      const deviations = kind === "spike" || kind === "drift"
        ? SIZES[kind][0] + random.uniform() * (SIZES[kind][1] - SIZES[kind][0])
        : 0;
      const sign = random.uniform() < 0.5 ? -1 : 1;
      afflicted.next.set(kind, this.beginning(random, kind, reading.cycle + length - 1));
      // two faults of one sensor at a time could not be told apart
      if (courses.some((course) => course.sensor === sensor)) continue;
      const index = SIMULATED_SENSORS.indexOf(sensor);
      courses.push({
        kind,
        sensor,
        length,
        amount: sign * deviations * NOISE_DEVIATION[index] * engine.condition.stretch[index],
        held: reading[sensor]!,
        fromCycle: reading.cycle,
        fromSlot: slot,
        added: [],
      });
    }
    for (let i = courses.length - 1; i >= 0; i--) {
      const course = courses[i];
      course.added.push(this.apply(course, reading));
      if (course.added.length < course.length) continue;
      courses.splice(i, 1);
      this.end(place, afflicted.unitNumber, course);
    }
  }

  /** Returns what is added to the value. */
  private apply({ kind, sensor, length, amount, held, added }: Course, reading: Reading): number {
    if (kind === "dropout" || kind === "stuck") {
      reading[sensor] = kind === "dropout" ? null : held;
      return 0;
    }
    const value = reading[sensor]!;
    const scale = 10 ** DECIMALS[sensor];
    const disturbed = Math.round((value + amount * (added.length + 1) / length) * scale) / scale;
    reading[sensor] = disturbed;
    return Math.round((disturbed - value) * scale) / scale + 0; // + 0: no negative zero
  }

  private end(place: number, unitNumber: string, course: Course): void {
    const { kind, sensor, fromCycle, fromSlot, added } = course;
    const sizes = kind === "spike" || kind === "drift" ? added : added.map((_, i) => i + 1);
    this.ended.push({ unitNumber, kind, column: sensor, place, fromCycle, fromSlot, sizes });
  }

  /** Keeps the reading for later, or a copy of it. Returns whether it is not to be sent now. */
  private holdBack(
    place: number,
    slot: number,
    engine: Engine,
    afflicted: Afflicted,
    reading: Reading,
  ): boolean {
    // the one before has to be overtaken by this one
    const isAwaited = this.held.get(slot)?.some((held) =>
      held.place === place && held.kind === "out_of_order"
    );
    let chosen: Held | undefined;
    for (const kind of ARRIVAL_FAULTS) {
      if (afflicted.next.get(kind) !== reading.cycle) continue;
      const random = afflicted.random.get(kind)!;
      const delay = kind === "out_of_order" ? 1 : between(random, DELAYS[kind]);
      afflicted.next.set(kind, this.beginning(random, kind, reading.cycle));
      // one a reading; and the last reading of an engine has none after it that it could change places with
      if (chosen !== undefined || (isAwaited && kind !== "duplicate")) continue;
      if (kind === "out_of_order" && engine.failed) continue;
      chosen = { reading, kind, place, slot, dueSlot: slot + delay };
    }
    if (chosen === undefined) return false;
    const due = this.held.get(chosen.dueSlot);
    if (due === undefined) this.held.set(chosen.dueSlot, [chosen]);
    else due.push(chosen);
    return chosen.kind !== "duplicate";
  }

  /** Sends what was held back, in the slot in which that happens. */
  private send({ reading, kind, place, slot }: Held, sentSlot: number, out: Reading[]): void {
    out.push(reading);
    // it came to its end before anything could overtake it
    if (kind !== "duplicate" && sentSlot === slot) return;
    this.ended.push({
      unitNumber: reading.engine_id,
      kind,
      column: null,
      place,
      fromCycle: reading.cycle,
      fromSlot: slot,
      sizes: [kind === "late" ? sentSlot - slot : 1],
    });
  }

  /** The readings have come to their end: appends what is still held back, and ends what still lasts. */
  finish(out: Reading[]): void {
    for (const slot of [...this.held.keys()].sort((a, b) => a - b)) {
      for (const held of this.held.get(slot)!) this.send(held, this.latestSlot[held.place], out);
    }
    this.held.clear();
    for (const place of this.afflicted.keys()) this.leave(place);
  }

  /**
   * Labels of the faults that have ended since the last call.
   *
   * @param unsent Readings that nobody has got in the end: labels do not speak of them.
   */
  takeLabels(unsent: readonly Reading[] = []): FaultLabel[] {
    const missing = new Set(unsent.map(({ engine_id, cycle }) => `${engine_id} ${cycle}`));
    const labels: FaultLabel[] = [];
    for (const { unitNumber, kind, column, place, fromCycle, fromSlot, sizes } of this.ended) {
      let count = sizes.length;
      while (count > 0 && missing.has(`${unitNumber} ${fromCycle + count - 1}`)) count--;
      if (count === 0) continue;
      labels.push({
        engine_id: unitNumber,
        kind,
        column,
        from_cycle: fromCycle,
        to_cycle: fromCycle + count - 1,
        from_timestamp: this.timestampAt(fromSlot, place),
        to_timestamp: this.timestampAt(fromSlot + count - 1, place),
        size: sizes[count - 1],
      });
    }
    this.ended = [];
    return labels;
  }
}
