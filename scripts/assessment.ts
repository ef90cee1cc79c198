/** What the models say of a fleet that has just been loaded: what the pipeline `hourly` does after the checks, at once. */

import type postgres from "postgres";
import { z } from "zod";
import { anomalyModels } from "../shared/anomaly/score_readings.ts";
import { scoreTask } from "../shared/anomaly/score_task.ts";
import { predictTask } from "../shared/rul/predict.ts";
import { CommandError } from "./cli.ts";
import type { Progress } from "./progress.ts";
import { table } from "./table.ts";
import { trainAnomalies } from "./train/anomalies.ts";
import type { TrainPart } from "./train/part.ts";
import { trainRul } from "./train/rul.ts";

/** Rows of a table that are shown. */
const SHOWN = 5;

const Decision = z.object({ retrain: z.boolean(), reasons: z.array(z.string()) });

interface ModelInUse {
  readonly name: string;
  readonly version: number;
  readonly dataset: string | null;
  readonly engines: number;
  readonly readings: number;
  readonly trained_at: string;
}

interface Episode {
  readonly unit_number: string;
  readonly severity: string;
  readonly readings: number;
  readonly first_cycle: number;
  readonly last_cycle: number;
  readonly peak_score: number;
  readonly sensors: string;
  readonly open: boolean;
}

interface Forecast {
  readonly unit_number: string;
  readonly cycle: number;
  readonly predicted_rul: number;
  readonly lower_bound: number | null;
  readonly upper_bound: number | null;
  readonly model: string;
}

/** What the models say. */
export interface Assessment {
  readonly models: readonly ModelInUse[];
  readonly anomalies: number;
  readonly episodes: number;
  readonly open_episodes: number;
  /** Episodes that may go on, the longest first. */
  readonly longest_episodes: readonly Episode[];
  readonly predictions: number;
  /** Engines that have the least life left. */
  readonly closest_to_failure: readonly Forecast[];
  readonly retraining: z.output<typeof Decision>;
}

/** Trains what has no model in use yet. That there is too little to train on is no failure of a system that begins. */
async function trainWhatIsMissing(sql: postgres.Sql, progress: Progress): Promise<void> {
  const parts: [purpose: string, part: TrainPart][] = [["anomaly", trainAnomalies], ["rul", trainRul]];
  for (const [purpose, part] of parts) {
    const [{ trained }] = await sql`
      select exists (select from public.models where active and purpose = ${purpose}) as trained`;
    if (trained) continue;
    await part.train(sql, { seed: 42, dryRun: false }, progress).catch((error) => {
      if (!(error instanceof CommandError)) throw error;
    });
  }
}

/**
 * Trains the models that are missing, scores and predicts what has not been, decides about retraining, and reads what
 * came of it.
 */
export async function assessFleet(sql: postgres.Sql, progress: Progress): Promise<Assessment> {
  await trainWhatIsMissing(sql, progress);
  const signal = new AbortController().signal;
  await scoreTask(sql, anomalyModels(), 1, signal, { budget: { piece: 20_000, attempt: Infinity } });
  await predictTask(sql, 1, signal, { piece: 200, attempt: Infinity });
  const [{ decision }] = await sql`select public.check_retraining() as decision`;

  const models = await sql<ModelInUse[]>`
    select name, version, dataset, engines, readings::float8 as readings, to_json(trained_at) #>> '{}' as trained_at
    from public.models
    where active
    order by purpose, dataset nulls last`;
  const [counts] = await sql<{ anomalies: number; episodes: number; open: number }[]>`
    select
      (select count(*)::float8 from public.anomalies) as anomalies,
      count(*)::float8 as episodes,
      count(*) filter (where open)::float8 as open
    from public.anomaly_episodes`;
  const episodes = await sql<Episode[]>`
    select
      unit_number, episode.severity, episode.readings, first_cycle, last_cycle, peak_score, open,
      (
        select string_agg(key, ', ' order by abs(value::float8) desc, key)
        from jsonb_each_text(episode.sensors)
      ) as sensors
    from public.anomaly_episodes as episode
    join public.engines on engines.id = episode.engine_id
    where open and engines.status = 'active'
    order by episode.readings desc, unit_number
    limit ${SHOWN}`;
  const [{ predictions }] = await sql`select count(*)::float8 as predictions from public.rul_predictions`;
  const forecasts = await sql<Forecast[]>`
    select
      unit_number, cycle, predicted_rul, lower_bound, upper_bound, model_name || ' ' || model_version as model
    from public.latest_predictions
    where preferred and status = 'active'
    order by predicted_rul, unit_number
    limit ${SHOWN}`;
  return {
    models: [...models],
    anomalies: counts.anomalies,
    episodes: counts.episodes,
    open_episodes: counts.open,
    longest_episodes: [...episodes],
    predictions,
    closest_to_failure: [...forecasts],
    retraining: Decision.parse(decision),
  };
}

/** The assessment for people. */
export function assessmentText(assessment: Assessment): string {
  const { models, episodes, open_episodes, longest_episodes, closest_to_failure, retraining } = assessment;
  if (models.length === 0) {
    return "No models yet: deno task train makes them once there are enough engines, and failures among them.";
  }
  const number = (value: number) => value.toLocaleString("en-US");
  const parts = [
    table(
      ["model", "version", "engines", "readings"],
      models.map(({ name, version, engines, readings }) => [name, version, engines, number(readings)]),
    ),
    `Anomalies: ${number(assessment.anomalies)} readings in ${number(episodes)} episodes, ${
      number(open_episodes)
    } of them open.`,
  ];
  if (longest_episodes.length > 0) {
    parts.push(table(
      ["open episode of", "severity", "readings", "cycles", "peak score", "sensors"],
      longest_episodes.map((episode) => [
        episode.unit_number,
        episode.severity,
        episode.readings,
        `${episode.first_cycle}–${episode.last_cycle}`,
        episode.peak_score.toFixed(2),
        episode.sensors,
      ]),
    ));
  }
  if (closest_to_failure.length > 0) {
    parts.push(table(
      ["closest to failure", "cycle", "cycles left", "80 % interval", "model"],
      closest_to_failure.map(({ unit_number, cycle, predicted_rul, lower_bound, upper_bound, model }) => [
        unit_number,
        cycle,
        predicted_rul.toFixed(0),
        lower_bound === null ? null : `${lower_bound.toFixed(0)}–${upper_bound!.toFixed(0)}`,
        model,
      ]),
    ));
  }
  parts.push(
    retraining.retrain
      ? `Models are to be trained again: ${retraining.reasons.join("; ")}.`
      : "Models need not be trained again.",
  );
  return parts.join("\n\n");
}
