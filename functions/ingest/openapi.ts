/** The OpenAPI 3.1 document of this function, made from the schema that validates. */

import { z } from "zod";
import {
  type Document,
  jsonSchema,
  openapiDocument,
  problemResponses,
  reference,
} from "../../shared/openapi.ts";
import { Reading } from "../../shared/reading.ts";
import { CONTENT_TYPES } from "./decode.ts";
import answers from "./example_answers.json" with { type: "json" };
import { EXAMPLES } from "./examples.ts";

const Batch = z.object({
  batch_id: z.uuid(),
  accepted: z.int().min(0).describe("Readings that were stored"),
  duplicates: z.int().min(0).describe(
    "Valid readings that were stored before: same engine, timestamp and cycle",
  ),
  rejected: z.int().min(0).describe("Readings that became dead letters"),
  errors: z.array(z.object({
    index: z.int().min(0).describe("Place of the reading in the batch"),
    path: z.string().describe("Place of the fault in the reading; empty when it is the whole reading"),
    message: z.string(),
  })).describe("The first of the rejected readings; rejected counts all"),
});

const PROBLEMS = {
  400: "The body cannot be read, or a parameter is not valid",
  401: "No valid key",
  413: "The body is too large after decompression",
  415: "The content type or encoding is not supported",
  422: "strict=true and a reading was rejected: nothing was stored",
  503: "The database is away: send the same request again after Retry-After seconds",
};

/** What each content type carries; NDJSON and CSV are text to OpenAPI. */
function requestContent(): Record<string, object> {
  const reading = reference("Reading");
  const list = { type: "array", items: reading };
  const json = {
    oneOf: [reading, list, { type: "object", properties: { readings: list }, required: ["readings"] }],
  };
  return Object.fromEntries(
    CONTENT_TYPES.map((type) => [type, { schema: type === "application/json" ? json : { type: "string" } }]),
  );
}

/** The document. */
export function openapi(): Document {
  return openapiDocument(
    "ingest",
    {
      "/ingest": {
        post: {
          summary: "Stores readings",
          description: "The same request again changes nothing. Rejected readings are kept as dead letters.",
          parameters: [{
            name: "strict",
            in: "query",
            description: "All or nothing: with any rejected reading nothing is stored",
            schema: { type: "boolean", default: false },
          }, {
            name: "X-Request-Id",
            in: "header",
            description: "Name of the request; kept as the reference of the batch",
            schema: { type: "string", maxLength: 200 },
          }],
          requestBody: { required: true, content: requestContent() },
          responses: {
            200: {
              description: "Stored",
              content: { "application/json": { schema: reference("Batch") } },
            },
            ...problemResponses(PROBLEMS),
          },
          security: [{ bearer: [] }, { apikey: [] }],
        },
      },
    },
    { Reading: jsonSchema(Reading, "input"), Batch: jsonSchema(Batch, "input") },
    [],
    { examples: EXAMPLES, answers },
  );
}
