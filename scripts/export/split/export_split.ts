/** Training data in the lake: X_train, y_train, X_test, y_test, and the recipe that says how they were made. */

import type postgres from "postgres";
import { transaction } from "../../../shared/database.ts";
import { SPLIT_PREFIX, splitKey } from "../../../shared/lake/keys.ts";
import type { Lake, WrittenObject } from "../../../shared/lake/lake.ts";
import { forgetLakeObjects, recordLakeObject } from "../../../shared/lake/listing.ts";
import { type LineageDataset, type LineageRun, startLineage } from "../../../shared/lineage.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import { VERSION } from "../../../shared/version.ts";
import { CommandError } from "../../cli.ts";
import type { Progress } from "../../progress.ts";
import { featureColumns, type Features, labelColumns } from "./columns.ts";
import { type FleetPlan, type KnownEngine, type PlanOptions, planSplit } from "./plan.ts";
import { readReadings } from "./readings.ts";
import { SplitRecipe } from "./recipe.ts";
import { SampleFile } from "./sample_file.ts";
import { type LabelledReading, Samples } from "./samples.ts";

/** What to make. */
export interface SplitOptions extends PlanOptions {
  /** Set of engines, `FD001`; all engines whose life is known unless given. */
  readonly dataset?: string;
  /** Upper bound of labels in cycles; `engine`: each engine's own, or {@link USUAL_RUL_CAP}. */
  readonly rulCap: number | "engine" | "none";
  readonly features: Features;
  /** Readings of a window; 1 where features are rows. */
  readonly window: number;
  readonly format: "parquet" | "csv";
}

/** What was made. Names as they are printed with --json. */
export interface SplitReport {
  /** Where: a prefix of the lake's keys. */
  readonly folder: string;
  readonly recipe: SplitRecipe;
}

/** Heimes (PHM 2008) caps labels at 125 to 130 cycles: before that, wear cannot be seen. */
const USUAL_RUL_CAP = 125;

const INPUTS: readonly LineageDataset[] = [{ namespace: "postgres", name: "public.training_data" }];

const SIDES = ["train", "test"] as const;
type Side = (typeof SIDES)[number];

const FORMATS = ["parquet", "csv"] as const;

/** Engines whose life is known, with readings. */
async function knownEngines(
  sql: postgres.Sql,
  dataset: string | undefined,
  rulCap: SplitOptions["rulCap"],
): Promise<KnownEngine[]> {
  const rows = await sql<(Omit<KnownEngine, "rulCap"> & { own: number | null })[]>`
    select
      engines.unit_number as "unitNumber",
      coalesce(engines.dataset, engines.model, '') as fleet,
      engines.subset,
      engines.rul_cap as own,
      readings.count as readings
    from (
      select unit_number, count(*)::float8 as count
      from public.training_data
      where ${dataset === undefined} or dataset = ${dataset ?? null}
      group by unit_number
    ) as readings
    join public.engines using (unit_number)`;
  const cap = (own: number | null) =>
    rulCap === "none" ? null : rulCap === "engine" ? own ?? USUAL_RUL_CAP : rulCap;
  return rows.map(({ own, ...engine }) => ({ ...engine, rulCap: cap(own) }));
}

function checkLabel({ unitNumber, cycle, left }: LabelledReading): void {
  if (left >= 0) return;
  throw new CommandError(
    `Cannot label ${unitNumber} as its life_cycles must be at least its last cycle: ` +
      `current value is ${cycle + left}, and it has a reading of cycle ${cycle}`,
  );
}

/** The files of a split while they are made. */
class SplitFiles {
  private constructor(
    private readonly x: Readonly<Record<Side, SampleFile>>,
    private readonly y: Readonly<Record<Side, SampleFile>>,
    readonly filled: Record<Side, number>,
  ) {}

  static async create(
    lake: Lake,
    folder: string,
    plans: readonly FleetPlan[],
    { features, window, format }: SplitOptions,
  ): Promise<SplitFiles> {
    const caps = new Map(
      plans.flatMap(({ trainEngines, testEngines }) => [...trainEngines, ...testEngines])
        .map(({ unitNumber, rulCap }) => [unitNumber, rulCap]),
    );
    const begin = (name: string, columns: SampleFile["columns"]) =>
      SampleFile.create(lake, folder, `${name}.${format}`, columns, format);
    const x = featureColumns(features, window);
    const y = labelColumns((unitNumber) => caps.get(unitNumber) ?? null);
    return new SplitFiles(
      { train: await begin("X_train", x), test: await begin("X_test", x) },
      { train: await begin("y_train", y), test: await begin("y_test", y) },
      { train: 0, test: 0 },
    );
  }

  get all(): SampleFile[] {
    return SIDES.flatMap((side) => [this.x[side], this.y[side]]);
  }

  /** Takes the readings of the plans' engines, engine by engine as they stand in {@link engineOrder}. */
  async fill(
    url: string,
    plans: readonly FleetPlan[],
    { window }: SplitOptions,
    progress: Progress,
  ): Promise<void> {
    const order = engineOrder(plans);
    const stage = progress.stage(
      "split",
      order.reduce((sum, { engine }) => sum + engine.readings, 0),
      "readings",
    );
    let place = -1;
    let samples: Samples | undefined;
    const put = async (sample: ReturnType<Samples["endEngine"]>, { side }: EnginePlace) => {
      if (sample === undefined) return;
      await this.x[side].add(sample, sample.fresh);
      await this.y[side].add(sample, 1);
    };
    const endEngine = async () => {
      if (samples === undefined) return;
      await put(samples.endEngine(), order[place]);
      this.filled[order[place].side] += samples.filled;
    };
    try {
      const names = order.map(({ engine }) => engine.unitNumber);
      await readReadings(url, names, async (readings) => {
        for (const { place: at, reading } of readings) {
          checkLabel(reading);
          if (at !== place) {
            await endEngine();
            place = at;
            samples = new Samples(window, order[at].test === "last");
          }
          await put(samples!.add(reading), order[at]);
        }
        stage.advance(readings.length);
      });
      await endEngine();
      for (const file of this.all) await file.finish();
    } finally {
      stage.end();
    }
  }

  async abort(): Promise<void> {
    for (const file of this.all) await file.abort();
  }
}

/** Place of an engine in the files. */
interface EnginePlace {
  readonly engine: KnownEngine;
  readonly side: Side;
  readonly test: FleetPlan["test"];
}

/** Train before test, by name: each file is sorted by its first column. */
function engineOrder(plans: readonly FleetPlan[]): EnginePlace[] {
  return SIDES.flatMap((side) =>
    plans.flatMap((plan) =>
      (side === "train" ? plan.trainEngines : plan.testEngines).map((engine): EnginePlace => ({
        engine,
        side,
        test: side === "train" ? "all" : plan.test,
      }))
    ).sort((a, b) => a.engine.unitNumber < b.engine.unitNumber ? -1 : 1)
  );
}

function recipeOf(
  plans: readonly FleetPlan[],
  { dataset, format, features, window, rulCap, testFraction, seed }: SplitOptions,
  filled: SplitRecipe["filled_engines"],
  files: SplitRecipe["files"],
): SplitRecipe {
  const names = (engines: readonly KnownEngine[]) => engines.map(({ unitNumber }) => unitNumber);
  return {
    version: 1,
    code_version: VERSION,
    dataset: dataset ?? null,
    format,
    features,
    window,
    window_values: [...VALUE_COLUMNS],
    rul_cap: rulCap,
    fleets: plans.map(({ fleet, method, test, trainEngines, testEngines, leftOut }) => ({
      fleet,
      method,
      test,
      test_fraction: method === "official" ? null : testFraction,
      seed: method === "official" ? null : seed,
      train_engines: names(trainEngines),
      test_engines: names(testEngines),
      left_out_engines: names(leftOut),
    })),
    filled_engines: filled,
    files,
  };
}

/** What the run wrote, for lineage. */
function outputsOf(
  lake: Lake,
  folder: string,
  files: readonly SampleFile[],
  recipe: SplitRecipe,
): LineageDataset[] {
  return files.map((file, i) => ({
    namespace: lake.url,
    name: folder + file.name,
    facets: {
      schema: { fields: file.columns.map(({ name, type }) => ({ name, type })) },
      storage: { storageLayer: new URL(lake.url).protocol.slice(0, -1), fileFormat: recipe.format },
    },
    outputFacets: {
      outputStatistics: { rowCount: recipe.files[i].rows, size: recipe.files[i].bytes, fileCount: 1 },
    },
  }));
}

/** Keys of both formats in a folder: those of a set that is replaced. */
function keysIn(folder: string): string[] {
  return ["X_train", "y_train", "X_test", "y_test"].flatMap((name) =>
    FORMATS.map((format) => `${folder}${name}.${format}`)
  );
}

/**
 * Makes the files visible in place of those of an earlier run.
 *
 * Four objects cannot be replaced at once, in S3 less than anywhere. So there is no recipe while they are being replaced:
 * where there is one, the files beside it are those that it names, and their checksums in it tell that to whoever does
 * not want to rely on the moment.
 */
async function publish(
  sql: postgres.Sql,
  lake: Lake,
  folder: string,
  files: readonly SampleFile[],
  recipeFor: (written: readonly WrittenObject[]) => SplitRecipe,
  lineage: LineageRun,
): Promise<SplitRecipe> {
  const recipeKey = `${folder}recipe.json`;
  const kept = files.map(({ name }) => folder + name);
  const replaced = keysIn(folder).filter((key) => !kept.includes(key));
  await forgetLakeObjects(sql, [recipeKey, ...replaced]);
  for (const key of [recipeKey, ...replaced]) await lake.remove(key);

  const written: WrittenObject[] = [];
  for (const file of files) written.push(await file.commit());
  const recipe = recipeFor(written);
  const stored = await lake.put(recipeKey, `${JSON.stringify(SplitRecipe.parse(recipe), null, 2)}\n`);

  await transaction(sql, async (tx) => {
    for (const [i, file] of files.entries()) {
      const { rows: rowCount, batchCounts: batches } = file;
      await recordLakeObject(tx, written[i], { kind: "split", rowCount, batches, writtenBy: lineage.id });
    }
    await recordLakeObject(tx, stored, { kind: "split", writtenBy: lineage.id });
    const { files: _, ...how } = recipe;
    await lineage.complete(tx, {
      outputs: outputsOf(lake, folder, files, recipe),
      facets: { spool_split: how },
    });
  });
  return recipe;
}

/**
 * Exports training data: `X_train`, `y_train`, `X_test` and `y_test`, with `recipe.json` beside them, in
 * `processed/train-test-split/`; those of a dataset that was asked for in a folder of its name there. The same database
 * and options give the same bytes. Rows of X and y stand in the same order.
 *
 * @param database Its connection string, and a pool of connections to it.
 * @returns Undefined when no engine's life is known.
 * @throws {CommandError} When the engines cannot be split in the way that was asked for, or a label would be negative.
 */
export async function exportSplit(
  { url, sql }: { readonly url: string; readonly sql: postgres.Sql },
  lake: Lake,
  options: SplitOptions,
  progress: Progress,
): Promise<SplitReport | undefined> {
  const { dataset } = options;
  const engines = await knownEngines(sql, dataset, options.rulCap);
  if (engines.length === 0) {
    if (dataset === undefined) return undefined;
    throw new CommandError(
      `Cannot split ${dataset} as it must have engines whose life is known (deno task load)`,
    );
  }
  const plans = planSplit(engines, options);
  const folder = dataset === undefined ? SPLIT_PREFIX : `${splitKey(dataset)}/`;
  const lineage = await startLineage(sql, "export", { inputs: INPUTS, facets: { spool_split: options } });
  try {
    const files = await SplitFiles.create(lake, folder, plans, options);
    try {
      await files.fill(url, plans, options, progress);
      const recipe = await publish(sql, lake, folder, files.all, (written) =>
        recipeOf(
          plans,
          options,
          files.filled,
          files.all.map(({ name, rows }, i) => ({
            name,
            rows,
            bytes: written[i].bytes,
            sha256: written[i].sha256,
          })),
        ), lineage);
      return { folder, recipe };
    } finally {
      await files.abort(); // harmless after the commit
    }
  } catch (error) {
    await lineage.fail(sql, error).catch(() => {}); // where the database is away, why it failed matters more
    throw error;
  }
}
