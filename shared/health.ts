/**
 * Whether a function lives, and whether it can do its work. `/health/live` asks nobody: a process that fails it has to be
 * started again. `/health/ready` asks what the function needs: one that fails it is to be sent no requests until it passes.
 *
 * Both need no key, so they tell nothing but that, and an answer is kept for a moment: whoever asks faster is answered from it,
 * and the database hears of one question a second.
 */

import { createClient } from "@supabase/supabase-js";
import type { Hono } from "hono";
import type postgres from "postgres";
import type { DataApiAccess } from "./data_api.ts";
import { methodNotAllowed } from "./http.ts";
import { Problem } from "./problem.ts";
import { VERSION } from "./version.ts";

/** Something that a function needs, and why it cannot be used; undefined when it can. */
export type Probe = () => Promise<string | undefined>;

/** ms that an answer is kept. */
const KEPT_MS = 1000;

/** ms after which what has not answered counts as away; below what load balancers and uptime checks wait. */
const TIMEOUT_MS = 3000;

/** Whether a version is at least another one: numbers separated by points. */
function isAtLeast(version: string, least: string): boolean {
  const [have, need] = [version, least].map((text) => text.split(".").map(Number));
  const place = need.findIndex((part, at) => part !== have[at]);
  return place === -1 || have[place] > need[place];
}

/** Migrations run before functions are deployed, so a newer database is as it should be. */
function versionFault(version: string): string | undefined {
  if (isAtLeast(version, VERSION)) return undefined;
  return `The database must have version ${VERSION} or later: current value is ${version}. ` +
    "deno task db:migrate brings it there";
}

const NO_SCHEMA = "The database has no schema of Spool: deno task db:migrate brings it";

/** undefined_function, invalid_schema_name; and PostgREST's for a function it does not know. */
const UNKNOWN_FUNCTION = new Set(["42883", "3F000", "PGRST202"]);

/** The database, as its owner. */
export function databaseProbe(sql: postgres.Sql): Probe {
  return async () => {
    try {
      const [{ version }] = await sql`select public.spool_version() as version`;
      return versionFault(version);
    } catch (error) {
      const { code } = error as { code?: string };
      return UNKNOWN_FUNCTION.has(code ?? "") ? NO_SCHEMA : "The database does not answer";
    }
  };
}

/** The Data API with the database behind it. */
export function dataApiProbe({ url, publishableKey }: DataApiAccess): Probe {
  return async () => {
    if (publishableKey === undefined) return "There is no publishable key to ask the Data API with";
    const client = createClient(url, publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    });
    const { data, error } = await client.rpc("spool_version").retry(false);
    if (error === null) return versionFault(data);
    return UNKNOWN_FUNCTION.has(error.code) ? NO_SCHEMA : "The Data API does not answer";
  };
}

async function inTime(probe: Probe): Promise<string | undefined> {
  let timeout: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timeout = setTimeout(() => resolve(`There was no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe(), late]);
  } finally {
    clearTimeout(timeout);
  }
}

/** What is in the way, by the probes; asks them once a second at most, and never twice at a time. */
function faultsOf(probes: readonly Probe[]): () => Promise<readonly string[]> {
  let kept: Promise<readonly string[]> | undefined;
  let until = 0;
  return () => {
    if (kept === undefined || performance.now() > until) {
      until = Infinity;
      kept = Promise.all(probes.map(inTime)).then((faults) => {
        until = performance.now() + KEPT_MS;
        return [...new Set(faults.filter((fault) => fault !== undefined))];
      });
    }
    return kept;
  };
}

/**
 * Adds `GET /health/live` and `GET /health/ready` to the app of a function.
 *
 * @param probes What it needs.
 */
export function addHealthEndpoints(app: Hono, probes: readonly Probe[]): void {
  const faults = faultsOf(probes);
  app.get("/health/live", (c) => c.json({ status: "live" }));
  app.get("/health/ready", async (c) => {
    const reasons = await faults();
    if (reasons.length === 0) return c.json({ status: "ready", version: VERSION });
    throw new Problem(
      503,
      "not-ready",
      "The function cannot do its work now",
      `Cannot serve as everything it needs must be there: ${reasons.join("; ")}`,
      { reasons },
      { "retry-after": "1" },
    );
  });
  for (const path of ["/health/live", "/health/ready"]) app.all(path, methodNotAllowed("GET"));
}
