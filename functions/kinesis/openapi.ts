/** The OpenAPI 3.1 document of this function, made from the schemas that validate. */

import { z } from "zod";
import {
  type Document,
  jsonSchema,
  openapiDocument,
  problemResponses,
  reference,
} from "../../shared/openapi.ts";
import { Firehose, Lambda, PipesEvent } from "./envelopes.ts";
import answers from "./example_answers.json" with { type: "json" };
import { EXAMPLES } from "./examples.ts";

const FirehoseAnswer = z.object({
  requestId: z.string().describe("That of the request"),
  timestamp: z.int().describe("Milliseconds since 1970"),
  errorMessage: z.string().max(8192).optional().describe("Why nothing was stored"),
}).describe("The answer to Firehose, whatever the status");

const LambdaAnswer = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).describe("Empty: all is stored"),
}).describe("The answer to an event of Lambda");

const PipesAnswer = z.object({
  batch_id: z.uuid(),
  accepted: z.int().min(0),
  duplicates: z.int().min(0),
  rejected: z.int().min(0).describe("Readings and records that became dead letters"),
  errors: z.array(z.object({
    index: z.int().min(0),
    path: z.string().describe("Place in the event: [3].data.s11"),
    message: z.string(),
  })).describe("The first of the rejected readings; rejected counts all"),
}).describe("The answer to EventBridge Pipes");

const PROBLEMS = {
  400: "The delivery cannot be read, or is too large: the sender keeps it",
  401: "No valid key",
  415: "The content encoding is not supported",
  503:
    "The database is away: send the same request again after Retry-After seconds. An event of Lambda is answered " +
    "with all of its records as batchItemFailures",
};

/** Headers that may carry a key, besides those of every function. */
const KEY_HEADERS = ["X-Amz-Firehose-Access-Key", "x-api-key"];

/** The document. */
export function openapi(): Document {
  const problems = Object.entries(problemResponses(PROBLEMS)).map(([status, response]) => [
    status,
    {
      ...response,
      content: {
        "application/problem+json": { schema: reference("Problem") },
        "application/json": { schema: reference("FirehoseAnswer") },
      },
    },
  ]);
  return openapiDocument(
    "kinesis",
    {
      "/kinesis": {
        post: {
          summary: "Stores the readings of a stream's records",
          description:
            "Takes what Firehose posts to an HTTP endpoint, what EventBridge Pipes sends to an API destination " +
            "(events as they are or in a template), and the event of a Lambda function. Records are base64, gzip, or " +
            'aggregated by the Kinesis Producer Library, and hold a reading, an array, {"readings": […]} or NDJSON. ' +
            "The same delivery again changes nothing. What cannot be accepted is kept as dead letters.",
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: {
                  anyOf: [
                    reference("Firehose"),
                    reference("Lambda"),
                    reference("PipesEvent"),
                    { type: "array", items: reference("PipesEvent") },
                    { type: "object", description: "What an input template has made of events" },
                  ],
                },
              },
            },
          },
          responses: {
            200: {
              description: "All of it is stored, or kept as dead letters",
              content: {
                "application/json": {
                  schema: { oneOf: ["FirehoseAnswer", "LambdaAnswer", "PipesAnswer"].map(reference) },
                },
              },
            },
            ...Object.fromEntries(problems),
          },
          security: ["bearer", "apikey", ...KEY_HEADERS].map((scheme) => ({ [scheme]: [] })),
        },
      },
    },
    {
      Firehose: jsonSchema(Firehose, "input"),
      Lambda: jsonSchema(Lambda, "input"),
      PipesEvent: jsonSchema(PipesEvent, "input"),
      FirehoseAnswer: jsonSchema(FirehoseAnswer, "input"),
      LambdaAnswer: jsonSchema(LambdaAnswer, "input"),
      PipesAnswer: jsonSchema(PipesAnswer, "input"),
    },
    KEY_HEADERS,
    { examples: EXAMPLES, answers },
  );
}
