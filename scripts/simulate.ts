/** `deno task simulate`: a fleet of engines that degrade and fail, into the system, a stream, files or a pipe. */

import { complain, Exit, print, run, task } from "./cli.ts";
import { unitNumber } from "./cmapss/engines.ts";
import { kinesisClient } from "./kinesis/client.ts";
import { createProgress } from "./progress.ts";
import { writeCmapssSet } from "./simulation/cmapss_folder.ts";
import { DEFAULT_RATES } from "./simulation/faults.ts";
import { Fleet } from "./simulation/fleet.ts";
import { type FlightResult, fly } from "./simulation/flight.ts";
import { IngestTarget } from "./simulation/ingest_target.ts";
import { KinesisTarget } from "./simulation/kinesis_target.ts";
import { LabelFile } from "./simulation/label_file.ts";
import { NdjsonTarget } from "./simulation/ndjson_target.ts";
import { ParquetTarget } from "./simulation/parquet_target.ts";
import { type Destination, FORMATS, type Plan, plan, TARGETS } from "./simulation/plan.ts";
import { StdoutTarget } from "./simulation/stdout_target.ts";
import { failureText, type SimulationSummary, simulationText } from "./simulation/summary.ts";
import { taken, type Target } from "./simulation/target.ts";

/** Aborts when the process is asked to stop; asked again, the process ends at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
    Deno.addSignalListener(signal, () => {
      if (stop.signal.aborted) {
        complain("Stopped at once, in the middle of a batch");
        Deno.exit(Exit.failed);
      }
      stop.abort();
    });
  }
  return stop.signal;
}

type FlightDestination = Exclude<Destination, { target: "file"; format: "cmapss" }>;

async function openTarget(to: FlightDestination, prefix: string, signal: AbortSignal): Promise<Target> {
  switch (to.target) {
    case "ingest":
      return new IngestTarget({ ...to, reference: `simulate ${prefix}`, signal });
    case "kinesis":
      return new KinesisTarget({ client: kinesisClient(), ...to, onWarning: complain });
    case "stdout":
      return new StdoutTarget();
    case "file":
      return to.format === "parquet" ? await ParquetTarget.create(to.out) : await NdjsonTarget.create(to.out);
  }
}

/** What a flight and a C-MAPSS set have in common in the end. */
type Outcome =
  & Omit<SimulationSummary, "seed" | "engines" | "faults" | "labels" | "seconds" | "readings_per_second">
  & Pick<FlightResult, "closed">;

async function simulateFlight(
  { fleet: options, rate }: Plan,
  to: FlightDestination,
  labels: LabelFile,
  quiet: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { engines, cycles, prefix, firstMs } = options;
  const target = await openTarget(to, prefix, signal);
  const fleet = new Fleet(options);
  const stage = createProgress({ quiet }).stage(
    `${engines.toLocaleString("en-US")} engines`,
    cycles === Infinity ? null : engines * cycles,
    "readings",
  );
  const result = await fly({ fleet, target, rate, stage, signal, labels: (ended) => labels.write(ended) });
  stage.end();
  return {
    ...result,
    ...target.counts(),
    target: target.name,
    from: new Date(firstMs).toISOString(),
  };
}

async function simulateCmapss(
  { fleet }: Plan,
  folder: string,
  labels: LabelFile,
  quiet: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const stage = createProgress({ quiet }).stage(folder, null, "readings");
  const { set, readings, units, failures } = await writeCmapssSet(
    { ...fleet, folder },
    unitNumber,
    (ended) => labels.write(ended),
    stage,
    signal,
  );
  stage.end();
  return {
    ...taken(readings),
    target: `${folder}: train_${set}.txt, test_${set}.txt, RUL_${set}.txt`,
    from: null,
    units,
    failures,
    sent: readings,
    unsent: 0,
    unmade: 0,
    failure: null,
    closed: false,
  };
}

const rates = Object.entries(DEFAULT_RATES).map(([kind, rate]) => `${kind}:${rate}`).join(",");

export const simulateTask = task({
  usage:
    "deno task simulate [--engines N] [--cycles N] [--rate R] [--seed N] [--faults LIST] [--target …] [--json]",
  summary:
    "Simulates a fleet of engines that behave like those of C-MAPSS: each its own, degrading towards failure. " +
    "An engine that has failed is replaced by a new one at the next cycle. Without options it fills the system that " +
    "`deno task start` runs. The same seed and --from give the same readings.",
  options: {
    engines: { type: "string", value: "N", help: "Engines that fly at a time (default 10)" },
    cycles: {
      type: "string",
      value: "N",
      help: "Cycles of each place of the fleet (default 200; with --rate until Ctrl-C)",
    },
    rate: {
      type: "string",
      value: "R",
      help: "In real time: cycles a second that each engine flies (default: as fast as possible)",
    },
    speed: {
      type: "string",
      value: "S",
      help: "With --rate: seconds by which timestamps advance in a second (default 1)",
    },
    interval: {
      type: "string",
      value: "TIME",
      help: "Without --rate: from one cycle to the next, 1s, 30m, 1h (default), 1d",
    },
    from: {
      type: "string",
      value: "now|TIME",
      help: "Time of the first reading (default: so that the last is now; with --rate now)",
    },
    seed: { type: "string", value: "N", help: "Whole number that everything follows from (default: drawn)" },
    conditions: {
      type: "string",
      value: "1|6",
      help: "Operating conditions: sea level (default), or the six of FD002",
    },
    "fault-mode": {
      type: "string",
      value: "hpc|fan|both",
      help: "What wears out: high-pressure compressor (default), fan, or one of them in each engine",
    },
    faults: {
      type: "string",
      value: "LIST",
      help:
        `none (default), or faults of sensors and of the way, each with the share of readings at which it begins: ${rates}`,
    },
    labels: {
      type: "string",
      value: "PATH",
      help: "Side file with a line for each fault (default: beside --out, else simulated_faults_SEED.ndjson)",
    },
    prefix: { type: "string", value: "TEXT", help: "What unit numbers begin with (default SIM_SEED_)" },
    target: {
      type: "string",
      value: "TARGET",
      choices: TARGETS,
      help: "ingest (default), kinesis, file or stdout",
    },
    url: {
      type: "string",
      value: "URL",
      help: "ingest: the endpoint (default: that of SUPABASE_URL, else of the system on this machine)",
    },
    key: {
      type: "string",
      value: "KEY",
      help: "ingest: the key (default: the first of INGEST_KEYS, else the local one)",
    },
    stream: { type: "string", value: "NAME", help: "kinesis: the stream (default KINESIS_STREAM)" },
    spill: {
      type: "string",
      value: "PATH",
      help: "kinesis: what could not be sent, for the next run (default .spool/STREAM.spill)",
    },
    out: { type: "string", value: "PATH", help: "file: where to; never over a file that exists" },
    format: {
      type: "string",
      value: "FORMAT",
      choices: FORMATS,
      help:
        "file: ndjson, parquet (default: by the ending of --out), or cmapss: a folder with a train file of engines " +
        "that run to failure, as many that stop early in a test file, and their RUL file",
    },
    json: { type: "boolean", help: "Print the summary as JSON" },
  },
  examples: [
    [
      "deno task simulate --engines 100 --cycles 300 --seed 7",
      "Fills the local system with a hundred engines",
    ],
    ["deno task simulate --rate 1 --faults spike:0.01,late", "Flies in real time until Ctrl-C, with faults"],
    ["deno task simulate --target file --out fleet.parquet", "Writes a file instead"],
  ],
}, async ({ json, ...given }) => {
  const planned = plan(given, Deno.env.toObject(), Date.now());
  const { destination: to, fleet: { seed, engines } } = planned;
  const signal = stopSignal();
  const startedMs = performance.now();
  if (to.target === "file" && to.format === "cmapss") await Deno.mkdir(to.out, { recursive: true });
  const labels = await LabelFile.create(planned.labels);
  const { closed, ...outcome } = to.target === "file" && to.format === "cmapss"
    ? await simulateCmapss(planned, to.out, labels, json, signal)
    : await simulateFlight(planned, to as FlightDestination, labels, json, signal);
  if (closed) return;
  const seconds = (performance.now() - startedMs) / 1000;
  const summary: SimulationSummary = {
    seed,
    engines,
    ...outcome,
    faults: labels.byKind(),
    labels: planned.labels,
    seconds,
    readings_per_second: outcome.sent / seconds,
  };

  // standard output is the readings' then
  const say = to.target === "stdout" ? complain : print;
  if (json) say(JSON.stringify(summary));
  else if (summary.failure === null) say(simulationText(summary));
  if (summary.failure !== null) {
    complain(failureText(summary));
    return Exit.failed;
  }
  if (summary.rejected > 0) {
    complain(
      `${summary.rejected} readings were rejected, and are dead letters there: ${summary.rejections[0]}`,
    );
    return Exit.dataFailed;
  }
});

if (import.meta.main) await run(simulateTask);
