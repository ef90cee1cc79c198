/**
 * Benchmark of the detectors of anomalies: scoring, and training, beside scikit-learn's isolation forest on one core.
 *
 * Hypothesis: the detector, which standardises and looks for missing sensors besides, scores at least twice as many rows
 * a second as scikit-learn's decision_function; training a model on 20,000 rows, with all detectors and the calibration
 * of their thresholds, takes at most a second.
 *
 * The peer finds the same, or the run does not count: its scores of all rows are ours, within what two draws of a hundred
 * trees differ by.
 */

import { join } from "node:path";
import { AnomalyModel } from "../../shared/anomaly/anomaly_model.ts";
import { DETECTORS } from "../../shared/anomaly/detectors.ts";
import { imputed } from "../../shared/anomaly/forest_detector.ts";
import { IsolationForest } from "../../shared/anomaly/isolation_forest.ts";
import { type ConditionBaseline, type ReadingMatrix, WIDTH } from "../../shared/anomaly/reading_matrix.ts";
import { Standardiser } from "../../shared/anomaly/standardiser.ts";
import { SENSORS } from "../../shared/sensors.ts";
import { Engine } from "../simulation/engine.ts";
import { milliseconds, ratios, type Spread, spread } from "./measure.ts";

export interface AnomaliesBenchOptions {
  /** Rows to score. */
  readonly rows: number;
  /** Healthy rows to train on. */
  readonly trainingRows: number;
  readonly pairs: number;
}

export interface AnomaliesBenchResult {
  readonly options: AnomaliesBenchOptions;
  /** Rows a second, by detector. */
  readonly scoring: Readonly<Record<string, Spread>>;
  /** Milliseconds: the model, and its forest alone. */
  readonly training: Spread;
  readonly forestTraining: Spread;
  /** Null where /usr/bin/python3 lacks scikit-learn. */
  readonly peer: {
    readonly scoring: Spread;
    readonly training: Spread;
    /** Speed of the forest's detector relative to the peer's, pair by pair. */
    readonly scoringToPeer: Spread;
    /** Time of the peer relative to the forest's, pair by pair. */
    readonly peerToForestTraining: Spread;
    /** Mean difference of the scores, of all pairs. */
    readonly difference: number;
  } | null;
}

/** Largest mean difference of the scores of two forests of a hundred trees; a wrong divisor gives more than 0.05. */
const MOST_DIFFERENCE = 0.02;

/** Readings of simulated engines, a life after the other. */
function simulatedReadings(rows: number, mostCycles: number, seed: number): ReadingMatrix {
  const readings = {
    rows,
    values: new Float64Array(rows * WIDTH),
    conditions: new Int16Array(rows).fill(1),
    engineOf: new Int32Array(rows),
    cycles: new Int32Array(rows),
    times: new Float64Array(rows),
  };
  // what the baselines say is of no matter to how long it takes to compare with them
  const baseline: ConditionBaseline = {
    mean: new Float64Array(WIDTH).fill(1),
    sd: new Float64Array(WIDTH).fill(1),
    readings: new Int32Array(WIDTH).fill(100),
  };
  const engines: ReadingMatrix["engines"][number][] = [];
  for (let row = 0; row < rows;) {
    const number = engines.length;
    const engine = new Engine("BENCH", seed, number + 1, { conditions: 1, faultMode: "hpc" });
    engines.push({
      id: String(number),
      unitNumber: `BENCH${number}`,
      dataset: null,
      baselines: new Map([[1, baseline]]),
      baselineUntil: 0,
    });
    for (let cycle = 1; cycle <= mostCycles && !engine.failed && row < rows; cycle++, row++) {
      const reading = engine.fly("");
      SENSORS.forEach((sensor, i) => readings.values[row * WIDTH + i] = reading[sensor]!);
      readings.engineOf[row] = number;
      readings.cycles[row] = cycle;
      readings.times[row] = cycle;
    }
  }
  return { ...readings, engines };
}

interface PeerRun {
  readonly fit_ms: number;
  readonly score_ms: number;
  readonly scores: Float64Array;
}

/** One run of the peer; nothing where what it needs is not installed. */
async function byScikitLearn(
  folder: string,
  train: Float64Array,
  rows: Float64Array,
  seed: number,
): Promise<PeerRun | null> {
  const python = (args: string[]) =>
    new Deno.Command("/usr/bin/python3", {
      args,
      env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
      stderr: "piped",
    }).output();
  try {
    if (!(await python(["-c", "import sklearn"])).success) return null;
  } catch {
    return null; // no Python at all
  }
  const [trainFile, rowsFile, scoresFile] = ["train", "rows", "scores"].map((name) => join(folder, name));
  await Deno.writeFile(trainFile, new Uint8Array(train.buffer as ArrayBuffer));
  await Deno.writeFile(rowsFile, new Uint8Array(rows.buffer as ArrayBuffer));
  const script = join(import.meta.dirname!, "anomalies_peer.py");
  const { success, stdout, stderr } = await python([script, trainFile, rowsFile, scoresFile, String(seed)]);
  if (!success) {
    throw new Error(`Cannot count this run as the peer must end well: ${new TextDecoder().decode(stderr)}`);
  }
  return {
    ...JSON.parse(new TextDecoder().decode(stdout)),
    scores: new Float64Array((await Deno.readFile(scoresFile)).buffer),
  };
}

export async function benchAnomalies(
  options: AnomaliesBenchOptions,
  say: (line: string) => void,
): Promise<AnomaliesBenchResult> {
  const healthy = simulatedReadings(options.trainingRows, 50, 1);
  const readings = simulatedReadings(options.rows, Infinity, 2);
  const standardiser = Standardiser.fit(healthy);
  const train = imputed(standardiser.transform(healthy));
  const rows = imputed(standardiser.transform(readings));

  const scoring = Object.fromEntries(DETECTORS.map((name): [string, number[]] => [name, []]));
  const training: number[] = [];
  const forestTraining: number[] = [];
  const peerScoring: number[] = [];
  const peerTraining: number[] = [];
  const differences: number[] = [];
  const folder = await Deno.makeTempDir({ prefix: "spool-bench-" });
  try {
    for (let pair = 0; pair <= options.pairs; pair++) {
      const counted = pair > 0; // the first one warms up
      const seed = pair + 1;
      let model: AnomalyModel | undefined;
      // deno-lint-ignore require-await
      const trained = await milliseconds(async () => model = AnomalyModel.fit(healthy, { seed }));
      // deno-lint-ignore require-await
      const grown = await milliseconds(async () => IsolationForest.fit(train, WIDTH, { seed }));
      let scores = new Float64Array(0);
      for (const name of DETECTORS) {
        // deno-lint-ignore require-await
        const took = await milliseconds(async () => {
          const found = model!.detectors[name].scores(readings);
          if (name === "isolation_forest") scores = new Float64Array(found);
        });
        if (counted) scoring[name].push(options.rows / took * 1000);
      }
      const peer = await byScikitLearn(folder, train, rows, seed);
      if (peer !== null) {
        const difference = scores.reduce((sum, score, i) => sum + Math.abs(score - peer.scores[i]), 0) /
          options.rows;
        if (!(difference <= MOST_DIFFERENCE)) {
          throw new Error(
            `Cannot count this run as scores must be within ${MOST_DIFFERENCE} of the peer's: current value is ${difference}`,
          );
        }
        if (counted) {
          peerScoring.push(options.rows / peer.score_ms * 1000);
          peerTraining.push(peer.fit_ms);
          differences.push(difference);
        }
      }
      if (counted) {
        training.push(trained);
        forestTraining.push(grown);
      }
      say(`${counted ? `pair ${pair} of ${options.pairs}` : "warm-up"} done`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return {
    options,
    scoring: Object.fromEntries(DETECTORS.map((name) => [name, spread(scoring[name])])),
    training: spread(training),
    forestTraining: spread(forestTraining),
    peer: peerScoring.length === 0 ? null : {
      scoring: spread(peerScoring),
      training: spread(peerTraining),
      scoringToPeer: ratios(scoring.isolation_forest, peerScoring),
      peerToForestTraining: ratios(peerTraining, forestTraining),
      difference: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
    },
  };
}
