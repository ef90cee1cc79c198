/** Models that have been trained: kept as rows of `models`, one version after the other, with one in use. */

import type postgres from "postgres";
import { transaction } from "./database.ts";
import { recordAudit } from "./audit.ts";
import { VERSION } from "./version.ts";

/** What a model is for. */
export type ModelPurpose = "anomaly" | "rul";

/** A model as it comes out of a training. */
export interface TrainedModel {
  readonly purpose: ModelPurpose;
  /** Name that all of its versions share, those of other sets of engines excepted. */
  readonly name: string;
  /** Set of engines it is for; null: every engine without a model of its own. */
  readonly dataset: string | null;
  /** Columns of `sensor_data` that it looks at, in its order. */
  readonly features: readonly string[];
  /** Times of the first and the last reading it was trained on. */
  readonly trainedFrom: Date;
  readonly trainedUntil: Date;
  readonly engines: number;
  readonly readings: number;
  readonly seed: number;
  /** Hyperparameters. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Evaluation on engines it was not trained on. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** The model itself. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** A model that is kept. */
export interface StoredModel extends TrainedModel {
  readonly id: number;
  readonly version: number;
  readonly trainedAt: Date;
}

/**
 * Keeps a model as the next version of its name and makes it the one in use.
 *
 * @param by Who trained it, for the audit log: `deno task train`.
 */
export async function storeModel(sql: postgres.Sql, model: TrainedModel, by: string): Promise<StoredModel> {
  return await transaction(sql, async (tx) => {
    // two trainings at once would both count to the same version
    await tx`select pg_advisory_xact_lock(hashtext('public.models'))`;
    await tx`
      update public.models set active = false
      where purpose = ${model.purpose} and dataset is not distinct from ${model.dataset}::text and active`;
    const [{ id, version, trained_at }] = await tx`
      insert into public.models (
        purpose, name, version, dataset, features, trained_from, trained_until, engines, readings, seed, settings, metrics,
        content, code_version
      )
      select
        ${model.purpose}, ${model.name}, coalesce(max(version), 0) + 1, ${model.dataset}::text,
        ${model.features as string[]}::text[], ${model.trainedFrom.toISOString()}::text::timestamptz,
        ${model.trainedUntil.toISOString()}::text::timestamptz, ${model.engines}, ${model.readings}, ${model.seed},
        ${JSON.stringify(model.settings)}::text::jsonb, ${JSON.stringify(model.metrics)}::text::jsonb,
        ${JSON.stringify(model.content)}::text::jsonb, ${VERSION}
      from public.models
      where name = ${model.name}
      returning id, version, trained_at`;
    await recordAudit(tx, by, "model.train", `${model.name} ${version}`, {
      dataset: model.dataset,
      engines: model.engines,
      readings: model.readings,
      seed: model.seed,
    });
    return { ...model, id: Number(id), version, trainedAt: trained_at };
  });
}

/** The models of a purpose that are in use: at most one for each set of engines. */
export async function activeModels(sql: postgres.ISql, purpose: ModelPurpose): Promise<StoredModel[]> {
  const rows = await sql`
    select id::float8 as id, purpose, name, version, dataset, features, trained_from, trained_until, engines,
      readings::float8 as readings, seed::float8 as seed, settings, metrics, content, trained_at
    from public.models
    where purpose = ${purpose} and active`;
  return rows.map(({ trained_from, trained_until, trained_at, ...row }) =>
    ({
      ...row,
      trainedFrom: trained_from,
      trainedUntil: trained_until,
      trainedAt: trained_at,
    }) as StoredModel
  );
}

/** The model for the engines of a set: its own, else the one for every engine. */
export function modelFor<Model extends Pick<StoredModel, "dataset">>(
  models: readonly Model[],
  dataset: string | null,
): Model | undefined {
  return models.find((model) => model.dataset === dataset) ?? models.find((model) => model.dataset === null);
}
