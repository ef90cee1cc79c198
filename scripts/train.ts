/** `deno task train`: models from what is in the database. */

import { connect } from "../shared/database.ts";
import {
  CommandError,
  complain,
  DATABASE_OPTION,
  databaseUrl,
  print,
  run,
  task,
  UsageError,
  wholeNumber,
} from "./cli.ts";
import { createProgress } from "./progress.ts";
import { trainAnomalies } from "./train/anomalies.ts";
import type { TrainOptions, TrainPart, TrainReport } from "./train/part.ts";
import { trainRul } from "./train/rul.ts";

/** By the name that they are asked for with, in the order in which they are trained. */
const PARTS: Readonly<Record<string, TrainPart>> = { anomalies: trainAnomalies, rul: trainRul };

const DEFAULT_SEED = 42;

/** Options that only one part has. */
const OF_ANOMALIES = ["false-alarm-rate", "contamination", "trees", "sample-size"] as const;

/** A number that is a share of something: more than none of it, and less than all. */
function share(text: string | undefined, name: string, below: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < below) return value;
  throw new UsageError(
    `Cannot read ${name} as it must be above 0 and below ${below}: current value is ${text}`,
  );
}

export const trainTask = task({
  usage: `deno task train [${
    Object.keys(PARTS).join("|")
  }] [--dataset FD001] [--seed N] [--dry-run] [--json]`,
  summary:
    "Trains models from the readings in a database, evaluates them on engines they were not trained on, and " +
    "stores them as the versions in use: one for each set of engines that has enough of them, and one for every engine.",
  options: {
    dataset: {
      type: "string",
      value: "FD001",
      help: "Only the models of this set of engines (default: of each, and of every engine)",
    },
    seed: {
      type: "string",
      value: "N",
      help: `Of all that is drawn: the same readings give the same model (default ${DEFAULT_SEED})`,
    },
    "false-alarm-rate": {
      type: "string",
      value: "SHARE",
      help:
        "anomalies: share of healthy readings that may be above a detector's threshold, on engines held out (default 0.001)",
    },
    contamination: {
      type: "string",
      value: "SHARE",
      help:
        "anomalies: share of the training readings that is anomalous, if known: sets the thresholds instead",
    },
    trees: { type: "string", value: "N", help: "anomalies: trees of the isolation forest (default 100)" },
    "sample-size": {
      type: "string",
      value: "N",
      help: "anomalies: readings that each tree is grown from (default 256)",
    },
    "dry-run": { type: "boolean", help: "Evaluate, and store nothing" },
    database: DATABASE_OPTION,
    json: { type: "boolean", help: "Print the evaluation as JSON" },
  },
  positionals: [0, 1],
  actions: Object.keys(PARTS),
  examples: [
    ["deno task train anomalies --dry-run", "Evaluates the detectors, and stores nothing"],
    ["deno task train rul --dataset FD001", "Trains the model of remaining life of one set of engines"],
  ],
}, async (given, [name]) => {
  const strange = name === undefined || name === "anomalies"
    ? undefined
    : OF_ANOMALIES.find((option) => given[option] !== undefined);
  if (strange !== undefined) {
    throw new UsageError(`Cannot use --${strange} with ${name} as it must be a training of anomalies`);
  }
  if (given.contamination !== undefined && given["false-alarm-rate"] !== undefined) {
    throw new UsageError(
      "Cannot use --contamination and --false-alarm-rate together as each sets the thresholds",
    );
  }
  const count = (text: string | undefined, option: string, most: number) =>
    text === undefined ? undefined : wholeNumber(text, option, 1, most);
  const options: TrainOptions = {
    dataset: given.dataset,
    // the generator's state takes so many bits of it
    seed: wholeNumber(given.seed ?? String(DEFAULT_SEED), "--seed", 0, 2 ** 32 - 1),
    dryRun: given["dry-run"],
    falseAlarmRate: share(given["false-alarm-rate"], "--false-alarm-rate", 0.5),
    contamination: share(given.contamination, "--contamination", 0.5),
    trees: count(given.trees, "--trees", 10_000),
    sampleSize: count(given["sample-size"], "--sample-size", 65_536),
  };

  const sql = connect(databaseUrl(given.database), 2);
  try {
    const reports: TrainReport[] = [];
    const tooLittle: CommandError[] = [];
    for (const part of name === undefined ? Object.values(PARTS) : [PARTS[name]]) {
      try {
        reports.push(await part.train(sql, options, createProgress({ quiet: given.json })));
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        tooLittle.push(error); // a fleet of which no engine has failed yet has models of anomalies all the same
      }
    }
    for (const { message } of tooLittle.slice(0, reports.length === 0 ? -1 : undefined)) complain(message);
    if (reports.length === 0) throw tooLittle.at(-1);
    if (given.json) print(JSON.stringify({ models: reports.flatMap(({ models }) => models) }));
    else print(reports.map(({ text }) => text).join("\n\n"));
  } finally {
    await sql.end();
  }
});

if (import.meta.main) await run(trainTask);
