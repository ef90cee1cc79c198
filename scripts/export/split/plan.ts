/** Who is trained on and who is tested with: whole engines, so that no engine is on both sides. */

import { createHash } from "node:crypto";
import { CommandError } from "../../cli.ts";

/** An engine whose life is known, and which has readings. */
export interface KnownEngine {
  readonly unitNumber: string;
  /** What it is split within: its dataset, else its model; empty where it has neither. */
  readonly fleet: string;
  readonly subset: "train" | "test" | null;
  /** Upper bound of its labels in cycles; null: none. */
  readonly rulCap: number | null;
  readonly readings: number;
}

/** Where the line between training and testing is drawn. */
export type SplitMethod = "official" | "engines";

/** Which readings of a test engine are tested with. */
export type TestReadings = "last" | "all";

/** How to split; see {@link planSplit}. */
export interface PlanOptions {
  /** Unless given, official for fleets that have an official test set, engines for the others. */
  readonly method?: SplitMethod;
  /** Unless given, last for an official test set, all for other test engines. */
  readonly test?: TestReadings;
  /** Share of the engines of a fleet that are tested with where there is no official test set; above 0, below 1. */
  readonly testFraction: number;
  readonly seed: number;
}

/** The split of one fleet. Engines are in the order of their names' code units. */
export interface FleetPlan {
  readonly fleet: string;
  readonly method: SplitMethod;
  readonly test: TestReadings;
  readonly trainEngines: readonly KnownEngine[];
  readonly testEngines: readonly KnownEngine[];
  /** Engines of an official test set that a split by engines does not touch, so that it stays unseen. */
  readonly leftOut: readonly KnownEngine[];
}

function byName(a: KnownEngine, b: KnownEngine): number {
  return a.unitNumber < b.unitNumber ? -1 : 1;
}

/**
 * Place of an engine in the order in which engines become test engines. From its own name alone: another fleet in the
 * database changes nothing, and a new engine moves at most one other from one side to the other.
 */
function drawn(seed: number, { unitNumber }: KnownEngine): string {
  return createHash("sha256").update(`${seed} ${unitNumber}`).digest("hex");
}

function fleetName(fleet: string): string {
  return fleet || "engines without dataset and model";
}

function officialPlan(fleet: string, engines: readonly KnownEngine[], test: TestReadings): FleetPlan {
  const trainEngines = engines.filter(({ subset }) => subset !== "test");
  if (trainEngines.length === 0) {
    throw new CommandError(
      `Cannot split ${
        fleetName(fleet)
      } as there must be engines to train on: all ${engines.length} are of the ` +
        "official test set. Load its train file, or name another set with --dataset",
    );
  }
  const testEngines = engines.filter(({ subset }) => subset === "test");
  return { fleet, method: "official", test, trainEngines, testEngines, leftOut: [] };
}

function enginesPlan(
  fleet: string,
  engines: readonly KnownEngine[],
  { testFraction, seed }: PlanOptions,
): FleetPlan {
  const leftOut = engines.filter(({ subset }) => subset === "test");
  const order = engines.filter(({ subset }) => subset !== "test")
    .map((engine) => ({ engine, place: drawn(seed, engine) }))
    .sort((a, b) => a.place < b.place ? -1 : 1)
    .map(({ engine }) => engine);
  // both sides have an engine where there are two
  const count = order.length < 2
    ? 0
    : Math.min(order.length - 1, Math.max(1, Math.round(order.length * testFraction)));
  return {
    fleet,
    method: "engines",
    test: "all",
    trainEngines: order.slice(count).sort(byName),
    testEngines: order.slice(0, count).sort(byName),
    leftOut,
  };
}

/**
 * Decides who is trained on and who is tested with, fleet by fleet, so that each fleet is on both sides in the same
 * proportion.
 *
 * The official test set of a C-MAPSS set is tested with at the last reading of each engine unless told otherwise, as in
 * the PHM challenge and what has been published since. Engines that were run to failure have nothing left at their last
 * reading, so of those all readings are tested with.
 *
 * @param engines Those whose life is known.
 * @returns Fleets in the order of their names' code units.
 * @throws {CommandError} When the engines cannot be split in the way that was asked for.
 */
export function planSplit(engines: readonly KnownEngine[], options: PlanOptions): FleetPlan[] {
  const fleets = new Map<string, KnownEngine[]>();
  for (const engine of [...engines].sort(byName)) {
    const fleet = fleets.get(engine.fleet) ?? [];
    fleet.push(engine);
    fleets.set(engine.fleet, fleet);
  }
  const plans = [...fleets].sort(([a], [b]) => a < b ? -1 : 1).map(([fleet, engines]) => {
    const hasOfficial = engines.some(({ subset }) => subset === "test");
    if (options.method === "official" && !hasOfficial) {
      throw new CommandError(
        `Cannot split ${
          fleetName(fleet)
        } officially as its test set must be loaded, with its RUL file: deno task load PATH --subset test, or --split engines`,
      );
    }
    if (hasOfficial && options.method !== "engines") {
      return officialPlan(fleet, engines, options.test ?? "last");
    }
    if (options.test === "last") {
      throw new CommandError(
        `Cannot test ${fleetName(fleet)} with last readings as its test set must be the official one: ` +
          "engines that were run to failure have nothing left at their last reading",
      );
    }
    return enginesPlan(fleet, engines, options);
  });
  for (const side of ["trainEngines", "testEngines"] as const) {
    if (plans.length > 0 && plans.every((plan) => plan[side].length === 0)) {
      throw new CommandError(
        `Cannot split as there must be at least two engines of a fleet whose life is known: there are ${
          engines.map(({ unitNumber }) => unitNumber).sort().slice(0, 5).join(", ")
        }`,
      );
    }
  }
  return plans;
}
