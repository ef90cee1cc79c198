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
    paths,
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
