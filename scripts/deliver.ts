/** `deno task deliver`: a Kinesis stream into the function `kinesis`, as Firehose would deliver it. */

import process from "node:process";
import { isPrivate, readConfig } from "../shared/config.ts";
import { connect } from "../shared/database.ts";
import {
  complain,
  DATABASE_OPTION,
  databaseUrl,
  Exit,
  print,
  run,
  task,
  UsageError,
  wholeNumber,
} from "./cli.ts";
import { kinesisClient } from "./kinesis/client.ts";
import { deliver, type DeliverCounts, type DeliverOptions, type DeliverReport } from "./kinesis/deliver.ts";
import { createProgress } from "./progress.ts";

/** Where `deno task start` has the function. */
const LOCAL_URL = "http://127.0.0.1:54321/functions/v1/kinesis";

/** Most bytes of data in a delivery: base64 makes 64 MiB of them, which is Firehose's own limit. */
const MOST_BUFFER_BYTES = 48 * 1024 * 1024;

/** s; Firehose's longest buffering. */
const LONGEST_BUFFER_S = 900;

/** Connections: one for the lease, and some for the checkpoints of many shards. */
const CONNECTIONS = 3;

function beginning(text: string | undefined): DeliverOptions["from"] {
  if (text === undefined || text === "trim-horizon") return "trim_horizon";
  if (text === "latest") return "latest";
  const date = new Date(text);
  if (!Number.isNaN(date.getTime()) && date.getTime() <= Date.now()) return date;
  throw new UsageError(
    `Cannot read --from as it must be latest, trim-horizon or a time in the past such as 2026-01-31T12:00:00Z: current value is ${text}`,
  );
}

function endpoint(text: string): string {
  if (isPrivate(text)) return text;
  throw new UsageError(
    `Cannot deliver as --url must be an https address (http is for this machine only): current value is ${text}`,
  );
}

/** Fractions of a second, too: a reading should be in the database within two seconds. */
function seconds(text: string, name: string, most: number): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= most) return value;
  throw new UsageError(
    `Cannot read ${name} as it must be a number of seconds up to ${most}: current value is ${text}`,
  );
}

function behind(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function note({ reading, waiting, behindMs, retries }: DeliverCounts): string {
  return `${reading} shards${waiting > 0 ? ` (${waiting} to come)` : ""}, ${behind(behindMs)} behind${
    retries > 0 ? `, ${retries} retries` : ""
  }`;
}

function reportText({ records, deliveries, retries, caughtUp, gaps }: DeliverReport): string {
  const count = (n: number) => n.toLocaleString("en-US");
  return `${count(records)} records in ${count(deliveries)} deliveries, ${count(retries)} retries; ${
    caughtUp ? "everything on the stream is delivered" : "the next start goes on from here"
  }${gaps.length > 0 ? `; records of ${gaps.length} shards may be lost, see above` : ""}`;
}

export const deliverTask = task({
  usage:
    "deno task deliver [--stream NAME] [--url URL] [--from latest|trim-horizon|TIME] [--once] [--database URL] […]",
  summary:
    "Reads every shard of a Kinesis stream and posts what is on it to the function kinesis, in Firehose's format. " +
    "Checkpoints are in Postgres: the next start goes on where the receiver has acknowledged. Where Kinesis is and " +
    "with which rights is read from the environment, as by every AWS tool (AWS_REGION, AWS_ENDPOINT_URL_KINESIS, …).",
  options: {
    stream: { type: "string", value: "NAME", help: "Name of the stream (default: KINESIS_STREAM)" },
    url: { type: "string", value: "URL", help: `The function's address (default: ${LOCAL_URL})` },
    key: {
      type: "string",
      value: "KEY",
      help:
        "Its access key (default: the first of KINESIS_ACCESS_KEYS, which keeps it out of the list of processes)",
    },
    database: DATABASE_OPTION,
    from: {
      type: "string",
      value: "WHERE",
      help:
        "Where a stream without checkpoints is begun: trim-horizon (all it keeps, default), latest, or a time",
    },
    once: { type: "boolean", help: "End when everything on the stream is delivered" },
    gzip: { type: "boolean", help: "Compress what is sent" },
    "buffer-seconds": {
      type: "string",
      value: "N",
      help: `How long a record waits for others (default 0.5, at most ${LONGEST_BUFFER_S})`,
    },
    "buffer-bytes": {
      type: "string",
      value: "N",
      help: `Most bytes of data in a delivery (default 1048576, at most ${MOST_BUFFER_BYTES})`,
    },
    "give-up-seconds": {
      type: "string",
      value: "N",
      help:
        "End with 1 when a delivery has failed for so long; nothing is skipped (default: it tries on for ever)",
    },
    json: { type: "boolean", help: "Print the report as JSON" },
  },
  examples: [
    [
      "deno task deliver --stream readings --url https://REF.supabase.co/functions/v1/kinesis",
      "Delivers as long as it runs; the next start goes on from there",
    ],
    [
      "deno task deliver --stream readings --once --json",
      "Delivers what is there now, and prints the report as JSON",
    ],
  ],
}, async (given) => {
  const config = readConfig(["KINESIS_STREAM", "KINESIS_ACCESS_KEYS"]);
  const stream = given.stream ?? config.KINESIS_STREAM;
  if (stream === undefined) {
    throw new UsageError("Cannot deliver as --stream or KINESIS_STREAM must name the stream");
  }
  const accessKey = given.key ?? config.KINESIS_ACCESS_KEYS[0];
  if (accessKey === undefined) {
    throw new UsageError(
      "Cannot deliver as --key or KINESIS_ACCESS_KEYS must have a key that the function takes",
    );
  }
  const options = {
    stream,
    accessKey,
    url: endpoint(given.url ?? LOCAL_URL),
    from: beginning(given.from),
    once: given.once,
    gzip: given.gzip,
    bufferMs: seconds(given["buffer-seconds"] ?? "0.5", "--buffer-seconds", LONGEST_BUFFER_S) * 1000,
    bufferBytes: wholeNumber(given["buffer-bytes"] ?? "1048576", "--buffer-bytes", 1, MOST_BUFFER_BYTES),
    giveUpAfterMs: given["give-up-seconds"] === undefined
      ? undefined
      : wholeNumber(given["give-up-seconds"], "--give-up-seconds", 0) * 1000,
  };

  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
    // the second time at once: whoever asks twice does not want to wait for a receiver
    Deno.addSignalListener(signal, () => stop.signal.aborted ? process.exit(Exit.failed) : stop.abort());
  }
  const client = kinesisClient();
  const sql = connect(databaseUrl(given.database), CONNECTIONS);
  const stage = createProgress({ quiet: given.json }).stage(`deliver ${stream}`, null, "records");
  let told = 0;
  try {
    const report = await deliver({
      ...options,
      client,
      sql,
      signal: stop.signal,
      onWarning: complain,
      onProgress(counts) {
        stage.advance(counts.records - told, note(counts));
        told = counts.records;
      },
    });
    stage.end();
    print(given.json ? JSON.stringify(report) : reportText(report));
    return report.gaps.length > 0 ? Exit.dataFailed : Exit.done;
  } finally {
    client.destroy();
    await sql.end({ timeout: 5 });
  }
});

if (import.meta.main) await run(deliverTask);
