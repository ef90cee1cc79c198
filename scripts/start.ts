/** `deno task start`: the whole system on this machine. */

import { assessFleet, assessmentText } from "./assessment.ts";
import { runChecks } from "../shared/checks.ts";
import { readConfig } from "../shared/config.ts";
import { logLine, startLog } from "../shared/log.ts";
import { checksText } from "./checks_text.ts";
import { CommandError, complain, Exit, LOCAL_DATABASE_PORT, print, run, wholeNumber } from "./cli.ts";
import { DEFAULT_MAX_RUL, DEFAULT_TIMELINE, loadCmapss } from "./cmapss/load.ts";
import { loadText } from "./cmapss/load_text.ts";
import { openSource, type Source } from "./cmapss/source.ts";
import { launcherEnded } from "./local/launcher.ts";
import { LOCAL_KEYS } from "./local/data_api.ts";
import { freePort } from "./local/postgres.ts";
import { LOCAL_CREDENTIALS, LOCAL_REGION } from "./kinesis/local.ts";
import { LOCAL_STREAM, startStream, type Stream, type StreamReport } from "./local/stream.ts";
import { startSystem, type System } from "./local/system.ts";
import { createProgress } from "./progress.ts";
import { summarise, summaryText } from "./summary.ts";

/** The Supabase CLI's port, so that what was written for it finds this system too. */
const GATEWAY_PORT = 54321;

/**
 * h, 30 days: the window of the checks. A window of a day holds one cycle of each C-MAPSS engine, which shows neither
 * a gap nor a sensor that is stuck.
 */
const CHECKED_HOURS = 30 * 24;

/** Where kinesalite listens by itself, too. */
const KINESIS_PORT = 4567;

/** Where everything lives that survives a restart. */
const HOME = ".spool";

function portOption(text: string | undefined, fallback: () => number, name: string): number {
  return text === undefined ? fallback() : wholeNumber(text, name, 1, 65535);
}

/** Settles when the process is asked to stop. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
      Deno.addSignalListener(signal, () => resolve());
    }
  });
}

/** How the AWS SDK, and with it `simulate` and `deliver`, finds the local Kinesis. */
function kinesisEnvironment(endpoint: string): string {
  return [
    `AWS_ENDPOINT_URL_KINESIS=${endpoint}`,
    `AWS_REGION=${LOCAL_REGION}`,
    `AWS_ACCESS_KEY_ID=${LOCAL_CREDENTIALS.accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${LOCAL_CREDENTIALS.secretAccessKey}`,
  ].join(" ");
}

function banner({ url, databaseUrl, lakeUrl }: System, stream: Stream | undefined): string {
  return [
    "",
    `  Dashboard     ${url}/`,
    `  Functions     ${url}/functions/v1`,
    `  Data API      ${url}/rest/v1`,
    `  Auth          ${url}/auth/v1`,
    `  Postgres      ${databaseUrl}`,
    `  Lake          LAKE_URL=${lakeUrl}`,
    `  Ingest key    ${LOCAL_KEYS.ingest}`,
    `  API keys      ${LOCAL_KEYS.publishable}  ${LOCAL_KEYS.secret}`,
    ...stream === undefined ? [] : [
      `  Kinesis       ${stream.endpoint}, stream ${LOCAL_STREAM}`,
      `                ${kinesisEnvironment(stream.endpoint)}`,
    ],
    "",
    "Ctrl-C stops it; the data stays in .spool/.",
  ].join("\n");
}

await run({
  usage:
    "deno task start [--data PATH] [--kinesis] [--once] [--fresh] [--port N] [--database-port N] [--json]",
  summary:
    "Runs the whole system on this machine: Postgres 17, the Data API and Auth, the functions and the jobs. " +
    "Nothing else has to be installed, and it listens on 127.0.0.1 only.",
  options: {
    data: {
      type: "string",
      value: "PATH",
      help: "First load the C-MAPSS files of a folder or zip, the last cycle of every engine being now",
    },
    kinesis: {
      type: "boolean",
      help:
        "Run a Kinesis stream, too, with a simulated fleet that puts its readings on it and a delivery to the function, " +
        "and show them arrive; with --once ten engines fly 200 cycles",
    },
    once: {
      type: "boolean",
      help:
        "Run all checks on the last 30 days, print verdicts and summary, and end; 3 when a check failed. " +
        "Uses free ports unless told",
    },
    fresh: { type: "boolean", help: "Begin with an empty database" },
    port: { type: "string", value: "N", help: `Port of the gateway (default ${GATEWAY_PORT})` },
    "database-port": {
      type: "string",
      value: "N",
      help: `Port of Postgres (default ${LOCAL_DATABASE_PORT})`,
    },
    "kinesis-port": {
      type: "string",
      value: "N",
      help: `Port of Kinesis (default ${KINESIS_PORT})`,
    },
    json: { type: "boolean", help: "Print report, verdicts and summary as JSON" },
  },
}, async (given) => {
  const asked = Promise.race([stopSignal(), launcherEnded()]);
  // what is wrong with the data's path is said before anything is started
  await using source = given.data === undefined ? undefined : await openSource([given.data]);
  const { LOG_LEVEL } = readConfig(["LOG_LEVEL"], { LOG_LEVEL: "warn", ...Deno.env.toObject() });
  startLog(
    LOG_LEVEL,
    (_, event) => complain(Deno.stderr.isTerminal() ? logLine(event) : JSON.stringify(event)),
  );
  const system = await startSystem({
    home: HOME,
    port: portOption(given.port, () => given.once ? freePort() : GATEWAY_PORT, "--port"),
    databasePort: portOption(
      given["database-port"],
      () => given.once ? freePort() : LOCAL_DATABASE_PORT,
      "--database-port",
    ),
    fresh: given.fresh,
  });
  const stopped = Promise.race([asked.then(() => Exit.done), system.postgresLost.then(() => lost())]);
  let stream: Stream | undefined;
  const begun = async () => {
    if (given.kinesis && given.once) stream = await openStream(system, given);
    const code = await begin(system, source, stream, given);
    if (code !== Exit.done || given.once) return code;
    if (given.kinesis) stream = await openStream(system, given);
    if (!given.json) print(banner(system, stream));
    await (stream?.flown ?? stopped); // a fleet that is not to be seen whole flies on until it fails
    return Exit.done;
  };
  try {
    const code = await Promise.race([stopped, begun()]);
    if (stream !== undefined && !given.once && !given.json) print(streamText(await stream.finish()));
    return code;
  } finally {
    await stream?.stop();
    await system.stop();
  }
});

function lost(): never {
  throw new CommandError("Postgres has ended by itself; start again");
}

async function openStream(
  system: System,
  given: { readonly once: boolean; readonly json: boolean; readonly "kinesis-port"?: string },
): Promise<Stream> {
  return await startStream({
    system,
    home: HOME,
    port: portOption(given["kinesis-port"], () => given.once ? freePort() : KINESIS_PORT, "--kinesis-port"),
    whole: given.once,
    progress: createProgress({ quiet: given.json }),
    onWarning: complain,
  });
}

function streamText({ stream, sent, delivered, stored, units, failures }: StreamReport): string {
  const [readings, records, rows] = [sent, delivered, stored].map((count) => count.toLocaleString("en-US"));
  return `Stream ${stream}: ${readings} readings of ${units} engines sent (${failures} failed), ${records} records ` +
    `delivered, ${rows} readings stored`;
}

/** Waits for a fleet that is to be seen whole, and for all of its readings. */
async function received(stream: Stream): Promise<StreamReport> {
  await stream.flown;
  const report = await stream.finish();
  if (report.stored === report.sent) return report;
  throw new CommandError(
    `Cannot end well as every reading that was sent must be stored: ${report.stored} of ${report.sent} are`,
  );
}

/** What comes before waiting: loading, the fleet's flight with --once, the checks, the summary. */
async function begin(
  system: System,
  source: Source | undefined,
  stream: Stream | undefined,
  given: { readonly once: boolean; readonly json: boolean },
): Promise<Exit> {
  // so that whoever watches sees a fleet that is alive, and not one that has been silent since 2024
  const timeline = { ...DEFAULT_TIMELINE, anchor: "until_now", atMs: Date.now() } as const;
  const load = source === undefined ? undefined : await loadCmapss(
    system.sql,
    source,
    { timeline, maxRul: DEFAULT_MAX_RUL, allowFailures: false },
    createProgress({ quiet: given.json }),
  );
  const streamed = stream === undefined ? undefined : await received(stream);
  // without --once the job of the checks would say it within the hour; with it there is no later
  const checks = given.once || source !== undefined
    ? await runChecks(system.sql, CHECKED_HOURS, null)
    : undefined;
  const assessment = checks === undefined
    ? undefined
    : await assessFleet(system.sql, createProgress({ quiet: given.json }));
  const summary = await summarise(system.sql);
  if (given.json) print(JSON.stringify({ load, stream: streamed, checks, assessment, summary }));
  else {
    if (load !== undefined) print(`${loadText(load)}\n`);
    if (streamed !== undefined) print(`${streamText(streamed)}\n`);
    if (checks !== undefined) print(`${checksText(checks)}\n`);
    if (assessment !== undefined) print(`${assessmentText(assessment)}\n`);
    print(summaryText(summary));
  }
  if (load?.loaded === false) return Exit.dataFailed;
  return given.once && checks !== undefined && checks.run.failed > 0 ? Exit.dataFailed : Exit.done;
}
