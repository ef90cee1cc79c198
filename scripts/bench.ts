/** `deno task bench`: benchmarks against peers. */

import { availableParallelism } from "node:os";
import { type AnomaliesBenchResult, benchAnomalies } from "./bench/anomalies.ts";
import { benchDashboard, type DashboardBenchResult } from "./bench/dashboard.ts";
import { benchIngest, type IngestBenchResult } from "./bench/ingest.ts";
import { benchLoad, type LoadBenchResult } from "./bench/load.ts";
import { benchLake, type LakeBenchResult } from "./bench/lake.ts";
import { benchMonitoring, type MonitoringBenchResult } from "./bench/monitoring.ts";
import type { Spread } from "./bench/measure.ts";
import { benchQuality, type QualityBenchResult } from "./bench/quality.ts";
import { benchScoring, type ScoringBenchResult } from "./bench/scoring.ts";
import { benchKinesis, type KinesisBenchResult } from "./bench/kinesis.ts";
import { benchSimulate, type SimulateBenchResult } from "./bench/simulate.ts";
import { benchStream, type StreamBenchResult } from "./bench/stream.ts";
import { complain, print, run, task, UsageError, wholeNumber } from "./cli.ts";
import { table } from "./table.ts";

function row(name: string, { min, median, max }: Spread, digits: number): string[] {
  const format = { maximumFractionDigits: digits, minimumFractionDigits: digits };
  return [name, ...[median, min, max].map((value) => value.toLocaleString("en-US", format))];
}

function figures(rows: readonly string[][]): string {
  return table(["", "median", "min", "max"], rows);
}

const MACHINE = `${availableParallelism()} cores, Deno ${Deno.version.deno}`;

function ingestText({ options, rows, ...result }: IngestBenchResult): string {
  const { batch, clients, pairs } = options;
  return [
    `POST /ingest: ${
      rows.toLocaleString("en-US")
    } readings, ${batch} a request, ${clients} clients, ${pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("HTTP, rows/s", result.http, 0),
      row("COPY FROM STDIN, rows/s", result.copy, 0),
      row("lookup a row, 1,000-row inserts, rows/s", result.original, 0),
      row("HTTP : COPY", result.httpToCopy, 2),
      row("HTTP : lookups and inserts", result.httpToOriginal, 1),
      ...(result.cpuMsPerRequest
        ? [row("CPU of the function a request, ms", result.cpuMsPerRequest, 1)]
        : []),
    ]),
    ...(result.peakRssMb
      ? ["", `Largest resident set of the function: ${result.peakRssMb.toFixed(0)} MB`]
      : []),
  ].join("\n");
}

function monitoringText({ options, ...result }: MonitoringBenchResult): string {
  const { engines, batches, pairs } = options;
  return [
    `monitoring: ${batches.toLocaleString("en-US")} batches and 90 days of history, ${
      engines.toLocaleString("en-US")
    } engines, ${pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("service_metrics, ms", result.metrics, 1),
      row("service_levels of 24 hours, ms", result.levelsOfDay, 1),
      row("service_levels of 90 days, ms", result.levelsOfNinetyDays, 1),
      row("adding up all batches, ms", result.sumOfBatches, 1),
      row("service_metrics : adding up, time", result.metricsToSum, 2),
    ]),
  ].join("\n");
}

function loadText({ options, rows, ...result }: LoadBenchResult): string {
  return [
    `load train_${options.set}.txt: ${rows.toLocaleString("en-US")} rows, ${options.pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("check, intake and labels, ms", result.load, 0),
      row("COPY FROM STDIN, ms", result.copy, 0),
      ...(result.pandas ? [row("pandas' C parser, ms", result.pandas, 0)] : []),
      row(
        result.pandas ? "load : pandas + COPY, time" : "load : COPY, time (pandas is not installed)",
        result.loadToPeer,
        2,
      ),
    ]),
  ].join("\n");
}

function qualityText({ options, ...result }: QualityBenchResult): string {
  const { engines, pairs } = options;
  const rows = result.rows.toLocaleString("en-US");
  const { peer } = result;
  return [
    `run_checks after an hour of new readings: ${
      engines.toLocaleString("en-US")
    } engines, ${rows} rows, ${pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("hourly run, ms", result.run, 0),
      row(`the same with ${result.doubledRows.toLocaleString("en-US")} rows, ms`, result.doubledRun, 0),
      row("twice the history : once, time", result.doubledToRun, 2),
      ...(result.cpuMs ? [row("CPU of the session, without its parallel worker, ms", result.cpuMs, 0)] : []),
      ...(peer
        ? [
          row("pandas and scipy: pull, ms", peer.pull, 0),
          row("pandas and scipy: compute, ms", peer.compute, 0),
          row("pandas and scipy: write, ms", peer.write, 0),
          row("pandas and scipy : run, time", peer.peerToRun, 1),
          row("with scipy's exact p: compute, ms", peer.exactCompute, 0),
          row("with scipy's exact p : run, time", peer.exactPeerToRun, 1),
        ]
        : []),
      row("insert of the new hour, ms", result.insert, 0),
    ]),
    "",
    `First run, with all baselines and rollups: ${(result.firstRun / 1000).toFixed(1)} s, twice the history ${
      (result.doubledFirstRun / 1000).toFixed(1)
    } s`,
    ...(peer ? [] : ["Python's pandas, scipy and psycopg2 are not installed: no peer"]),
    "",
    figures(Object.entries(result.parts).map(([part, took]) => row(`${part}, ms`, took, 0))),
  ].join("\n");
}

/** What `bench stream` measures, one after the other. */
interface StreamResults {
  readonly simulate: SimulateBenchResult;
  readonly kinesis: KinesisBenchResult;
  readonly stream: StreamBenchResult;
}

function streamText({ simulate, kinesis, stream }: StreamResults): string {
  const readings = (count: number) => count.toLocaleString("en-US");
  const { bodyBytes, clients, pairs } = kinesis.options;
  const { latencyMs } = stream;
  return [
    `simulate: ${readings(simulate.readings)} readings, ${simulate.options.pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("readings as objects, readings/s", simulate.objects, 0),
      row("with their NDJSON text, readings/s", simulate.ndjson, 0),
      ...(simulate.peer
        ? [
          row("Python loop with numpy, readings/s", simulate.peer.speed, 0),
          row("simulate : Python, speed", simulate.peer.objectsToPeer, 1),
        ]
        : []),
    ]),
    ...(simulate.peer ? [] : ["Python's numpy is not installed: no peer"]),
    "",
    `POST /kinesis: ${readings(kinesis.rows)} readings in Firehose's envelope, bodies of ${
      (bodyBytes / 1024 / 1024).toFixed(0)
    } MiB, ${clients} clients, ${pairs} pairs`,
    "",
    figures([
      row("HTTP, rows/s", kinesis.http, 0),
      row("COPY FROM STDIN, rows/s", kinesis.copy, 0),
      row("HTTP : COPY", kinesis.httpToCopy, 2),
      ...(kinesis.cpuMsPerMib ? [row("CPU of the function a MiB, ms", kinesis.cpuMsPerMib, 0)] : []),
    ]),
    ...(kinesis.peakRssMb
      ? ["", `Largest resident set of the function: ${kinesis.peakRssMb.toFixed(0)} MB`]
      : []),
    "",
    `The way of a stream: ${readings(stream.readings)} readings, ${
      readings(stream.options.readingsPerSecond)
    } a second, from timestamp to commit`,
    "",
    table(["", "p50", "p95", "p99", "max"], [[
      "latency, ms",
      ...[latencyMs.p50, latencyMs.p95, latencyMs.p99, latencyMs.max].map((ms) => ms.toFixed(0)),
    ]]),
  ].join("\n");
}

function lakeText({ archive, backup }: LakeBenchResult): string {
  const { rows, engines, pairs } = archive.options;
  const number = (value: number) => value.toLocaleString("en-US");
  return [
    `export archive: a day of ${number(rows)} readings of ${engines} engines, ${pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("the command, ms", archive.archive, 0),
      ...(archive.cpuMs ? [row("its CPU, ms", archive.cpuMs, 0)] : []),
      row("peer: COPY TO a CSV file, ms", archive.copy, 0),
      row("peer: DuckDB, CSV to sorted Parquet, ms", archive.duckdb, 0),
      row("archive : peer, speed", archive.speedToPeer, 2),
    ]),
    "",
    `File: ${number(archive.bytes)} bytes, peer ${number(archive.peerBytes)}: ${
      (archive.bytes / archive.peerBytes).toFixed(2)
    }`,
    ...(archive.peakRssMb ? [`Largest resident set of the command: ${archive.peakRssMb.toFixed(0)} MB`] : []),
    "",
    `backup and restore: ${number(rows)} readings of ${engines} engines, ${pairs} pairs, ${MACHINE}`,
    "",
    figures([
      row("backup, ms", backup.backup, 0),
      row("peer: COPY TO a file of the server, ms", backup.copyTo, 0),
      row("backup : COPY TO, speed", backup.backupToCopy, 2),
      row("restore, ms", backup.restore, 0),
      row("peer: COPY FROM that file, ms", backup.copyFrom, 0),
      row("restore : COPY FROM, speed", backup.restoreToCopy, 2),
    ]),
    "",
    `Size: ${number(backup.bytes)} bytes, peer ${number(backup.copyBytes)}`,
    ...(backup.peakRssMb
      ? [
        `Largest resident set: backup ${backup.peakRssMb.backup.toFixed(0)} MB, restore ${
          backup.peakRssMb.restore.toFixed(0)
        } MB`,
      ]
      : []),
  ].join("\n");
}

function anomaliesText({ options, scoring, training, forestTraining, peer }: AnomaliesBenchResult): string {
  const number = (value: number) => value.toLocaleString("en-US");
  return [
    `detectors of anomalies: ${number(options.rows)} readings scored, ${
      number(options.trainingRows)
    } trained on, ${options.pairs} pairs, one core of ${MACHINE}`,
    "",
    figures([
      ...Object.entries(scoring).map(([name, speed]) => row(`${name}, rows/s`, speed, 0)),
      ...(peer
        ? [
          row("scikit-learn's decision_function, rows/s", peer.scoring, 0),
          row("isolation_forest : scikit-learn, speed", peer.scoringToPeer, 1),
        ]
        : []),
      row("training a model with its calibration, ms", training, 0),
      row("training its forest alone, ms", forestTraining, 0),
      ...(peer
        ? [
          row("scikit-learn's fit, ms", peer.training, 0),
          row("scikit-learn : forest, training time", peer.peerToForestTraining, 1),
        ]
        : []),
    ]),
    "",
    peer
      ? `Mean difference of the scores from scikit-learn's: ${peer.difference.toFixed(4)}`
      : "Python's scikit-learn is not installed: no peer",
  ].join("\n");
}

function scoringText({ options, detectors, intake, ...result }: ScoringBenchResult): string {
  return [
    `${
      options.engines.toLocaleString("en-US")
    } new readings of as many engines scored and written by the worker, ${options.pairs} pairs, ${MACHINE}`,
    "",
    figures([
      ...Object.entries(detectors).flatMap(([name, { cpuMs, ms }]) => [
        row(`${name}: CPU of the worker, ms`, cpuMs, 0),
        row(`${name}: time, ms`, ms, 0),
      ]),
      row("intake of 100 readings without scoring, ms", intake.without, 1),
      row("the same with scoring switched off, ms", intake.off, 1),
      row("the same with scoring, ms", intake.on, 1),
      row("switched off : without, time", result.offToWithout, 2),
      row("switched on : without, time", result.onToWithout, 1),
    ]),
    "",
    `CPU of the first run of a process, with the reading of the model: ${result.firstCpuMs.toFixed(0)} ms`,
  ].join("\n");
}

function dashboardText({ options, requests, views }: DashboardBenchResult): string {
  const { engines, rows, runs } = options;
  const cost = (name: string, { time, bytes }: { time: Spread; bytes: number }) => [
    ...row(name, time, 0),
    (bytes / 1000).toLocaleString("en-US", { maximumFractionDigits: 1 }),
  ];
  const head = ["", "median", "min", "max", "kB"];
  return [
    `${engines.toLocaleString("en-US")} engines, ${
      rows.toLocaleString("en-US")
    } readings, ${runs} runs, ${MACHINE}`,
    "",
    "Requests: ms, and kB of the answer, compressed",
    table(head, Object.entries(requests).map(([name, request]) => cost(name, request))),
    "",
    views === null
      ? "First views are not measured: there is no /usr/bin/chromium"
      : `First views: ms until the page is there, and kB of all it asked for, compressed\n${
        table(head, Object.entries(views).map(([name, view]) => cost(name, view)))
      }`,
  ].join("\n");
}

export const benchTask = task({
  usage:
    "deno task bench ingest|load|quality|stream|lake|anomalies|monitoring|dashboard [--pairs N] [--json] […]",
  summary:
    "Measures POST /ingest beside COPY and beside row-by-row lookups, the C-MAPSS loader beside pandas and COPY, " +
    "the hourly run of the checks beside pandas and scipy, the simulator beside a Python loop, POST /kinesis beside " +
    "COPY and the latency of a stream, the archive beside COPY and DuckDB, the detectors of anomalies beside " +
    "scikit-learn, what monitoring asks beside adding up all batches, or what the pages of the dashboard ask for; " +
    "in turn, on a Postgres of its own where one is needed.",
  options: {
    pairs: {
      type: "string",
      value: "N",
      help: "Counted runs of each way, after one that warms up (default 5)",
    },
    engines: {
      type: "string",
      value: "N",
      help:
        "Engines of the fleet (default: ingest and stream 100, lake 500, quality and dashboard 1000, monitoring 10000)",
    },
    rows: {
      type: "string",
      value: "N",
      help:
        "quality: readings of history, an hour apart; measured with twice as many, too (default 10000000); " +
        "lake: readings of a day (default 1000000); anomalies: readings to score (default 100000); " +
        "monitoring: batches of ninety days (default 1000000); " +
        "dashboard: readings of history, an hour apart (default 10000000)",
    },
    cycles: {
      type: "string",
      value: "N",
      help: "ingest, stream: readings of each engine, a day apart (default 400, at most 1000)",
    },
    batch: { type: "string", value: "N", help: "ingest: readings a request (default 2000)" },
    clients: {
      type: "string",
      value: "N",
      help: "ingest, stream: concurrent clients, and the function's connections (default 4)",
    },
    data: { type: "string", value: "DIR", help: "load: folder of the C-MAPSS files" },
    set: { type: "string", value: "FD001", help: "load: whose training file (default FD001)" },
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  positionals: [1, 1],
  actions: ["ingest", "load", "quality", "stream", "lake", "anomalies", "monitoring", "dashboard"],
  examples: [
    ["deno task bench ingest --pairs 3", "POST /ingest beside COPY, three times each"],
    ["deno task bench load --data ../shared/data/cmapss", "The loader beside pandas"],
  ],
}, async (given, [name]) => {
  const pairs = wholeNumber(given.pairs ?? "5", "--pairs");
  if (name === "ingest") {
    const result = await benchIngest({
      engines: wholeNumber(given.engines ?? "100", "--engines"),
      cycles: wholeNumber(given.cycles ?? "400", "--cycles", 1, 1000),
      batch: wholeNumber(given.batch ?? "2000", "--batch"),
      clients: wholeNumber(given.clients ?? "4", "--clients"),
      pairs,
    }, given.json ? () => {} : complain);
    print(given.json ? JSON.stringify(result) : ingestText(result));
  } else if (name === "load") {
    if (given.data === undefined) {
      throw new UsageError("Cannot measure the loader as --data must name the folder of the C-MAPSS files");
    }
    const result = await benchLoad({ data: given.data, set: given.set ?? "FD001", pairs });
    print(given.json ? JSON.stringify(result) : loadText(result));
  } else if (name === "quality") {
    const engines = wholeNumber(given.engines ?? "1000", "--engines", 1, 9999);
    const result = await benchQuality({
      engines,
      // a fault lasts 200 hours, after a baseline of 100 readings
      rows: wholeNumber(given.rows ?? "10000000", "--rows", 400 * engines, 20_000 * engines),
      pairs,
    }, given.json ? () => {} : complain);
    print(given.json ? JSON.stringify(result) : qualityText(result));
  } else if (name === "stream") {
    const say = given.json ? () => {} : complain;
    const engines = wholeNumber(given.engines ?? "100", "--engines");
    const cycles = wholeNumber(given.cycles ?? "400", "--cycles", 1, 1000);
    const clients = wholeNumber(given.clients ?? "4", "--clients");
    const results = {
      simulate: await benchSimulate({ engines: 1000, cycles: 500, pairs }, say),
      kinesis: await benchKinesis({ engines, cycles, bodyBytes: 1024 * 1024, clients, pairs }, say),
      stream: await benchStream({ engines: 500, readingsPerSecond: 1000, seconds: 20 }, say),
    };
    print(given.json ? JSON.stringify(results) : streamText(results));
  } else if (name === "lake") {
    const result = await benchLake({
      engines: wholeNumber(given.engines ?? "500", "--engines", 1, 9999),
      rows: wholeNumber(given.rows ?? "1000000", "--rows", 1, 50_000_000),
      pairs,
    }, given.json ? () => {} : complain);
    print(given.json ? JSON.stringify(result) : lakeText(result));
  } else if (name === "anomalies") {
    const say = given.json ? () => {} : complain;
    const detectors = await benchAnomalies({
      rows: wholeNumber(given.rows ?? "100000", "--rows", 1, 10_000_000),
      trainingRows: 20_000,
      pairs,
    }, say);
    const scoring = await benchScoring({ engines: 1000, pairs }, say);
    print(
      given.json
        ? JSON.stringify({ detectors, scoring })
        : `${anomaliesText(detectors)}\n\n${scoringText(scoring)}`,
    );
  } else if (name === "monitoring") {
    const result = await benchMonitoring({
      engines: wholeNumber(given.engines ?? "10000", "--engines", 100, 99_999),
      batches: wholeNumber(given.rows ?? "1000000", "--rows", 1, 50_000_000),
      pairs,
    }, given.json ? () => {} : complain);
    print(given.json ? JSON.stringify(result) : monitoringText(result));
  } else if (name === "dashboard") {
    const engines = wholeNumber(given.engines ?? "1000", "--engines", 1, 9999);
    const result = await benchDashboard({
      engines,
      rows: wholeNumber(given.rows ?? "10000000", "--rows", 400 * engines, 20_000 * engines),
      runs: pairs,
    }, given.json ? () => {} : complain);
    print(given.json ? JSON.stringify(result) : dashboardText(result));
  }
});

if (import.meta.main) await run(benchTask);
