/** What the OpenAPI 3.1 documents of all functions have in common. */

import { z } from "zod";
import { type Example, exampleAnswer, type Examples } from "./openapi_examples.ts";
import { PROBLEM_KINDS, type ProblemKind, type ProblemType, problemUrn } from "./problem.ts";
import { VERSION } from "./version.ts";

const Problem = z.object({
  type: z.string().describe("urn:spool:problem:NAME; docs/reference/problems.md has all of them"),
  title: z.string().describe("What kind of problem it is, the same for all of its type"),
  status: z.int().describe("The HTTP status"),
  detail: z.string().describe("What was wrong this time"),
}).describe("Problem details, RFC 9457");

/** What each function is for: its tag, and the description of its document. */
const FUNCTIONS = {
  ingest: "Readings over HTTP: JSON, NDJSON or CSV, checked one by one and stored in one transaction",
  kinesis: "Deliveries of a Kinesis stream, by Firehose, EventBridge Pipes or Lambda",
  quality:
    "What is known of the data and the engines: verdicts, drift, anomalies, health, predictions, alerts",
  catalog: "What there is, where it comes from and where it goes: assets, lineage, the lake",
  worker: "What cannot run inside Postgres; pg_cron calls it every minute",
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** Where the functions are: on this machine, and in a project. */
const SERVERS = [
  { url: "http://127.0.0.1:54321/functions/v1", description: "What `deno task start` runs" },
  {
    url: "https://{project}.supabase.co/functions/v1",
    description: "A project on Supabase",
    variables: { project: { default: "your-project", description: "Reference of the project" } },
  },
];

/**
 * A zod schema as JSON Schema, for use inside a document.
 *
 * @param io Which side of it: what a caller may send, or what parsing makes of it.
 */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/** A reference to one of the document's schemas. */
export function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** The headers that problems of a status come with. */
function problemHeaders(status: number): { readonly headers?: object } {
  const kinds: readonly ProblemKind[] = Object.values(PROBLEM_KINDS);
  const headers = kinds.filter((kind) => kind.statuses.includes(status)).flatMap((kind) =>
    Object.entries(kind.headers ?? {})
  );
  if (headers.length === 0) return {};
  return {
    headers: Object.fromEntries(
      headers.map(([name, description]) => [
        name,
        { description, schema: { type: name === "Retry-After" ? "integer" : "string" } },
      ]),
    ),
  };
}

/** The responses that are problem details, by status. */
export function problemResponses(problems: Readonly<Record<number, string>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(problems).map(([status, description]) => [
      status,
      {
        description,
        ...problemHeaders(Number(status)),
        content: { "application/problem+json": { schema: reference("Problem") } },
      },
    ]),
  );
}

/**
 * What the document of a function says of its health endpoints, which all functions have (shared/health.ts).
 *
 * @param name Name of the function.
 */
function healthPaths(name: FunctionName): Record<string, object> {
  const path = (
    [summary, description]: readonly [string, string],
    status: string,
    problems: Readonly<Record<number, string>>,
  ) => ({
    get: {
      summary,
      description,
      responses: {
        200: {
          description: "Yes",
          content: {
            "application/json": {
              schema: {
                type: "object",
                properties: { status: { const: status }, version: { type: "string" } },
                required: ["status"],
              },
            },
          },
        },
        ...problemResponses(problems),
      },
      security: [],
    },
  });
  return {
    [`/${name}/health/live`]: path(
      ["Whether the function runs", "Asks nothing else. For whoever restarts what hangs. Needs no key."],
      "live",
      {},
    ),
    [`/${name}/health/ready`]: path(
      [
        "Whether the function can do its work",
        "Asks what it needs, at most once a second. For whoever sends it requests. Needs no key.",
      ],
      "ready",
      { 503: "It cannot; reasons says why" },
    ),
  };
}

/** What a document says of one path and method. */
export interface Endpoint<Answer extends string> {
  readonly summary: string;
  /** What else there is to know before calling it. */
  readonly description?: string;
  /** Name of the schema of what it answers. */
  readonly answer: Answer;
  /** Content type of what it answers; JSON unless given. */
  readonly contentType?: string;
  /** Statuses of the problems that it answers. */
  readonly problems: readonly number[];
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Members of the path, in braces there. */
  readonly path?: Readonly<Record<string, z.ZodType>>;
}

/** A schema and its description, which stands beside it in a document. */
function described(schema: z.ZodType): { readonly description?: string; readonly schema: object } {
  const { description, ...rest } = jsonSchema(schema, "output") as { readonly description?: string };
  return { description, schema: rest };
}

function parameters({ query, path = {} }: Endpoint<string>): object[] {
  return [
    ...Object.entries(path).map(([name, schema]) => ({
      name,
      in: "path",
      required: true,
      ...described(schema),
    })),
    ...Object.entries<z.ZodType>(query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: "query",
      required: !schema.safeParse(undefined).success,
      ...described(schema),
    })),
  ];
}

/**
 * What a document says of an endpoint.
 *
 * @param descriptions What each status of a problem means.
 * @param security Which keys it takes.
 */
export function operation(
  endpoint: Endpoint<string>,
  descriptions: Readonly<Record<number, string>>,
  security: readonly object[],
): object {
  const { summary, description, answer, contentType = "application/json", problems, body } = endpoint;
  return {
    summary,
    description,
    parameters: parameters(endpoint),
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: jsonSchema(body, "input") } },
      },
    }),
    responses: {
      200: { description: "Done", content: { [contentType]: { schema: reference(answer) } } },
      ...problemResponses(Object.fromEntries(problems.map((status) => [status, descriptions[status]]))),
    },
    security,
  };
}

/** Responses that every path has, whatever else it answers. */
const ALWAYS = problemResponses({
  405: "The path does not have this method; the header Allow names those that it has",
  500: "An error that nobody foresaw; the function's log has it",
});

/** What every function says of its own document. */
const OWN_DOCUMENT = {
  summary: "This document",
  description: "The OpenAPI 3.1 document of the function. Needs no key.",
  responses: {
    200: {
      description: "The document",
      content: { "application/json": { schema: { type: "object", required: ["openapi", "info", "paths"] } } },
    },
  },
  security: [],
};

/** `getQualityEnginesByUnitNumber` of GET /quality/engines/{unit_number}. */
export function operationId(method: string, path: string): string {
  const words = path.split(/[/_-]/).filter(Boolean).map((part) =>
    part.startsWith("{") ? `by_${part.slice(1).replace("}", "")}` : part.replace("}", "")
  );
  return words.flatMap((word) => word.split("_")).reduce(
    (id, word) => id + word[0].toUpperCase() + word.slice(1),
    method,
  );
}

/** Names of the methods of a path item, which may have other members. */
const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

// deno-lint-ignore no-explicit-any
type Json = any;

/** Puts examples where the document has what they are of: parameters, body and answers. */
function withExamples(operation: Json, examples: readonly Example[], place: string, answers: Json): void {
  const [first] = examples;
  for (const parameter of operation.parameters ?? []) {
    const given = { ...first?.query, ...first?.path, ...first?.headers }[parameter.name];
    if (given !== undefined) parameter.example = parameterExample(parameter.schema, given);
  }
  const contents = (operation.requestBody ?? {}).content ?? {};
  for (const example of examples) {
    const { name, summary, body, contentType = "application/json", status = 200 } = example;
    const sent = contents[contentType];
    if (body !== undefined && sent !== undefined) (sent.examples ??= {})[name] = { summary, value: body };
    const recorded = exampleAnswer(answers, place, name);
    const answered = operation.responses[status]?.content ?? {};
    const content = recorded === undefined ? undefined : answered[recorded.contentType];
    if (content !== undefined) (content.examples ??= {})[name] = { summary, value: recorded!.body };
  }
}

/** What a parameter is given as text, as its schema has it. */
function parameterExample(schema: { readonly type?: string }, text: string): unknown {
  return schema.type === "integer" || schema.type === "number" ? Number(text) : text;
}

/**
 * A document.
 *
 * @param name Name of the function.
 * @param schemas What its paths refer to, besides the problem details.
 * @param keyHeaders Headers that may carry a key, besides those that every function takes.
 * @param examples Requests that the document shows, and their answers.
 */
export function openapiDocument(
  name: FunctionName,
  paths: Readonly<Record<string, object>>,
  schemas: Readonly<Record<string, object>>,
  keyHeaders: readonly string[] = [],
  { examples, answers }: Examples = { examples: {}, answers: {} },
): Document {
  const own = { ...healthPaths(name), [`/${name}/openapi.json`]: { get: OWN_DOCUMENT } };
  const complete = Object.entries<object>({ ...paths, ...own }).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item).map(([method, operation]) => {
        if (!METHODS.has(method)) return [method, operation];
        const place = `${method.toUpperCase()} ${path}`;
        const whole = structuredClone({
          operationId: operationId(method, path),
          tags: [name],
          ...operation,
          responses: { ...operation.responses, ...ALWAYS, ...pick(operation.responses, ["405", "500"]) },
        });
        withExamples(whole, examples[place] ?? [], place, answers);
        return [method, whole];
      }),
    ),
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: `Spool: ${name}`,
      version: VERSION,
      description: FUNCTIONS[name],
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    servers: SERVERS,
    tags: [{ name, description: FUNCTIONS[name] }],
    paths: Object.fromEntries(complete),
    components: {
      // as input, because a problem may have members of its own kind (RFC 9457, section 3.2)
      schemas: { ...schemas, Problem: problemSchema() },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A key, or the token of a signed-in user",
        },
        ...Object.fromEntries(
          ["apikey", ...keyHeaders].map((name) => [name, { type: "apiKey", in: "header", name }]),
        ),
      },
    },
  };
}

function pick(from: Readonly<Record<string, object>>, names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
}

function problemSchema(): object {
  const schema = jsonSchema(Problem, "input") as Json;
  schema.properties.type.examples = (Object.keys(PROBLEM_KINDS) as ProblemType[]).map(problemUrn);
  return schema;
}

/** An OpenAPI document, as far as something here reads one. */
export interface Document {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Json>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/**
 * One document of several: their schemas carry the name of their function, as two of them may have one of a name.
 *
 * @param documents By name of the function.
 */
export function mergedDocument(documents: Readonly<Record<string, Document>>): Document {
  const all = Object.entries(documents).map(([name, document]) => {
    const prefix = name[0].toUpperCase() + name.slice(1);
    const renamed = (schema: string) =>
      schema === "Problem" ? schema : prefix + schema[0].toUpperCase() + schema.slice(1);
    const text = JSON.stringify(document).replaceAll(
      /"#\/components\/schemas\/([^"/]+)"/g,
      (_, schema) => `"#/components/schemas/${renamed(schema)}"`,
    );
    const { components, ...rest } = JSON.parse(text) as Document;
    const schemas = Object.entries(components.schemas).map(([schema, value]) => [renamed(schema), value]);
    return { ...rest, components: { ...components, schemas: Object.fromEntries(schemas) } };
  });
  const [{ openapi, info, servers }] = all;
  return {
    openapi,
    info: { ...info, title: "Spool", description: "All functions of Spool" },
    servers,
    tags: all.flatMap(({ tags }) => tags),
    paths: Object.assign({}, ...all.map(({ paths }) => paths)),
    components: {
      schemas: Object.assign({}, ...all.map(({ components }) => components.schemas)),
      securitySchemes: Object.assign({}, ...all.map(({ components }) => components.securitySchemes)),
    },
  };
}
