/** What the OpenAPI 3.1 documents of all functions have in common. */

import { z } from "zod";

const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
}).describe("Problem details, RFC 9457");

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

/** The responses that are problem details, by status. */
export function problemResponses(problems: Readonly<Record<number, string>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(problems).map(([status, description]) => [
      status,
      { description, content: { "application/problem+json": { schema: reference("Problem") } } },
    ]),
  );
}

/**
 * What the document of a function says of its health endpoints, which all functions have (shared/health.ts).
 *
 * @param name Name of the function.
 */
function healthPaths(name: string): Record<string, object> {
  const path = (summary: string, status: string, problems: Readonly<Record<number, string>>) => ({
    get: {
      summary,
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
    [`/${name}/health/live`]: path("Whether the function runs; asks nothing else", "live", {}),
    [`/${name}/health/ready`]: path("Whether the function can do its work", "ready", {
      503: "It cannot; reasons says why",
    }),
  };
}

/** What a document says of one path and method. */
export interface Endpoint<Answer extends string> {
  readonly summary: string;
  /** Name of the schema of what it answers. */
  readonly answer: Answer;
  /** Statuses of the problems that it answers. */
  readonly problems: readonly number[];
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Members of the path, in braces there. */
  readonly path?: Readonly<Record<string, z.ZodType>>;
}

function parameters({ query, path = {} }: Endpoint<string>): object[] {
  return [
    ...Object.entries(path).map(([name, schema]) => ({
      name,
      in: "path",
      required: true,
      schema: jsonSchema(schema, "output"),
    })),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: "query",
      description: (schema as z.ZodType).description,
      schema: jsonSchema(schema as z.ZodType, "output"),
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
  const { summary, answer, problems, body } = endpoint;
  return {
    summary,
    parameters: parameters(endpoint),
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: jsonSchema(body, "input") } },
      },
    }),
    responses: {
      200: { description: "Done", content: { "application/json": { schema: reference(answer) } } },
      ...problemResponses(Object.fromEntries(problems.map((status) => [status, descriptions[status]]))),
    },
    security,
  };
}

/**
 * A document.
 *
 * @param name Name of the function.
 * @param schemas What its paths refer to, besides the problem details.
 * @param keyHeaders Headers that may carry a key, besides those that every function takes.
 */
export function openapiDocument(
  name: string,
  paths: Readonly<Record<string, object>>,
  schemas: Readonly<Record<string, object>>,
  keyHeaders: readonly string[] = [],
): object {
  return {
    openapi: "3.1.0",
    info: { title: `Spool: ${name}`, version: "1" },
    paths: { ...paths, ...healthPaths(name) },
    components: {
      // as input, because a problem may have members of its own kind (RFC 9457, section 3.2)
      schemas: { ...schemas, Problem: jsonSchema(Problem, "input") },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        ...Object.fromEntries(
          ["apikey", ...keyHeaders].map((name) => [name, { type: "apiKey", in: "header", name }]),
        ),
      },
    },
  };
}
