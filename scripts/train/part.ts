/** What `deno task train` trains, part by part. */

import type postgres from "postgres";
import type { Progress } from "../progress.ts";

/** What a training was asked for; undefined where its own default holds. */
export interface TrainOptions {
  /** Only the model of this set of engines. */
  readonly dataset?: string;
  readonly seed: number;
  /** Evaluate, and store nothing. */
  readonly dryRun: boolean;
  /** Anomalies: share of healthy readings that may be above the threshold. */
  readonly falseAlarmRate?: number;
  /** Anomalies: share of the training readings that is held to be anomalous, in place of `falseAlarmRate`. */
  readonly contamination?: number;
  /** Anomalies: trees of the isolation forest. */
  readonly trees?: number;
  /** Anomalies: readings that each tree is grown from. */
  readonly sampleSize?: number;
}

/** How a training went. */
export interface TrainReport {
  /** For people: what was trained and how it was evaluated. */
  readonly text: string;
  /** For `--json`: a model each. */
  readonly models: readonly Readonly<Record<string, unknown>>[];
}

/** A part: models of one purpose. */
export interface TrainPart {
  /**
   * Trains, evaluates and, unless it is dry, stores.
   *
   * @throws {CommandError} When there is too little to train on.
   */
  train(sql: postgres.Sql, options: TrainOptions, progress: Progress): Promise<TrainReport>;
}
