/** The OpenAPI 3.1 document of this function. */

import { z } from "zod";
import {
  type Document,
  jsonSchema,
  openapiDocument,
  problemResponses,
  reference,
} from "../../shared/openapi.ts";
import answers from "./example_answers.json" with { type: "json" };
import { EXAMPLES } from "./examples.ts";

const count = (description: string) => z.int().min(0).describe(description);

const Work = z.object({
  tasks: z.object({
    succeeded: count("Tasks of pipelines that were done"),
    unfinished: count("Tasks that did a part, and go on in another call that is made at once"),
    failed: count("Tasks that failed; those that may succeed later are tried again"),
    lost: count("Tasks that were no longer this worker's before they ended"),
  }),
  alerts: z.object({
    sent: count("Deliveries of alerts that were sent"),
    retrying: count("Deliveries that failed and will be tried again"),
    dead: count("Deliveries that failed for good"),
  }).nullable().describe("Null when no time was left for them: the next call delivers them"),
  lineage: z.object({
    sent: count("Events of lineage that were forwarded"),
    retrying: count("Events that failed and will be tried again"),
    dead: count("Events that the server refused, or that failed too often"),
  }).nullable().describe("Null when no time was left for it, and where there is no OPENLINEAGE_URL"),
});

const PROBLEMS = {
  401: "No valid key",
  503: "The database is away: what was under way is tried again",
};

/** The document. */
export function openapi(): Document {
  return openapiDocument(
    "worker",
    {
      "/worker/run": {
        post: {
          summary: "Does the tasks that are ready, delivers alerts and forwards lineage",
          description: "Takes up to 150 seconds. Calling it at any time, or twice at once, is harmless.",
          responses: {
            200: {
              description: "What was done",
              content: { "application/json": { schema: reference("Work") } },
            },
            ...problemResponses(PROBLEMS),
          },
          security: [{ bearer: [] }, { apikey: [] }],
        },
      },
    },
    { Work: jsonSchema(Work, "output") },
    [],
    { examples: EXAMPLES, answers },
  );
}
