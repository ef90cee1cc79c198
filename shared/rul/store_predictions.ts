/** Keeping predictions of models of somebody's own: each is accepted, a duplicate or rejected, and none is lost silently. */

import type postgres from "postgres";
import { transaction } from "../database.ts";
import { startLineage } from "../lineage.ts";
import type { Rejection } from "../validate.ts";
import { PostedPrediction } from "./posted_prediction.ts";

/** What became of predictions. */
export interface StoredPredictions {
  readonly accepted: number;
  /** There already, exactly like this. */
  readonly duplicates: number;
  readonly rejections: readonly Rejection[];
}

interface Indexed {
  readonly index: number;
  readonly prediction: PostedPrediction;
}

/** The built-in models' own names, whether or not they have been trained. */
const RESERVED = /^rul(-|$)/;

interface Facts {
  readonly engine_id: string | null;
  readonly last_cycle: number | null;
  readonly reserved: boolean;
}

/** What the database knows of the engines and models of predictions, in their order. */
async function factsOf(tx: postgres.ISql, items: readonly Indexed[]): Promise<readonly Facts[]> {
  return await tx<Facts[]>`
    select
      engines.id as engine_id,
      (
        select reading.cycle
        from public.sensor_data as reading
        where reading.engine_id = engines.id
        order by reading."timestamp" desc, reading.cycle desc
        limit 1
      ) as last_cycle,
      exists (select from public.models where models.name = item.model_name) as reserved
    from unnest(
      ${items.map(({ prediction }) => prediction.engine_id)}::text[],
      ${items.map(({ prediction }) => prediction.model_name)}::text[]
    ) with ordinality as item (unit_number, model_name, place)
    left join public.engines on engines.unit_number = item.unit_number
    order by item.place`;
}

function fault({ prediction }: Indexed, facts: Facts): Omit<Rejection, "index"> | undefined {
  const { engine_id, cycle, model_name } = prediction;
  if (facts.engine_id === null) {
    return {
      path: "engine_id",
      message: `Cannot accept engine_id as it must be the unit_number of an engine: current value is ${
        JSON.stringify(engine_id)
      }`,
    };
  }
  if (cycle > (facts.last_cycle ?? 0)) {
    return {
      path: "cycle",
      message: facts.last_cycle === null
        ? `Cannot accept cycle as ${engine_id} must have flown it, and has no readings: current value is ${cycle}`
        : `Cannot accept cycle as ${engine_id} must have flown it, and its last one is ${facts.last_cycle}: ` +
          `current value is ${cycle}`,
    };
  }
  if (facts.reserved || RESERVED.test(model_name)) {
    return {
      path: "model_name",
      message: `Cannot accept model_name as it must not be that of a built-in model: current value is ${
        JSON.stringify(model_name)
      }`,
    };
  }
}

interface Row extends Omit<PostedPrediction, "engine_id"> {
  readonly index: number;
  readonly engine_id: string;
}

const ITEMS = (rows: readonly Row[]) => JSON.stringify(rows);

/** Writes rows whose key is new; of several with one key the first. Returns the indexes of those that were written. */
async function insertNew(tx: postgres.ISql, rows: readonly Row[]): Promise<Set<number>> {
  const written = await tx<{ index: number }[]>`
    with item as (
      select distinct on (engine_id, model_name, model_version, cycle) *
      from json_to_recordset(${ITEMS(rows)}::text::json) as item (
        index integer, engine_id uuid, cycle integer, predicted_rul real, lower_bound real, upper_bound real,
        interval_level real, model_name text, model_version text, predicted_at timestamptz
      )
      order by engine_id, model_name, model_version, cycle, index
    ),
    inserted as (
      insert into public.rul_predictions (
        engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version, predicted_at
      )
      select
        engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version,
        coalesce(predicted_at, now())
      from item
      order by engine_id, cycle, model_name, model_version -- two requests at once take their keys in the same order
      on conflict (engine_id, model_name, model_version, cycle) do nothing
      returning engine_id, model_name, model_version, cycle
    )
    select item.index from inserted join item using (engine_id, model_name, model_version, cycle)`;
  return new Set(written.map(({ index }) => index));
}

/** The indexes of rows that differ from what is kept under their key, with what is kept. */
async function conflicts(tx: postgres.ISql, rows: readonly Row[]): Promise<Map<number, number>> {
  const found = await tx<{ index: number; kept: number }[]>`
    select item.index, kept.predicted_rul as kept
    from json_to_recordset(${ITEMS(rows)}::text::json) as item (
      index integer, engine_id uuid, cycle integer, predicted_rul real, lower_bound real, upper_bound real,
      interval_level real, model_name text, model_version text, predicted_at timestamptz
    )
    join public.rul_predictions as kept using (engine_id, model_name, model_version, cycle)
    where (kept.predicted_rul, kept.lower_bound, kept.upper_bound, kept.interval_level)
        is distinct from (item.predicted_rul, item.lower_bound, item.upper_bound, item.interval_level)
      or kept.predicted_at <> item.predicted_at`;
  return new Map(found.map(({ index, kept }) => [index, kept]));
}

/**
 * Keeps predictions. The same one again is a duplicate. Another value under the key of one that is kept (engine, model,
 * version, cycle) is rejected: a history that can be rewritten proves nothing, and a model that has changed has another
 * version. What is valid is stored whatever else is not.
 *
 * @param predictions As they came, not judged yet.
 */
export async function storePredictions(
  sql: postgres.Sql,
  predictions: readonly unknown[],
): Promise<StoredPredictions> {
  const rejections: Rejection[] = [];
  const valid: Indexed[] = [];
  predictions.forEach((value, index) => {
    const result = PostedPrediction.safeParse(value);
    if (result.success) return valid.push({ index, prediction: result.data });
    const [{ path, message }] = result.error.issues;
    rejections.push({ index, path: path.join("."), message });
  });
  if (valid.length === 0) return { accepted: 0, duplicates: 0, rejections };

  const stored = await transaction(sql, async (tx) => {
    const facts = await factsOf(tx, valid);
    const refused: Rejection[] = [];
    const rows: Row[] = [];
    valid.forEach((item, i) => {
      const found = fault(item, facts[i]);
      if (found === undefined) {
        rows.push({ ...item.prediction, index: item.index, engine_id: facts[i].engine_id! });
      } else refused.push({ index: item.index, ...found });
    });
    const written = await insertNew(tx, rows);
    // a statement of its own: it sees what another request has written meanwhile
    const differing = await conflicts(tx, rows.filter(({ index }) => !written.has(index)));
    for (const [index, kept] of differing) {
      refused.push({
        index,
        path: "",
        message:
          "Cannot accept the prediction as it must equal the one that is kept for this engine, model, version and " +
          `cycle, whose predicted_rul is ${kept}: give the model another version`,
      });
    }
    if (written.size > 0) {
      const models = new Set(
        rows.filter(({ index }) => written.has(index)).map((row) => `${row.model_name} ${row.model_version}`),
      );
      const run = await startLineage(tx, "post_predictions", {
        facets: { spool_models: { models: [...models] } },
      });
      await run.complete(tx, {
        outputs: [{
          namespace: "postgres",
          name: "public.rul_predictions",
          outputFacets: { outputStatistics: { rowCount: written.size } },
        }],
      });
    }
    return { accepted: written.size, duplicates: rows.length - written.size - differing.size, refused };
  });
  return {
    accepted: stored.accepted,
    duplicates: stored.duplicates,
    rejections: [...rejections, ...stored.refused].sort((a, b) => a.index - b.index),
  };
}
