/** `deno task train anomalies`: the detectors of anomalies. */

import { type ByDetector, type DetectorEvaluation, DETECTORS } from "../../shared/anomaly/detectors.ts";
import {
  type AnomalyTraining,
  FAILING_CYCLES,
  TooLittleToTrainError,
  trainAnomalyModels,
} from "../../shared/anomaly/train.ts";
import { CommandError } from "../cli.ts";
import { table } from "../table.ts";
import type { TrainPart } from "./part.ts";

function digits(value: number | null, count: number): string {
  return value === null || !Number.isFinite(value) ? "–" : value.toFixed(count);
}

function evaluationTable(evaluation: ByDetector<DetectorEvaluation>): string {
  return table(
    ["detector", "threshold", "false alarms", "ROC AUC", "precision", "recall"],
    DETECTORS.map((name) => {
      const { threshold, falseAlarmRate, rocAuc, precision, recall } = evaluation[name];
      return [
        name,
        digits(threshold, 4),
        falseAlarmRate === null ? "–" : `${(100 * falseAlarmRate).toFixed(2)} %`,
        digits(rocAuc, 4),
        digits(precision, 3),
        digits(recall, 3),
      ];
    }),
  );
}

function trainingText({ model, stored, evaluation, evaluatedOn, seconds }: AnomalyTraining): string {
  const number = (value: number) => value.toLocaleString("en-US");
  const { engines, healthy_readings, failing_readings } = evaluatedOn;
  return [
    `${model.name}${stored === null ? ", not stored" : ` version ${stored.version}`}: ${
      number(model.readings)
    } healthy readings of ${number(model.engines)} engines, seed ${model.seed}, ${seconds.toFixed(1)} s`,
    `Evaluated on ${number(engines)} ${
      evaluatedOn.engines_of === "test_engines" ? "test engines" : "engines, each by a model of others"
    }: ${number(healthy_readings)} healthy readings, ${
      number(failing_readings)
    } of the last ${FAILING_CYCLES} cycles`,
    "",
    evaluationTable(evaluation),
  ].join("\n");
}

export const trainAnomalies: TrainPart = {
  async train(sql, { dataset, seed, dryRun, falseAlarmRate, contamination, trees, sampleSize }, progress) {
    const stage = progress.stage("anomalies", null, "models");
    const trainings = await trainAnomalyModels(sql, {
      dataset,
      seed,
      dryRun,
      falseAlarmRate,
      contamination,
      trees,
      sampleSize,
      by: "deno task train",
      onTrained: ({ model }) => stage.advance(1, model.name),
    }).catch((error) => {
      if (!(error instanceof TooLittleToTrainError)) throw error;
      throw new CommandError(
        `${error.message}. deno task load brings engines, deno task simulate makes some`,
      );
    }).finally(() => stage.end());
    return {
      text: trainings.map(trainingText).join("\n\n"),
      models: trainings.map(({ model, stored, seconds }) => ({
        purpose: model.purpose,
        name: model.name,
        dataset: model.dataset,
        version: stored?.version ?? null,
        engines: model.engines,
        readings: model.readings,
        trained_from: model.trainedFrom,
        trained_until: model.trainedUntil,
        seed: model.seed,
        settings: model.settings,
        metrics: model.metrics,
        seconds,
      })),
    };
  },
};
