/** What every command of `scripts/` does the same way: arguments, help, exit codes, output. */

import process from "node:process";
import { parseArgs } from "node:util";
import { isTransient } from "../shared/database.ts";

/** Exit codes of every command. */
export const Exit = { done: 0, failed: 1, usage: 2, dataFailed: 3 } as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** One option of a command. */
export interface Option {
  readonly type: "string" | "boolean";
  /** Whether it may be given more than once; its value is a list then. */
  readonly multiple?: true;
  /** What its value stands for in the help, `DIR` for example. */
  readonly value?: string;
  readonly help: string;
}

/** A command as its help shows it. */
export interface Command<Options extends Record<string, Option>> {
  /** As it is run: `deno task load PATH…`. */
  readonly usage: string;
  /** What it does, in a sentence or two. */
  readonly summary: string;
  readonly options: Options;
  /** Fewest and most positional arguments; none unless given. */
  readonly positionals?: readonly [number, number];
}

type Value<Of extends Option> = Of["type"] extends "boolean" ? boolean
  : Of extends { multiple: true } ? string[]
  : string | undefined;

/** The options as given; where not given, booleans are false and lists are empty. */
export type Given<Options extends Record<string, Option>> = {
  readonly [Name in keyof Options]: Value<Options[Name]>;
};

/** The command was called wrongly; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command cannot go on, for a reason its message tells whole; ends with exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const HELP: Option = { type: "boolean", help: "Show this help" };

function helpText(command: Command<Record<string, Option>>): string {
  const rows = Object.entries({ ...command.options, help: HELP }).map((
    [name, option],
  ) => [`  --${name}${option.value ? ` ${option.value}` : ""}`, option.help]);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    command.summary,
    "",
    `Usage: ${command.usage}`,
    "",
    "Options:",
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    "",
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 data failed its checks",
  ].join("\n");
}

/** Writes a line to standard output. */
export function print(line = ""): void {
  // deno-lint-ignore no-console
  console.log(line);
}

/** Writes a line to standard error. */
export function complain(line: string): void {
  // deno-lint-ignore no-console
  console.error(line);
}

/** undefined_table, undefined_function, invalid_schema_name: the migrations are missing. */
const NOT_MIGRATED = new Set(["42P01", "42883", "3F000"]);

function advice(error: unknown): string {
  const missing = error instanceof Error && "code" in error && NOT_MIGRATED.has(String(error.code));
  return missing ? ". deno task db:migrate brings what a database needs" : "";
}

function unreachable(error: unknown): string {
  return `Cannot reach the database: ${explain(error)}. deno task start runs one; --database names another`;
}

/** An error's message with those of its causes, on one line each. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || ("code" in error ? String(error.code) : error.name);
  return error.cause === undefined ? message : `${message}: ${explain(error.cause)}`;
}

/**
 * Runs a command: parses the arguments, answers `--help`, and turns what it returns or throws into an exit code.
 *
 * @param main Returns the exit code; none means done.
 */
export async function run<Options extends Record<string, Option>>(
  command: Command<Options>,
  main: (given: Given<Options>, positionals: string[]) => Promise<Exit | void>,
): Promise<never> {
  let code: Exit;
  try {
    code = await parseAndRun(command, main);
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${error.message}\nUsage: ${command.usage}\nMore: --help`);
      code = Exit.usage;
    } else {
      complain(isTransient(error) ? unreachable(error) : explain(error) + advice(error));
      if (process.env.SPOOL_DEBUG) complain(String((error as Error).stack));
      code = Exit.failed;
    }
  }
  Deno.exit(code);
}

async function parseAndRun<Options extends Record<string, Option>>(
  command: Command<Options>,
  main: (given: Given<Options>, positionals: string[]) => Promise<Exit | void>,
): Promise<Exit> {
  let parsed;
  try {
    parsed = parseArgs({
      args: Deno.args,
      options: Object.fromEntries(
        Object.entries({ ...command.options, help: HELP }).map((
          [name, { type, multiple }],
        ) => [name, { type, multiple: multiple ?? false }]),
      ),
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
  const { help, ...values } = parsed.values;
  if (help) {
    print(helpText(command));
    return Exit.done;
  }
  const [fewest, most] = command.positionals ?? [0, 0];
  const { positionals } = parsed;
  if (positionals.length > most) throw new UsageError(`Unexpected argument '${positionals[most]}'`);
  if (positionals.length < fewest) throw new UsageError("An argument is missing");

  const given = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, multiple }]) => [
      name,
      values[name] ?? (type === "boolean" ? false : multiple ? [] : undefined),
    ]),
  ) as Given<Options>;
  return await main(given, positionals) ?? Exit.done;
}

/**
 * Reads a whole number that an option or argument was given.
 *
 * @param name As the user knows it, `--limit` for example.
 * @throws {UsageError} When it is not a whole number within the bounds.
 */
export function wholeNumber(text: string, name: string, least = 1, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(
    `Cannot read ${name} as it must be a whole number ${bounds}: current value is ${text}`,
  );
}

/** The option that names a database, and what it falls back to. */
export const DATABASE_OPTION = {
  type: "string",
  value: "URL",
  help: "Postgres connection string (default: DATABASE_URL, else the system that `deno task start` runs)",
} as const satisfies Option;

/** Where `deno task start` runs its database unless told otherwise; the Supabase CLI's port too. */
export const LOCAL_DATABASE_PORT = 54322;

/** The database a command works on. */
export function databaseUrl(option: string | undefined): string {
  if (option !== undefined && !/^postgres(ql)?:\/\/./.test(option)) {
    throw new UsageError(
      `Cannot read --database as it must be like postgres://user:password@host:5432/postgres: current value is ${option}`,
    );
  }
  return option ?? process.env.DATABASE_URL ?? process.env.SUPABASE_DB_URL ??
    `postgres://postgres:postgres@127.0.0.1:${LOCAL_DATABASE_PORT}/postgres`;
}
