/** The OpenAPI 3.1 document of this function, made from the schemas that it parses with. */

import { z } from "zod";
import {
  type Document,
  type Endpoint,
  jsonSchema,
  openapiDocument,
  operation,
} from "../../shared/openapi.ts";
import answers from "./example_answers.json" with { type: "json" };
import { EXAMPLES } from "./examples.ts";
import { Query } from "./parameters.ts";
import { Answer } from "./rows.ts";

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "A parameter is not valid; detail names it and what it may be",
  401: "No valid key",
  403: "The key does not allow this",
  404: "There is no such thing",
  503: "The database is away: send the same request again after Retry-After seconds",
};

const READ = [400, 401, 403, 503] as const;

const ENDPOINTS: Readonly<Record<string, Endpoint<keyof typeof Answer>>> = {
  "/catalog/assets": {
    summary:
      "Tables, views and prefixes of the lake: what each is, whose, who may see it, how long it is kept",
    description: "What the caller may not read is listed all the same: the catalogue itself is internal.",
    answer: "assets",
    query: Query.assets,
    problems: READ,
  },
  "/catalog/assets/{name}": {
    summary: "One asset with its columns as they are now, and those that changed without a new version",
    description: "A prefix of the lake has slashes in its name, and they may stay as they are.",
    answer: "asset",
    path: { name: z.string().describe("Of the asset: sensor_data, or processed/ for a prefix of the lake") },
    problems: [...READ, 404],
  },
  "/catalog/lineage": {
    summary: "OpenLineage run events, latest first",
    description:
      "As an OpenLineage server would keep them; `spool_*` facets are described in docs/decisions/0016.",
    answer: "lineage",
    query: Query.lineage,
    problems: READ,
  },
  "/catalog/lineage/readings": {
    summary:
      "Where a reading comes from: batch, source, code version, object of the lake, runs of the checks",
    description:
      "One row for each reading of the engine in the cycle; `in_postgres` is false where only the lake can still have it.",
    answer: "readings",
    query: Query.readings,
    problems: [...READ, 404],
  },
  "/catalog/lineage/graph": {
    summary: "What is made of what: datasets and jobs as nodes and edges",
    description:
      "Edges say whether the catalogue declares them and how many runs have taken them since `from`.",
    answer: "graph",
    query: Query.graph,
    problems: READ,
  },
  "/catalog/lake": {
    summary: "Objects of the lake, in the order of their keys",
    description: "From the database's own list, with row counts and checksums; the lake itself is not asked.",
    answer: "lake",
    query: Query.lake,
    problems: READ,
  },
  "/catalog/lake/{key}": {
    summary: "One object of the lake with the batches inside; the key's slashes may stay as they are",
    description: "Says how many readings of which batch are inside.",
    answer: "object",
    path: { key: z.string().describe("Of the object in the lake") },
    problems: [...READ, 404],
  },
};

/** Made of the documents of all functions by all_openapi.ts. */
const ALL = {
  summary: "One document of all functions",
  description: "The OpenAPI 3.1 document of everything, for generators of clients. Needs no key.",
  responses: {
    200: { description: "The document", content: { "application/json": { schema: { type: "object" } } } },
  },
  security: [],
};

/** The document. */
export function openapi(): Document {
  const endpoints = Object.fromEntries(
    Object.entries(ENDPOINTS).map(([path, endpoint]) => [
      path,
      { get: operation(endpoint, PROBLEMS, [{ apikey: [] }, { bearer: [] }]) },
    ]),
  );
  return openapiDocument(
    "catalog",
    { ...endpoints, "/catalog/openapi/all.json": { get: ALL } },
    // what the answers hold before a time is rewritten is what they hold afterwards: a string
    Object.fromEntries(Object.entries(Answer).map(([name, schema]) => [name, jsonSchema(schema, "input")])),
    [],
    { examples: EXAMPLES, answers },
  );
}
