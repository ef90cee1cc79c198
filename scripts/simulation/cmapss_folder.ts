/**
 * A simulated C-MAPSS set: train_FD00n.txt with engines that run to failure, test_FD00n.txt with others that stop
 * early, and RUL_FD00n.txt with what those had left. The text is as NASA writes it, all 26 columns of it.
 */

import { join } from "node:path";
import type { Reading } from "../../shared/reading.ts";
import { CommandError } from "../cli.ts";
import { formatFileName } from "../cmapss/file_name.ts";
import type { Stage } from "../progress.ts";
import { DECIMALS, SIMULATED_SENSORS, type SimulatedSensor } from "./calibration.ts";
import { type Condition, DROPPED_SENSORS } from "./conditions.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { type FaultLabel, type FaultRates, Faults } from "./faults.ts";
import { createFile } from "./new_file.ts";
import { Random } from "../../shared/random.ts";
import { writeAll } from "../../shared/write_all.ts";

/** What is written. */
export interface CmapssOptions extends EngineOptions {
  /** Engines of the train file, and as many of the test file. */
  readonly engines: number;
  readonly seed: number;
  readonly faults: FaultRates;
  /** The folder; made where it is missing. */
  readonly folder: string;
}

/** What was written. */
export interface CmapssResult {
  readonly set: string;
  readonly readings: number;
  readonly units: number;
  readonly failures: number;
}

/**
 * How many cycles the engines of the test file have left: evenly, from 7 to 145, as in RUL_FD001.txt; and at least so
 * many are in the file, as there.
 */
const LEFT: readonly [number, number] = [7, 145];
const FEWEST_CYCLES = 31;

/** Stream of random numbers that belongs to no engine: those are numbered from 1. */
const STOPS = 0;

/** The name of the published set that flies such conditions with such faults. */
export function cmapssSet({ conditions, faultMode }: EngineOptions): string {
  return `FD00${(conditions === 6 ? 2 : 1) + (faultMode === "hpc" ? 0 : 2)}`;
}

/** Decimals of the dropped sensors in NASA's files. */
const DROPPED_DECIMALS: Readonly<Record<(typeof DROPPED_SENSORS)[number], number>> = {
  s1: 2,
  s5: 2,
  s6: 2,
  s10: 2,
  s16: 2,
  s18: 0,
  s19: 2,
};

const SENSOR_COLUMNS = Array.from({ length: 21 }, (_, i) => `s${i + 1}`);
const isSimulated = new Set<string>(SIMULATED_SENSORS);

/** A line; a sensor that gave no value has NaN, which is what tools that read such files write. */
function line(unit: number, reading: Reading, { dropped }: Condition): string {
  const value = (column: keyof typeof DECIMALS) => reading[column]?.toFixed(DECIMALS[column]) ?? "NaN";
  const sensors = SENSOR_COLUMNS.map((column) => {
    if (isSimulated.has(column)) return value(column as SimulatedSensor);
    const place = DROPPED_SENSORS.indexOf(column as (typeof DROPPED_SENSORS)[number]);
    return dropped[place].toFixed(DROPPED_DECIMALS[DROPPED_SENSORS[place]]);
  });
  return `${unit} ${reading.cycle} ${value("altitude")} ${value("mach_number")} ${value("tra")} ${
    sensors.join(" ")
  }  \n`;
}

/**
 * Writes the set.
 *
 * @param labels Takes the labels of the faults; their engines are called as the loader calls them: `unitNumber` of
 *   scripts/cmapss/engines.ts.
 * @param signal Stops after the engine that is being written: each that is in the train file runs to failure.
 * @throws {CommandError} When one of the files exists.
 */
export async function writeCmapssSet(
  options: CmapssOptions,
  nameOf: (file: { kind: "train" | "test"; set: string }, unit: number) => string,
  labels: (labels: readonly FaultLabel[]) => Promise<void> | void,
  stage: Stage,
  signal: AbortSignal,
): Promise<CmapssResult> {
  const { engines, seed, faults, folder } = options;
  const set = cmapssSet(options);
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new CommandError(
      `Cannot write to ${folder} as --out must be a folder that can be written`,
      { cause: error },
    );
  }
  const path = (kind: "train" | "test" | "RUL") => join(folder, formatFileName({ kind, set }));
  using train = await createFile(path("train"));
  using test = await createFile(path("test"));
  using left = await createFile(path("RUL"));

  const encoder = new TextEncoder();
  const stops = new Random(seed, STOPS);
  const injected = new Faults(faults, seed, () => null);
  let readings = 0;
  let units = 0;
  let failures = 0;

  const writeEngine = async (kind: "train" | "test", unit: number, number: number) => {
    const engine = new Engine(nameOf({ kind, set }, unit), seed, number, options);
    const most = Math.min(LEFT[1], engine.life - FEWEST_CYCLES);
    const rul = kind === "train" ? 0 : LEFT[0] + Math.floor(stops.uniform() * (most - LEFT[0] + 1));
    injected.enter(0, engine.unitNumber, number);
    let text = "";
    while (engine.cycle < engine.life - rul) {
      const sent: Reading[] = [];
      injected.pass(0, engine.cycle, engine, engine.fly(""), sent);
      for (const reading of sent) text += line(unit, reading, engine.condition);
    }
    await writeAll(kind === "train" ? train : test, encoder.encode(text));
    if (kind === "test") await writeAll(left, encoder.encode(`${rul} \n`));
    injected.finish([]);
    await labels(injected.takeLabels());
    readings += engine.cycle;
    units++;
    if (kind === "train") failures++;
    stage.advance(engine.cycle, `${failures} failures`);
  };

  for (let unit = 1; unit <= engines && !signal.aborted; unit++) await writeEngine("train", unit, unit);
  for (let unit = 1; unit <= engines && !signal.aborted; unit++) {
    await writeEngine("test", unit, engines + unit);
  }
  return { set, readings, units, failures };
}
