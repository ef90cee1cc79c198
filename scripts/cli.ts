/** What every command of `scripts/` does the same way: arguments, help, exit codes, output. */

import process from "node:process";
import { parseArgs } from "node:util";
import { isTransient } from "../shared/database.ts";
import { suggestion } from "./nearest.ts";
import { outputColumns, styled, wrapped } from "./terminal.ts";

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
  /** What its value may be, where these are all; shells complete them. */
  readonly choices?: readonly string[];
  readonly help: string;
}

/** A command as its help shows it. */
export interface Command<Options extends Record<string, Option>> {
  /** As it is run: `deno task load PATH…`. */
  readonly usage: string;
  /** What it does, in a sentence or two. */
  readonly summary: string;
  readonly options: Options;
  /** What the first argument may be, where these are all; shells complete them. */
  readonly actions?: readonly string[];
  /** Ways to run it, each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
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

/** The option that every command has. */
export const HELP: Option = { type: "boolean", help: "Show this help" };

/** Columns of help that is not shown on a terminal, and most of one that is: longer lines are hard to read. */
const HELP_COLUMNS = 110;

/** Two columns, the right one broken into lines below each other. */
function twoColumns(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.flatMap(([left, right]) =>
    wrapped(right, columns - width).map((line, i) => (i === 0 ? left : "").padEnd(width) + line)
  );
}

/**
 * The help of a command; the same layout for all of them.
 *
 * @param columns How wide it may be.
 */
export function helpText(
  { summary, usage, options, examples }: Command<Record<string, Option>>,
  columns: number = Math.min(outputColumns() ?? HELP_COLUMNS, HELP_COLUMNS),
): string {
  const rows = Object.entries({ ...options, help: HELP }).map(([name, option]) =>
    [`  --${name}${option.value ? ` ${option.value}` : ""}`, option.help] as const
  );
  const heading = (text: string) => styled(text, "bold");
  return [
    ...wrapped(summary, columns),
    "",
    `${heading("Usage:")} ${usage}`,
    "",
    heading("Options:"),
    ...twoColumns(rows, columns),
    "",
    heading("Examples:"),
    ...examples.flatMap((
      [command, does],
    ) => [`  ${command}`, ...wrapped(does, columns - 6).map((line) => `      ${line}`)]),
    "",
    `${heading("Exit codes:")} 0 done, 1 failed, 2 wrong usage, 3 data failed its checks`,
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

/** A command with what it does: what a file of scripts/ exports, for the terminal and for the reference. */
export interface Task {
  readonly command: Command<Record<string, Option>>;
  /** Does it, and returns the exit code. */
  readonly perform: (args: readonly string[]) => Promise<Exit>;
}

/**
 * Describes a command. `if (import.meta.main) await run(task)` at the end of its file runs it.
 *
 * @param main Returns the exit code; none means done.
 */
export function task<Options extends Record<string, Option>>(
  command: Command<Options>,
  main: (given: Given<Options>, positionals: string[]) => Promise<Exit | void>,
): Task {
  return { command, perform: (args) => parseAndRun(command, main, args) };
}

/** Runs a command with the arguments of the process, and ends the process with its exit code. */
export async function run({ command, perform }: Task): Promise<never> {
  let code: Exit;
  try {
    code = await perform(Deno.args);
  } catch (error) {
    const say = (text: string) => complain(styled(text, "red", "stderr"));
    if (error instanceof UsageError) {
      say(error.message);
      const name = /deno task \S+/.exec(command.usage)?.[0];
      complain(`Usage: ${command.usage}\nMore: ${name} --help`);
      code = Exit.usage;
    } else {
      say(isTransient(error) ? unreachable(error) : explain(error) + advice(error));
      if (process.env.SPOOL_DEBUG) complain(String((error as Error).stack));
      code = Exit.failed;
    }
  }
  Deno.exit(code);
}

/** What parseArgs has to say of wrong arguments, with what may have been meant. */
function wrongArguments(error: unknown, options: readonly string[]): UsageError {
  const [message] = (error as Error).message.split(". ");
  const unknown = /^Unknown option '--?([^']+)'$/.exec(message)?.[1];
  return new UsageError(message + (unknown === undefined ? "" : suggestion(unknown, options, "--")));
}

async function parseAndRun<Options extends Record<string, Option>>(
  command: Command<Options>,
  main: (given: Given<Options>, positionals: string[]) => Promise<Exit | void>,
  args: readonly string[],
): Promise<Exit> {
  let parsed;
  const options = { ...command.options, help: HELP };
  try {
    parsed = parseArgs({
      args: [...args],
      options: Object.fromEntries(
        Object.entries(options).map((
          [name, { type, multiple }],
        ) => [name, { type, multiple: multiple ?? false }]),
      ),
      allowPositionals: true,
    });
  } catch (error) {
    throw wrongArguments(error, Object.keys(options));
  }
  const { help, ...values } = parsed.values;
  if (help) {
    print(helpText(command));
    return Exit.done;
  }
  const [fewest, most] = command.positionals ?? [0, 0];
  const { positionals } = parsed;
  const { actions } = command;
  if (positionals.length > most) {
    throw new UsageError(
      `Unexpected argument '${positionals[most]}'${
        suggestion(positionals[most], Object.keys(options), "--")
      }`,
    );
  }
  if (positionals.length < fewest) {
    throw new UsageError(
      `An argument is missing${actions === undefined ? "" : `: one of ${actions.join(", ")}`}`,
    );
  }
  const [action] = positionals;
  if (actions !== undefined && action !== undefined && !actions.includes(action)) {
    throw new UsageError(
      `Unexpected argument '${action}' as it must be one of ${actions.join(", ")}${
        suggestion(action, actions)
      }`,
    );
  }

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
