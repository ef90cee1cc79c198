/** docs/reference/environment.md: every environment variable, from .env.example and what shared/config.ts parses. */

import { VARIABLES } from "../../shared/config.ts";
import { cell, markdownTable, page } from "./markdown.ts";

/** A variable as .env.example has it. */
interface Described {
  readonly name: string;
  /** The comment above it; that of the variables before, where it has none of its own. */
  readonly text: string;
  readonly value: string;
}

/** Reads .env.example: comments, and the variables that they are about. */
export function readExample(text: string): Described[] {
  const [, ...blocks] = text.split(/\n\n+/); // the first says what the file is
  return blocks.flatMap((block) => {
    const described: Described[] = [];
    let comment: string[] = [];
    let current = "";
    for (const line of block.trim().split("\n")) {
      const [, name, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      if (name === undefined) comment.push(line.replace(/^# ?/, ""));
      else {
        if (comment.length > 0) current = comment.join(" ");
        comment = [];
        described.push({ name, text: current, value });
      }
    }
    return described;
  });
}

/** Variables that somebody else parses, and who. */
const PARSED_ELSEWHERE: Readonly<Record<string, string>> = {
  AWS_ENDPOINT_URL_KINESIS: "the AWS SDK",
  SPOOL_DEBUG: "commands",
};

/**
 * The page.
 *
 * @param example Text of .env.example.
 * @throws {Error} A variable is in one of the two places only.
 */
export function environmentPage(example: string): string {
  const described = readExample(example);
  const names = described.map(({ name }) => name);
  for (const name of Object.keys(VARIABLES)) {
    if (!names.includes(name)) throw new Error(`Cannot document ${name} as .env.example must have it`);
  }
  const rows = described.map(({ name, text, value }) => {
    const schema = Object.hasOwn(VARIABLES, name) ? VARIABLES[name as keyof typeof VARIABLES] : undefined;
    if (schema === undefined && !Object.hasOwn(PARSED_ELSEWHERE, name)) {
      throw new Error(`Cannot document ${name} as shared/config.ts must parse it`);
    }
    const fallback = schema?.safeParse(undefined);
    const unset = schema === undefined
      ? `optional; read by ${PARSED_ELSEWHERE[name]}`
      : fallback?.success !== true
      ? "needed by what reads it"
      : fallback.data === undefined || typeof fallback.data === "object"
      ? "optional"
      : `default \`${fallback.data}\``;
    return [`\`${name}\``, cell(text), unset, value === "" ? "" : `\`${cell(value)}\``];
  });
  return page("Environment", [
    "Every variable Spool reads: those that a function or command needs are parsed once when it starts, and what is " +
    "missing or malformed is named in one message. `deno task start` needs none of them. An empty one is one that is " +
    "not set. [.env.example](../../.env.example) has them to copy.",
    markdownTable(["variable", "what it is", "when it is not set", "such as"], rows),
  ]);
}
