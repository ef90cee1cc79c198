/** The OpenAPI 3.1 document of this function, made from the schemas that it parses with. */

import { z } from "zod";
import { type Endpoint, jsonSchema, openapiDocument, operation } from "../../shared/openapi.ts";
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
    answer: "assets",
    query: Query.assets,
    problems: READ,
  },
  "/catalog/assets/{name}": {
    summary: "One asset with its columns as they are now, and those that changed without a new version",
    answer: "asset",
    path: { name: z.string() },
    problems: [...READ, 404],
  },
  "/catalog/lineage": {
    summary: "OpenLineage run events, latest first",
    answer: "lineage",
    query: Query.lineage,
    problems: READ,
  },
  "/catalog/lineage/readings": {
    summary:
      "Where a reading comes from: batch, source, code version, object of the lake, runs of the checks",
    answer: "readings",
    query: Query.readings,
    problems: [...READ, 404],
  },
  "/catalog/lineage/graph": {
    summary: "What is made of what: datasets and jobs as nodes and edges",
    answer: "graph",
    query: Query.graph,
    problems: READ,
  },
  "/catalog/lake": {
    summary: "Objects of the lake, in the order of their keys",
    answer: "lake",
    query: Query.lake,
    problems: READ,
  },
  "/catalog/lake/{key}": {
    summary: "One object of the lake with the batches inside; the key's slashes may stay as they are",
    answer: "object",
    path: { key: z.string() },
    problems: [...READ, 404],
  },
};

/** The document. */
export function openapi(): object {
  return openapiDocument(
    "catalog",
    Object.fromEntries(
      Object.entries(ENDPOINTS).map(([path, endpoint]) => [
        path,
        { get: operation(endpoint, PROBLEMS, [{ apikey: [] }, { bearer: [] }]) },
      ]),
    ),
    // what the answers hold before a time is rewritten is what they hold afterwards: a string
    Object.fromEntries(Object.entries(Answer).map(([name, schema]) => [name, jsonSchema(schema, "input")])),
  );
}
