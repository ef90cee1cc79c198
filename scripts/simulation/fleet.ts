/** A fleet that flies: its readings in the order of time, whoever takes them and however many at once. */

import type { Reading } from "../../shared/reading.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { type FaultLabel, type FaultRates, Faults } from "./faults.ts";

/** How a fleet is. */
export interface FleetOptions extends EngineOptions {
  /** Engines that fly at a time. */
  readonly engines: number;
  /** Cycles that each place of the fleet flies; Infinity: without an end. */
  readonly cycles: number;
  readonly seed: number;
  /** What unit numbers begin with; a number follows. */
  readonly prefix: string;
  /** Time of the first reading, in milliseconds since 1970. */
  readonly firstMs: number;
  /** From one cycle to the next, in milliseconds. Need not be whole. */
  readonly intervalMs: number;
  readonly faults: FaultRates;
}

/** The public name of the fleet's nth engine. */
export function simulatedUnitNumber(prefix: string, number: number): string {
  return prefix + String(number).padStart(3, "0");
}

const DAY_MS = 86_400_000;

/** Writes times as Date.toISOString does, five times as fast: the day is written once. */
class Clock {
  private dayMs = NaN;
  private day = "";

  text(ms: number): string {
    let ofDay = ms - this.dayMs;
    if (!(ofDay >= 0 && ofDay < DAY_MS)) {
      this.dayMs = Math.floor(ms / DAY_MS) * DAY_MS;
      this.day = new Date(this.dayMs).toISOString().slice(0, 11);
      ofDay = ms - this.dayMs;
    }
    const seconds = Math.floor(ofDay / 1000);
    const minutes = Math.floor(seconds / 60);
    return this.day + TWO[Math.floor(minutes / 60)] + ":" + TWO[minutes % 60] + ":" + TWO[seconds % 60] +
      "." +
      THREE[ofDay % 1000] + "Z";
  }
}

const TWO = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, "0"));
const THREE = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"));

/**
 * The fleet. It has so many places, each taken by an engine; when one fails, a new one with the next number is in its
 * place from the next cycle on. The places report one after another, evenly over the time from one cycle to the next.
 *
 * The readings follow from the options alone: not from how many are taken at once, nor from when.
 */
export class Fleet {
  /** Engines whose life has ended, and after how many cycles. */
  readonly failed: { readonly unitNumber: string; readonly cycles: number }[] = [];
  /** Engines that have flown. */
  units = 0;
  /** Readings that were taken, whether sent already or held back. */
  taken = 0;

  private readonly places: Engine[] = [];
  private readonly faults: Faults | undefined;
  private readonly clock = new Clock();
  private slot = 0;
  private place = 0;
  private finished = false;

  constructor(readonly options: FleetOptions) {
    const { faults, seed } = options;
    if (faults.size > 0) {
      this.faults = new Faults(
        faults,
        seed,
        (slot, place) => new Date(this.timeMs(slot, place)).toISOString(),
      );
    }
    for (let place = 0; place < options.engines; place++) this.enter(place);
  }

  private enter(place: number): void {
    const { prefix, seed } = this.options;
    const number = ++this.units;
    const engine = new Engine(simulatedUnitNumber(prefix, number), seed, number, this.options);
    this.places[place] = engine;
    this.faults?.enter(place, engine.unitNumber, number);
  }

  /** How many have failed. */
  get failures(): number {
    return this.failed.length;
  }

  /** When the engine in a place reports, in milliseconds since 1970. */
  timeMs(slot: number, place: number): number {
    const { firstMs, intervalMs, engines } = this.options;
    return Math.floor(firstMs + (slot + place / engines) * intervalMs);
  }

  /** Whether every reading has been taken. */
  get done(): boolean {
    return this.slot >= this.options.cycles;
  }

  /**
   * Takes so many readings, or what is left, and returns those that are sent now: without faults the same; with them
   * one more or less may be.
   */
  take(count: number): Reading[] {
    const { places, faults, clock } = this;
    const { engines } = this.options;
    const out: Reading[] = [];
    for (; count > 0 && !this.done; count--) {
      const { slot, place } = this;
      if (places[place].failed) this.enter(place);
      const engine = places[place];
      const reading = engine.fly(clock.text(this.timeMs(slot, place)));
      if (engine.failed) this.failed.push({ unitNumber: engine.unitNumber, cycles: reading.cycle });
      if (faults === undefined) out.push(reading);
      else faults.pass(place, slot, engine, reading, out);
      this.taken++;
      if (++this.place === engines) {
        this.place = 0;
        this.slot++;
      }
    }
    return out;
  }

  /** Ends the flight here. Returns what was held back until now, which is the last that is sent. */
  finish(): Reading[] {
    const out: Reading[] = [];
    if (!this.finished) this.faults?.finish(out);
    this.finished = true;
    return out;
  }

  /**
   * Labels of the faults that have ended since the last call.
   *
   * @param unsent Readings that nobody has got in the end.
   */
  takeLabels(unsent?: readonly Reading[]): FaultLabel[] {
    return this.faults?.takeLabels(unsent) ?? [];
  }
}
