/** `deno task train rul`: the models of remaining useful life. */

import { TooLittleToTrainError } from "../../shared/anomaly/train.ts";
import type { RulEvaluation } from "../../shared/rul/fit_rul.ts";
import { type RulTraining, trainRulModels } from "../../shared/rul/train.ts";
import { CommandError } from "../cli.ts";
import { table } from "../table.ts";
import type { TrainPart } from "./part.ts";

function row(of: string, evaluation: RulEvaluation): string[] {
  const { engines, predictions, rmse, mae, bias, phm08, coverage } = evaluation;
  return [
    of,
    String(engines),
    String(predictions),
    rmse.toFixed(2),
    mae.toFixed(2),
    bias.toFixed(2),
    phm08.toFixed(0),
    `${(100 * coverage).toFixed(1)} %`,
  ];
}

function trainingText({ model, stored, crossValidation, test, seconds }: RulTraining): string {
  const number = (value: number) => value.toLocaleString("en-US");
  return [
    `${model.name}${stored === null ? ", not stored" : ` version ${stored.version}`}: ${
      number(model.readings)
    } readings of ${number(model.engines)} engines, seed ${model.seed}, ${seconds.toFixed(1)} s`,
    `Remaining life in cycles, labels capped at ${model.settings.rul_cap}, intervals for 80 %`,
    "",
    table(
      ["evaluated on", "engines", "predictions", "RMSE", "MAE", "bias", "PHM08", "coverage"],
      [
        row("engines, each by a model of others", crossValidation),
        ...test === null ? [] : [row("test engines", test)],
      ],
    ),
  ].join("\n");
}

export const trainRul: TrainPart = {
  async train(sql, { dataset, seed, dryRun }, progress) {
    const stage = progress.stage("remaining life", null, "models");
    const trainings = await trainRulModels(sql, {
      dataset,
      seed,
      dryRun,
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
