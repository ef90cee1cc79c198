/** `deno task start`: the whole system on this machine. */

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
    data: { type: "string", value: "PATH", help: "First load the C-MAPSS files of a folder or zip" },
    once: {
      type: "boolean",
      help: "Print the summary and end, instead of going on; uses free ports unless told",
    },
    fresh: { type: "boolean", help: "Begin with an empty database" },
    port: { type: "string", value: "N", help: `Port of the gateway (default ${GATEWAY_PORT})` },
    "database-port": {
      type: "string",
      value: "N",
      help: `Port of Postgres (default ${LOCAL_DATABASE_PORT})`,
    },
    json: { type: "boolean", help: "Print the summary as JSON" },
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

/** What comes before waiting: loading, the summary, the addresses. */
async function begin(
  system: System,
  source: Source | undefined,
  given: { readonly once: boolean; readonly json: boolean },
): Promise<Exit> {
  const load = source === undefined ? undefined : await loadCmapss(
    system.sql,
    source,
    { timeline: DEFAULT_TIMELINE, maxRul: DEFAULT_MAX_RUL, allowFailures: false },
    createProgress({ quiet: given.json }),
  );
  const summary = await summarise(system.sql);
  if (given.json) print(JSON.stringify({ load, summary }));
  else {
    if (load !== undefined) print(`${loadText(load)}\n`);
    print(summaryText(summary));
    if (!given.once) print(banner(system));
  }
  return load?.loaded === false ? Exit.dataFailed : Exit.done;
}
