/** `deno task bench`: benchmarks against peers. */

import { availableParallelism } from "node:os";
import { benchIngest, type IngestBenchResult } from "./bench/ingest.ts";
import type { Spread } from "./bench/measure.ts";
import { complain, print, run, UsageError } from "./cli.ts";
import { table } from "./table.ts";

function count(text: string | undefined, fallback: number, name: string): number {
  const value = Number(text ?? fallback);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`Cannot read ${name} as it must be a whole number from 1: current value is ${text}`);
  }
  return value;
}

function row(name: string, { min, median, max }: Spread, digits: number): string[] {
  const shown = (value: number) =>
    value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return [name, shown(median), shown(min), shown(max)];
}

function ingestText({ options, rows, ...result }: IngestBenchResult): string {
  const { batch, clients, pairs } = options;
  return [
    `POST /ingest: ${
      rows.toLocaleString("en-US")
    } readings, ${batch} a request, ${clients} clients, ${pairs} pairs, ` +
    `${availableParallelism()} cores, Deno ${Deno.version.deno}`,
    "",
    table(["", "median", "min", "max"], [
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

await run({
  usage: "deno task bench ingest [--engines N] [--cycles N] [--batch N] [--clients N] [--pairs N] [--json]",
  summary: "Measures POST /ingest beside COPY and beside row-by-row lookups, in turn on the same Postgres.",
  options: {
    engines: { type: "string", value: "N", help: "Engines of the fleet (default 100)" },
    cycles: { type: "string", value: "N", help: "Readings of each engine (default 400)" },
    batch: { type: "string", value: "N", help: "Readings a request (default 2000)" },
    clients: {
      type: "string",
      value: "N",
      help: "Concurrent clients, and connections of the function (default 4)",
    },
    pairs: {
      type: "string",
      value: "N",
      help: "Counted runs of each way, after one that warms up (default 5)",
    },
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  positionals: [1, 1],
}, async (given, [name]) => {
  if (name !== "ingest") throw new UsageError(`Unexpected benchmark '${name}'`);
  const result = await benchIngest({
    engines: count(given.engines, 100, "--engines"),
    cycles: count(given.cycles, 400, "--cycles"),
    batch: count(given.batch, 2000, "--batch"),
    clients: count(given.clients, 4, "--clients"),
    pairs: count(given.pairs, 5, "--pairs"),
  }, given.json ? () => {} : complain);
  print(given.json ? JSON.stringify(result) : ingestText(result));
});
