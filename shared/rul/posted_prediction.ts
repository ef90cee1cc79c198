/** Predictions of models of somebody's own, as they are sent: what each must be. */

import { z } from "zod";

/** Most predictions of one request. */
export const MOST_PREDICTIONS = 10_000;

/** Longest remaining life that is believed, in cycles: a century of ten flights a day is a third of it. */
const MOST_CYCLES = 1_000_000;

function shown(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 60);
}

/** "Cannot accept X as it must be Z: current value is V", for the member that the issue is about. */
function must(member: string, requirement: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) =>
    `Cannot accept ${member} as it must be ${requirement}: current value is ${shown(input)}`;
}

/** A name as engines and models have it. */
function named(member: string) {
  const error = must(member, "1 to 64 letters, digits and . _ : -");
  return z.string({ error }).regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, { error });
}

/** A number of cycles, as a `real` of Postgres holds it: it refuses what is too small for it, which is 0 here. */
function cycles(member: string) {
  const error = must(member, `a number of cycles from 0 to ${MOST_CYCLES}`);
  return z.number({ error }).min(0, { error }).max(MOST_CYCLES, { error }).overwrite(Math.fround);
}

const cycleError = must("cycle", "a whole number from 1 to 2147483647");
const levelError = must("interval_level", "a share above 0 and below 1");
const timeError = must("predicted_at", "a time from 2000 to now with a zone such as 2024-01-01T00:00:00Z");

/** How far a clock that predictions are made by may be ahead, in ms. */
const CLOCK_AHEAD_MS = 3_600_000;

/** A share, as a `real` of Postgres holds it: next to 0 and 1 it is one of them. */
function isLevel(level: number): boolean {
  const kept = Math.fround(level);
  return kept > 0 && kept < 1;
}

/**
 * Whether a prediction can have been made then. One of the future would be the newest for ever, and look like a model that
 * has come after a call for one.
 */
function isPast(text: string): boolean {
  const at = Date.parse(text);
  // no zone is further from UTC than 14 hours, and Postgres refuses 16
  return at >= Date.UTC(2000, 0) && at <= Date.now() + CLOCK_AHEAD_MS && !/[+-](1[5-9]|2\d):\d\d$/.test(text);
}

/** A prediction, after its members were found to be valid, must also make sense as a whole. */
function intervalFault(prediction: {
  readonly predicted_rul: number;
  readonly lower_bound?: number | null;
  readonly upper_bound?: number | null;
  readonly interval_level?: number | null;
}): { path: string; message: string } | undefined {
  const { predicted_rul, lower_bound, upper_bound, interval_level } = prediction;
  const members = { lower_bound, upper_bound, interval_level };
  const missing = Object.entries(members).filter(([, value]) => value === undefined || value === null);
  if (missing.length === 3) return undefined;
  if (missing.length > 0) {
    const [[path]] = missing;
    return {
      path,
      message:
        `Cannot accept ${path} as lower_bound, upper_bound and interval_level must be given together: ` +
        "current value is missing",
    };
  }
  if (lower_bound! > predicted_rul) {
    return {
      path: "lower_bound",
      message: must("lower_bound", "at most predicted_rul")({ input: lower_bound }),
    };
  }
  if (upper_bound! < predicted_rul) {
    return {
      path: "upper_bound",
      message: must("upper_bound", "at least predicted_rul")({ input: upper_bound }),
    };
  }
}

/** One prediction. */
export const PostedPrediction = z.strictObject({
  engine_id: named("engine_id").describe("Engine, by unit_number"),
  cycle: z.int({ error: cycleError }).min(1, { error: cycleError }).max(2 ** 31 - 1, { error: cycleError })
    .describe("Last flight cycle the model had seen; the engine must have flown it"),
  predicted_rul: cycles("predicted_rul").describe("Flight cycles left after it"),
  lower_bound: cycles("lower_bound").nullish(),
  upper_bound: cycles("upper_bound").nullish(),
  interval_level: z.number({ error: levelError }).gt(0, { error: levelError }).lt(1, { error: levelError })
    .refine(isLevel, { error: levelError }).nullish().describe(
      "Share of the truths that such intervals are to hold",
    ),
  model_name: named("model_name").describe("Not rul or rul-…: these are the built-in models"),
  model_version: named("model_version"),
  predicted_at: z.iso.datetime({ offset: true, error: timeError }).refine(isPast, { error: timeError })
    .nullish()
    .describe("When it was made, from 2000 on; now unless given"),
}, {
  error: (issue) =>
    issue.code === "unrecognized_keys"
      ? `Cannot accept ${
        issue.keys[0].slice(0, 60)
      } as a prediction has no such member: it must be one of engine_id, cycle, ` +
        "predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version, predicted_at"
      : `Cannot accept the prediction as it must be an object: current value is ${shown(issue.input)}`,
}).superRefine((prediction, context) => {
  const fault = intervalFault(prediction);
  if (fault !== undefined) context.addIssue({ code: "custom", path: [fault.path], message: fault.message });
});

export type PostedPrediction = z.output<typeof PostedPrediction>;

/** What may be sent; each prediction is judged on its own. */
export const PredictionsBody = z.union([
  PostedPrediction,
  z.array(PostedPrediction),
  z.strictObject({ predictions: z.array(PostedPrediction) }),
]);

/** The predictions of a body, not judged yet; undefined when it is none of the three shapes. */
export function predictionsIn(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (typeof body !== "object" || body === null) return undefined;
  if (!("predictions" in body)) return [body];
  return Array.isArray(body.predictions) && Object.keys(body).length === 1 ? body.predictions : undefined;
}
