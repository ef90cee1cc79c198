/** The OpenAPI 3.1 document of this function, made from the schemas that it parses with. */

import { z } from "zod";
import {
  type Document,
  type Endpoint,
  jsonSchema,
  openapiDocument,
  operation,
  problemResponses,
} from "../../shared/openapi.ts";
import { PredictionsBody } from "../../shared/rul/posted_prediction.ts";
import answers from "./example_answers.json" with { type: "json" };
import { EXAMPLES } from "./examples.ts";
import { Body, Query } from "./parameters.ts";
import { Answer } from "./rows.ts";

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "A parameter or the body is not valid; detail names it and what it may be",
  401: "No valid key",
  403: "The key does not allow this",
  404: "There is no such thing",
  409: "It cannot be done in the state that things are in",
  413: "The body is too large",
  415: "The body's encoding is not gzip",
  503: "The database is away: send the same request again after Retry-After seconds",
};

const READ = [400, 401, 403, 503] as const;
const WRITE = [400, 401, 413, 415, 503] as const;

const GET: Readonly<Record<string, Endpoint<keyof typeof Answer>>> = {
  "/quality/summary": {
    summary: "How each check stands: the view quality_summary, for any number of hours",
    description:
      "Each rule with its latest verdict, how long it has stood like this, and how often it passed, warned and failed in the window. Not evaluated is no pass: it says that nothing could be judged.",
    answer: "summary",
    query: Query.summary,
    problems: READ,
  },
  "/quality/slo": {
    summary: "The service levels, measured over any number of hours: service_levels()",
    description: "Each with its target, its value and what it rests on; what was not measured says why.",
    answer: "slo",
    query: Query.slo,
    problems: READ,
  },
  "/quality/engines": {
    summary: "How each engine stands: the view engine_health",
    description: "One row an engine, in the order of their names; `reasons` says why `health` is what it is.",
    answer: "engines",
    query: Query.engines,
    problems: READ,
  },
  "/quality/engines/{unit_number}": {
    summary: "How one engine stands, with its sensors",
    description: "The engine's row and each of its sensors beside its baseline.",
    answer: "engine",
    path: { unit_number: z.string().describe("Engine, by unit_number") },
    problems: [...READ, 404],
  },
  "/quality/engines/{unit_number}/health": {
    summary:
      "Health report of one engine: trend, anomalies, predicted life, where to look first, and earlier reports",
    description:
      "For whoever decides about maintenance. The modules of `inspect_first` are where to look first, not what is broken.",
    answer: "health",
    path: { unit_number: z.string().describe("Engine, by unit_number") },
    query: Query.health,
    problems: [...READ, 404],
  },
  "/quality/fleet": {
    summary: "Health report of each fleet, with the engines to look at first: the view fleet_health",
    description:
      "Counts of each fleet (data set and cohort), and up to ten of its engines in the order in which to look at them.",
    answer: "fleet",
    query: Query.fleet,
    problems: READ,
  },
  "/quality/fleet/engines": {
    summary: "Every engine in a line: health, wear, predicted life",
    description: "All engines in one answer, in the order of their names: what a picture of the fleet needs.",
    answer: "fleetEngines",
    query: Query.fleetEngines,
    problems: READ,
  },
  "/quality/engines/{unit_number}/series": {
    summary: "Readings of an engine as curves, with baselines, conditions, gaps, anomalies and predictions",
    description:
      "Long stretches come in slots with the least and the greatest value, so that no extreme is lost.",
    answer: "series",
    path: { unit_number: z.string().describe("Engine, by unit_number") },
    query: Query.series,
    problems: [...READ, 404],
  },
  "/quality/arrivals": {
    summary: "What has just arrived, how long it was on the way, and through which doors",
    description:
      "By intervals, the latest last: what somebody who watches a stream asks for every few seconds.",
    answer: "arrivals",
    query: Query.arrivals,
    problems: READ,
  },
  "/quality/retraining": {
    summary: "Whether models should be trained again: decisions with their evidence, latest first",
    description:
      "Each decision names the thresholds that were crossed, what every criterion measured, and what came of telling whoever trains.",
    answer: "retraining",
    query: Query.retraining,
    problems: READ,
  },
  "/quality/metrics": {
    summary: "Verdicts, latest written first",
    description:
      "Every verdict of every run, with its value, thresholds and evidence; follow `next` for older ones.",
    answer: "metrics",
    query: Query.metrics,
    problems: [...READ, 404],
  },
  "/quality/drift": {
    summary: "Sensors compared with the baseline of their engine",
    description: "Drift is told from wear: `wear_shift` is the part of `mean_shift` that wear explains.",
    answer: "drift",
    query: Query.drift,
    problems: [...READ, 404],
  },
  "/quality/runs": {
    summary: "Runs of the checks, latest first",
    description: "One row a run: the window that was checked, and how many rules passed, warned and failed.",
    answer: "runs",
    query: Query.runs,
    problems: READ,
  },
  "/quality/alerts": {
    summary: "Alerts, latest first",
    description:
      "Open and acknowledged ones unless `state` says otherwise. An alert resolves by itself when its cause has gone.",
    answer: "alerts",
    query: Query.alerts,
    problems: READ,
  },
  "/quality/anomalies": {
    summary: "Readings that a detector found to be unlike healthy ones, latest found first",
    description: "Each with its score, the threshold it was above, and the sensors that contributed most.",
    answer: "anomalies",
    query: Query.anomalies,
    problems: [...READ, 404],
  },
  "/quality/anomalies/episodes": {
    summary: "Anomalies of an engine that belong together, latest first",
    description:
      "Anomalies of one detector that follow each other, as one row from the first to the last of them.",
    answer: "episodes",
    query: Query.episodes,
    problems: [...READ, 404],
  },
  "/quality/engines/{unit_number}/anomalies": {
    summary: "The last readings of an engine, and which of them are anomalies: recent_anomalies()",
    description:
      "What the detector that decides says of each reading, healthy ones included; `is_anomaly` is null where a reading is still to be scored.",
    answer: "recentAnomalies",
    path: { unit_number: z.string().describe("Engine, by unit_number") },
    query: Query.recentAnomalies,
    problems: [...READ, 404],
  },
  "/quality/predictions": {
    summary: "Predicted remaining lives, latest stored first",
    description: "What every model predicted, with the truth where it is known.",
    answer: "predictions",
    query: Query.predictions,
    problems: [...READ, 404],
  },
  "/quality/predictions/latest": {
    summary: "What each model says of each engine now: the view latest_predictions",
    description: "One row a model and engine. `preferred` marks the model to go by.",
    answer: "latestPredictions",
    query: Query.latestPredictions,
    problems: [...READ, 404],
  },
  "/quality/engines/{unit_number}/predictions": {
    summary: "Predicted remaining lives of one engine, latest stored first, with what was left in truth",
    description: "How the prediction changed while the engine flew.",
    answer: "predictions",
    path: { unit_number: z.string().describe("Engine, by unit_number") },
    query: Query.enginePredictions,
    problems: [...READ, 404],
  },
  "/quality/alerts/{id}": {
    summary: "One alert with what happened to it",
    description: "Every event with its moment, its actor and the words of that moment.",
    answer: "alertHistory",
    path: { id: z.int().min(1).describe("The alert") },
    problems: [...READ, 404],
  },
  "/quality/history": {
    summary: "How each check has stood, verdict by verdict: check_history()",
    description: "Of each check its verdicts on the table, latest last, as compact as a chart needs them.",
    answer: "history",
    query: Query.history,
    problems: READ,
  },
  "/quality/pipelines": {
    summary: "Pipelines with their tasks and what each waits for",
    description: "The graph of each pipeline, whether it is active, and when it runs next.",
    answer: "pipelines",
    problems: READ,
  },
  "/quality/pipelines/{pipeline}/runs": {
    summary: "Runs of a pipeline with how each task went, by logical time, latest first",
    description: "What a grid of runs and tasks is drawn from.",
    answer: "pipelineRuns",
    path: { pipeline: z.string().describe("Name of the pipeline") },
    query: Query.pipelineRuns,
    problems: [...READ, 404],
  },
  "/quality/pipelines/{pipeline}/runs/{id}": {
    summary: "One run with every attempt of its tasks",
    description: "An attempt has its worker, its times and its error.",
    answer: "pipelineRun",
    path: { pipeline: z.string().describe("Name of the pipeline"), id: z.int().min(1).describe("The run") },
    problems: [...READ, 404],
  },
  "/quality/dead-letters": {
    summary: "Readings that could not be accepted, latest first; needs a secret key",
    description: "Each is kept whole, with the reason. Correct it in the table dead_letters and replay it.",
    answer: "deadLetters",
    query: Query.deadLetters,
    problems: READ,
  },
};

const POST: Readonly<Record<string, Endpoint<keyof typeof Answer>>> = {
  "/quality/run": {
    summary: "Runs all checks; the same window and moment again replaces its earlier verdicts",
    description: "Without a body the last 24 hours until now. pg_cron does the same every hour.",
    answer: "run",
    body: Body.run,
    problems: WRITE,
  },
  "/quality/alerts/{id}/ack": {
    summary: "Says who has taken an alert on",
    description: "Nobody is reminded of an acknowledged alert any more; it resolves when its cause has gone.",
    answer: "alert",
    path: { id: z.int().min(1).describe("The alert") },
    body: Body.ack,
    problems: [...WRITE, 404, 409],
  },
  "/quality/predictions": {
    summary: 'Keeps predictions of a model of your own: one, an array, or {"predictions": […]}',
    description:
      "Each is checked by itself; what is not valid is counted and named, and the others are kept.",
    answer: "storedPredictions",
    body: PredictionsBody,
    problems: WRITE,
  },
  "/quality/pipelines/{pipeline}/backfill": {
    summary: "Makes the runs of past periods that have none: backfill_pipeline()",
    description: "They are made one by one, in order; periods that have a run are left out.",
    answer: "backfill",
    path: { pipeline: z.string().describe("Name of the pipeline") },
    body: Body.backfill,
    problems: [...WRITE, 404],
  },
  "/quality/pipelines/{pipeline}/runs/{id}/rerun": {
    summary: "Runs a task of a run that has ended again, with all that follow it: rerun_task()",
    description: "What had succeeded before it is not run again.",
    answer: "changedRun",
    path: { pipeline: z.string().describe("Name of the pipeline"), id: z.int().min(1).describe("The run") },
    body: Body.rerun,
    problems: [...WRITE, 404, 409],
  },
  "/quality/pipelines/{pipeline}/runs/{id}/cancel": {
    summary: "Ends a run that is queued or under way: cancel_run()",
    description: "What is running is stopped, what waits is not begun.",
    answer: "changedRun",
    path: { pipeline: z.string().describe("Name of the pipeline"), id: z.int().min(1).describe("The run") },
    body: Body.cancel,
    problems: [...WRITE, 404, 409],
  },
  "/quality/dead-letters/{id}/correction": {
    summary: "Writes down what is replayed in the place of a dead letter",
    description: "The payload stays as it came. Null takes the correction back.",
    answer: "correction",
    path: { id: z.int().min(1).describe("The dead letter") },
    body: Body.correction,
    problems: [...WRITE, 404, 409],
  },
  "/quality/dead-letters/replay": {
    summary: "Sends open dead letters through the intake again",
    description: "Each goes the way of a new reading, with its correction where there is one.",
    answer: "replay",
    body: Body.replay,
    problems: WRITE,
  },
};

/** The document. */
export function openapi(): Document {
  const paths: Record<string, Record<string, object>> = {};
  // a user's token is a bearer with or without a key beside it; for writing, the keys that send readings will do
  for (const [path, endpoint] of Object.entries(GET)) {
    (paths[path] ??= {}).get = operation(endpoint, PROBLEMS, [{ apikey: [] }, { bearer: [] }]);
  }
  for (const [path, endpoint] of Object.entries(POST)) {
    (paths[path] ??= {}).post = operation(endpoint, PROBLEMS, [{ bearer: [] }, { apikey: [] }]);
  }
  paths["/quality/prometheus"] = {
    get: {
      summary: "Metrics for Prometheus, as text; in OpenMetrics' format for those who ask for it",
      description: "Of the whole system, not of one isolate: the same whoever answers.",
      responses: {
        200: {
          description: "A sample a line; docs/monitoring says what to make of them",
          content: {
            "text/plain": { schema: { type: "string" } },
            "application/openmetrics-text": { schema: { type: "string" } },
          },
        },
        ...problemResponses(Object.fromEntries(READ.map((status) => [status, PROBLEMS[status]]))),
      },
      security: [{ apikey: [] }, { bearer: [] }],
    },
  };
  return openapiDocument(
    "quality",
    paths,
    // what the answers hold before a time is rewritten is what they hold afterwards: a string
    Object.fromEntries(Object.entries(Answer).map(([name, schema]) => [name, jsonSchema(schema, "input")])),
    [],
    { examples: EXAMPLES, answers },
  );
}
