/** docs/reference/http.md: every endpoint, made of the OpenAPI document. */

import type { Document } from "../../shared/openapi.ts";
import { cell, code, markdownTable, page } from "./markdown.ts";
import { curl } from "./request_text.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** Longest JSON that stands on one line. */
const ONE_LINE = 100;

/** JSON, with what is short on one line: answers are wide trees, and a line for every leaf hides their form. */
export function jsonText(value: unknown, indent = ""): string {
  const flat = JSON.stringify(value);
  if (flat.length + indent.length <= ONE_LINE || typeof value !== "object" || value === null) return flat;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((each) => inner + jsonText(each, inner))
    : Object.entries(value).map(([name, each]) =>
      `${inner}${JSON.stringify(name)}: ${jsonText(each, inner)}`
    );
  return `${isList ? "[" : "{"}\n${members.join(",\n")}\n${indent}${isList ? "]" : "}"}`;
}

/** What a parameter may be, in a few words. */
export function schemaText(schema: Json): string {
  const bounds = [
    ...schema.minimum === undefined || schema.minimum <= 0 && schema.maximum === undefined
      ? []
      : [`from ${schema.minimum}`],
    ...schema.maximum === undefined || schema.maximum === Number.MAX_SAFE_INTEGER
      ? []
      : [`to ${schema.maximum}`],
  ];
  const kind = schema.enum?.join(", ") ?? schema.format ?? schema.type ?? "any";
  return [kind, ...bounds].join(" ") +
    (schema.default === undefined ? "" : `; ${schema.default} unless given`);
}

function parametersTable(parameters: readonly Json[]): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ name, in: place, required, schema, description = "" }) => [
    `\`${name}\``,
    place + (required ? ", required" : ""),
    cell(schemaText(schema)),
    cell(description),
  ]);
  return [markdownTable(["parameter", "in", "may be", ""], rows)];
}

function answers(responses: Json): string[] {
  const rows = Object.entries<Json>(responses).map(([status, { description, headers = {} }]) => [
    status,
    cell(description) + Object.keys(headers).map((name) => `; header \`${name}\``).join(""),
  ]);
  return [markdownTable(["status", ""], rows)];
}

/** Examples of one content. */
function examplesOf(content: Json): { type: string; summary: string; value: unknown }[] {
  return Object.entries<Json>(content ?? {}).flatMap(([type, { examples = {} }]) =>
    Object.values<Json>(examples).map(({ summary, value }) => ({ type, summary, value }))
  );
}

function exampleText(value: unknown): string {
  return typeof value === "string" ? code(value.trimEnd(), "text") : code(jsonText(value), "json");
}

function operationPart(method: string, path: string, operation: Json): string[] {
  const answered = Object.entries<Json>(operation.responses).flatMap(([status, { content }]) =>
    examplesOf(content).map((example) => ({ status, ...example }))
  );
  const [, ...furtherBodies] = examplesOf(operation.requestBody?.content);
  const [first, ...further] = answered;
  return [
    `### ${method} ${path}`,
    `${operation.summary}. ${operation.description}`,
    ...parametersTable(operation.parameters ?? []),
    ...operation.security.length === 0 ? [] : [code(curl(method, path, operation), "sh")],
    ...first === undefined ? [] : [exampleText(first.value)],
    ...furtherBodies.flatMap(({ type, summary, value }) => [
      `${summary} (\`${type}\`):`,
      exampleText(value),
    ]),
    ...further.filter(({ status }) => status !== "200").flatMap(({ status, summary, value }) => [
      `${summary}: ${status}`,
      exampleText(value),
    ]),
    ...answers(operation.responses),
  ];
}

export function httpPage(document: Document): string {
  const parts = document.tags.flatMap(({ name, description }) => [
    `## ${name}`,
    `${description}.`,
    ...Object.entries<Json>(document.paths).flatMap(([path, item]) =>
      Object.entries<Json>(item).filter(([, operation]) => operation.tags.includes(name)).flatMap((
        [method, operation],
      ) => operationPart(method.toUpperCase(), path, operation))
    ),
  ]);
  return page("HTTP", [
    "All endpoints of all functions, below `http://127.0.0.1:54321/functions/v1` on this machine and " +
    "`https://REF.supabase.co/functions/v1` in a project. The same as one [OpenAPI 3.1 document](openapi.json), which " +
    "`GET /catalog/openapi/all.json` answers, too; as a [page](index.html), which `deno task start` serves at " +
    "`/reference`; and what can go wrong, by type, in [problems](problems.md).",
    "The commands take their key from the environment. On this machine a secret key is:",
    code("export SPOOL_KEY=sb_secret_spool_local", "sh"),
    "What they are answered was recorded; lists are shown with two members at most.",
    ...parts,
  ]);
}
