/**
 * Simulated engines beside the real ones of FD001, over several seeds. The numbers are names of steps, because those are
 * what is printed of a test that passes.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { SETTINGS } from "../../../shared/sensors.ts";
import { parseRows } from "../../../scripts/cmapss/rows.ts";
import { CALIBRATION, DECIMALS, SIMULATED_SENSORS } from "../../../scripts/simulation/calibration.ts";
import { Engine } from "../../../scripts/simulation/engine.ts";
import { fit } from "../../../scripts/simulation/fit.ts";
import { Random } from "../../../shared/random.ts";
import { cmapssFolder } from "../../support/cmapss.ts";
import {
  correlationDifference,
  degradation,
  discriminability,
  ksDistances,
  type Lives,
} from "../../support/realism.ts";

const SEEDS = [1, 2, 3];

/** Of simulated engines, so that what is compared is the model and not one draw of it. */
const ENGINES = 1000;

/** As many as there are real ones, for the classifier. */
const REAL_ENGINES = 100;

async function realPieces() {
  return parseRows(await Deno.readFile(join(cmapssFolder!, "train_FD001.txt")));
}

async function realLives(): Promise<Lives> {
  const lives = new Map<number, number[][]>();
  for (const { count, units, values } of await realPieces()) {
    for (let i = 0; i < count; i++) {
      const life = lives.get(units[i]) ?? [];
      life.push(values.map((column) => column[i]));
      lives.set(units[i], life);
    }
  }
  return [...lives.values()];
}

const COLUMNS = [...SETTINGS, ...SIMULATED_SENSORS];

function simulatedLives(seed: number, engines: number): Lives {
  return Array.from({ length: engines }, (_, i) => {
    const engine = new Engine("SIM", seed, i + 1, { conditions: 1, faultMode: "hpc" });
    const life: number[][] = [];
    while (!engine.failed) {
      const reading = engine.fly("");
      life.push(COLUMNS.map((column) => reading[column]!));
    }
    return life;
  });
}

/** What the first simulators did: every engine starts and ends alike, and each sensor has its own noise. */
function uniformLives(seed: number, engines: number): Lives {
  const random = new Random(seed);
  return Array.from(
    { length: engines },
    () =>
      Array.from({ length: 206 }, (_, cycle) =>
        COLUMNS.map((column) => {
          if (column === "tra") return 100;
          if (column === "mach_number") return Math.round(random.uniform() * 10 - 5) / 1e4;
          const sensor = SIMULATED_SENSORS.indexOf(column as (typeof SIMULATED_SENSORS)[number]);
          const value = sensor < 0
            ? CALIBRATION.altitude_noise * random.normal()
            : CALIBRATION.start[SIMULATED_SENSORS[sensor]] +
              CALIBRATION.shift[SIMULATED_SENSORS[sensor]] * Math.exp((cycle - 205) / 49) +
              Math.sqrt(CALIBRATION.noise[sensor][sensor]) * random.normal();
          return Number(value.toFixed(DECIMALS[column]));
        })),
  );
}

function worst(values: Record<string, number>): [string, number] {
  return Object.entries(values).reduce((a, b) => b[1] > a[1] ? b : a);
}

/** Largest relative difference of the degradation of a sensor. */
function degradationError(simulated: Lives, real: Lives): [string, number] {
  const [a, b] = [degradation(simulated), degradation(real)];
  return worst(
    Object.fromEntries(SIMULATED_SENSORS.map((sensor) => [sensor, Math.abs(a[sensor] / b[sensor] - 1)])),
  );
}

Deno.test({
  name: "the committed table is what the real file gives",
  ignore: cmapssFolder === undefined,
  fn: async () => assert.deepEqual(fit(await realPieces()), CALIBRATION),
});

Deno.test({
  name: "simulated engines are like the real ones, whatever the seed",
  ignore: cmapssFolder === undefined,
  fn: async (t) => {
    const real = await realLives();
    for (const seed of SEEDS) {
      const simulated = simulatedLives(seed, ENGINES);
      const [ksColumn, ks] = worst(ksDistances(simulated, real));
      const correlations = correlationDifference(simulated, real);
      const [wornSensor, worn] = degradationError(simulated, real);
      const area = discriminability(simulatedLives(seed + 100, REAL_ENGINES), real);
      await t.step(`seed ${seed}: KS D at most ${ks.toFixed(3)} (${ksColumn})`, () => assert.ok(ks <= 0.08));
      await t.step(
        `seed ${seed}: correlations differ by at most ${correlations.toFixed(3)}`,
        () => assert.ok(correlations <= 0.12),
      );
      await t.step(
        `seed ${seed}: degradation differs by at most ${(worn * 100).toFixed(1)} % (${wornSensor})`,
        () => assert.ok(worn <= 0.15),
      );
      await t.step(`seed ${seed}: AUC of a row ${area.toFixed(3)}`, () => assert.ok(area <= 0.62));
    }
  },
});

Deno.test({
  name: "engines that are all alike are told from the real ones: the measures can fail",
  ignore: cmapssFolder === undefined,
  fn: async (t) => {
    const real = await realLives();
    const alike = uniformLives(1, REAL_ENGINES);
    const [ksColumn, ks] = worst(ksDistances(alike, real));
    const correlations = correlationDifference(alike, real);
    const area = discriminability(alike, real);
    await t.step(`KS D ${ks.toFixed(3)} (${ksColumn})`, () => assert.ok(ks > 0.08));
    await t.step(`correlations differ by ${correlations.toFixed(3)}`, () => assert.ok(correlations > 0.12));
    await t.step(`AUC of a row ${area.toFixed(3)}`, () => assert.ok(area > 0.62));
  },
});

Deno.test({
  name: "the real engines cannot be told from themselves",
  ignore: cmapssFolder === undefined,
  fn: async (t) => {
    const mixed = new Random(1).shuffled(await realLives());
    const area = discriminability(mixed.slice(0, 50), mixed.slice(50));
    await t.step(`one half and the other: AUC ${area.toFixed(3)}`, () => assert.ok(area < 0.62));
  },
});
