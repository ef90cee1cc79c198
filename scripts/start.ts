/** `deno task start`: the whole system on this machine. */

import { runChecks } from "../shared/checks.ts";
import { checksText } from "./checks_text.ts";
import { CommandError, Exit, LOCAL_DATABASE_PORT, print, run, wholeNumber } from "./cli.ts";
import { DEFAULT_MAX_RUL, DEFAULT_TIMELINE, loadCmapss } from "./cmapss/load.ts";
import { loadText } from "./cmapss/load_text.ts";
import { openSource, type Source } from "./cmapss/source.ts";
import { launcherEnded } from "./local/launcher.ts";
import { LOCAL_KEYS } from "./local/data_api.ts";
import { freePort } from "./local/postgres.ts";
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

function banner({ url, databaseUrl }: System): string {
  return [
    "",
    `  Functions     ${url}/functions/v1`,
    `  Data API      ${url}/rest/v1`,
    `  Auth          ${url}/auth/v1`,
    `  Postgres      ${databaseUrl}`,
    `  Ingest key    ${LOCAL_KEYS.ingest}`,
    `  API keys      ${LOCAL_KEYS.publishable}  ${LOCAL_KEYS.secret}`,
    "",
    "Ctrl-C stops it; the data stays in .spool/.",
  ].join("\n");
}

await run({
  usage: "deno task start [--data PATH] [--once] [--fresh] [--port N] [--database-port N] [--json]",
  summary:
    "Runs the whole system on this machine: Postgres 17, the Data API and Auth, the functions and the jobs. " +
    "Nothing else has to be installed, and it listens on 127.0.0.1 only.",
  options: {
    data: {
      type: "string",
      value: "PATH",
      help: "First load the C-MAPSS files of a folder or zip, the last cycle of every engine being now",
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
    json: { type: "boolean", help: "Print report, verdicts and summary as JSON" },
  },
}, async (given) => {
  const asked = Promise.race([stopSignal(), launcherEnded()]);
  // what is wrong with the data's path is said before anything is started
  await using source = given.data === undefined ? undefined : await openSource([given.data]);
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
  try {
    const code = await Promise.race([stopped, begin(system, source, given)]);
    return code === Exit.done && !given.once ? await stopped : code;
  } finally {
    await system.stop();
  }
});

function lost(): never {
  throw new CommandError("Postgres has ended by itself; start again");
}

/** What comes before waiting: loading, the checks, the summary, the addresses. */
async function begin(
  system: System,
  source: Source | undefined,
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
  // without --once the job of the checks would say it within the hour; with it there is no later
  const checks = given.once || source !== undefined
    ? await runChecks(system.sql, CHECKED_HOURS, null)
    : undefined;
  const summary = await summarise(system.sql);
  if (given.json) print(JSON.stringify({ load, checks, summary }));
  else {
    if (load !== undefined) print(`${loadText(load)}\n`);
    if (checks !== undefined) print(`${checksText(checks)}\n`);
    print(summaryText(summary));
    if (!given.once) print(banner(system));
  }
  if (load?.loaded === false) return Exit.dataFailed;
  return given.once && checks !== undefined && checks.run.failed > 0 ? Exit.dataFailed : Exit.done;
}
