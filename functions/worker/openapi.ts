/** The OpenAPI 3.1 document of this function. */

import { z } from "zod";

const count = (description: string) => z.int().min(0).describe(description);

const Work = z.object({
  tasks: z.object({
    succeeded: count("Tasks of pipelines that were done"),
    failed: count("Tasks that failed; those that may succeed later are tried again"),
    lost: count("Tasks that were no longer this worker's before they ended"),
  }),
  alerts: z.object({
    sent: count("Deliveries of alerts that were sent"),
    retrying: count("Deliveries that failed and will be tried again"),
    dead: count("Deliveries that failed for good"),
  }).nullable().describe("Null when no time was left for them: the next call delivers them"),
});

const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
}).describe("Problem details, RFC 9457");

const PROBLEMS = {
  401: "No valid key",
  503: "The database is away: what was under way is tried again",
};

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}

/** The document. */
export function openapi(): object {
  const problems = Object.entries(PROBLEMS).map(([status, description]) => [
    status,
    {
      description,
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    },
  ]);
  return {
    openapi: "3.1.0",
    info: { title: "Spool: worker", version: "1" },
    paths: {
      "/worker/run": {
        post: {
          summary: "Does the tasks that are ready and delivers alerts",
          description: "Takes up to 150 seconds. Calling it at any time, or twice at once, is harmless.",
          responses: {
            200: {
              description: "What was done",
              content: { "application/json": { schema: { $ref: "#/components/schemas/Work" } } },
            },
            ...Object.fromEntries(problems),
          },
          security: [{ bearer: [] }, { apikey: [] }],
        },
      },
    },
    components: {
      schemas: { Work: jsonSchema(Work), Problem: jsonSchema(Problem) },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apikey: { type: "apiKey", in: "header", name: "apikey" },
      },
    },
  };
}
