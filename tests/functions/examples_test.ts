/**
 * The OpenAPI documents against the running functions: every example is sent, and every status that a document names is
 * brought about. With `-- --update` the answers of the examples are recorded in functions/…/example_answers.json.
 */

import assert from "node:assert/strict";
import { join } from "node:path";

import { allOpenapi } from "../../functions/catalog/all_openapi.ts";
import { EXAMPLES as CATALOG } from "../../functions/catalog/examples.ts";
import { EXAMPLES as INGEST } from "../../functions/ingest/examples.ts";
import { EXAMPLES as KINESIS } from "../../functions/kinesis/examples.ts";
import { EXAMPLES as QUALITY } from "../../functions/quality/examples.ts";
import { EXAMPLES as WORKER } from "../../functions/worker/examples.ts";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import type { Example, RecordedAnswer } from "../../shared/openapi_examples.ts";
import { DocumentCheck, isMadeLike, type Operation, operationsOf, shape } from "../support/document_check.ts";
import {
  allApps,
  type DocumentedSystem,
  documentedSystem,
  systemWithoutDatabase,
} from "../support/documented_system.ts";
import { openapiFaults } from "../support/openapi_schema.ts";

const FUNCTIONS = join(import.meta.dirname!, "..", "..", "functions");

const document = allOpenapi();
const check = new DocumentCheck(document);
const operations = operationsOf(document);

const EXAMPLES: Readonly<Record<string, Readonly<Record<string, readonly Example[]>>>> = {
  ingest: INGEST,
  kinesis: KINESIS,
  quality: QUALITY,
  catalog: CATALOG,
  worker: WORKER,
};

const SECRET = { apikey: LOCAL_KEYS.secret };

/** Of a request, what is not its method. */
interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function requestOf(path: string, example: Omit<Example, "name" | "summary">): Sent {
  const { path: members = {}, query = {}, headers, body, contentType = "application/json" } = example;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(members[name]));
  const search = new URLSearchParams(query).toString();
  return {
    path: search === "" ? filled : `${filled}?${search}`,
    headers: { ...SECRET, ...headers, ...body === undefined ? {} : { "content-type": contentType } },
    ...body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) },
  };
}

/** Sends it, and holds the answer against the document. */
async function send(
  system: DocumentedSystem,
  operation: Operation,
  { path, ...init }: Sent,
  method = operation.method,
): Promise<{ readonly status: number; readonly answer: RecordedAnswer }> {
  const response = await system.send(path, { ...init, method });
  const [contentType] = (response.headers.get("content-type") ?? "").split(";");
  const text = await response.text();
  const body: unknown = contentType.endsWith("json") ? JSON.parse(text) : text;
  check.answer(operation, response.status, contentType, body);
  for (const header of Object.keys(operation.operation.responses[response.status].headers ?? {})) {
    const present = response.headers.has(header);
    assert.ok(present, `${operation.place} ${response.status} must have the header ${header}`);
  }
  return { status: response.status, answer: { contentType, body } };
}

/** A list in an answer shows this many of its members, as a reader needs no more. */
const SHOWN = 2;

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, SHOWN).map(shortened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortened(member)]));
}

/** Writes what the documents are to show. */
async function record(answers: Readonly<Record<string, Record<string, Record<string, RecordedAnswer>>>>) {
  for (const [name, each] of Object.entries(answers)) {
    const file = join(FUNCTIONS, name, "example_answers.json");
    await Deno.writeTextFile(file, JSON.stringify(each, null, 2) + "\n");
  }
}

/** Requests that go wrong, each in its own way. */
function provocations({ path, method, operation }: Operation, good: Sent): Record<string, Sent> {
  const parameters: readonly { name: string; in: string }[] = operation.parameters ?? [];
  const unknown = { ...good.headers };
  const members = Object.fromEntries(
    parameters.filter((each) => each.in === "path").map(({ name }) => [name, "999999"]),
  );
  const inQuery = (name: string) => parameters.some((each) => each.in === "query" && each.name === name);
  const { apikey: _, ...nameless } = unknown;
  const all: Record<string, Sent> = {
    "no key": { ...good, headers: nameless },
    "a key that nobody knows": { ...good, headers: { ...unknown, apikey: "nobody's" } },
    "the publishable key": { ...good, headers: { ...unknown, apikey: LOCAL_KEYS.publishable } },
    "an unknown parameter": { ...good, path: `${good.path}${good.path.includes("?") ? "&" : "?"}nonsense=1` },
    "a wrong strict": { ...good, path: `${good.path}${good.path.includes("?") ? "&" : "?"}strict=1` },
  };
  if (Object.keys(members).length > 0) {
    all["nothing of this name"] = { ...good, path: requestOf(path, { path: members }).path };
  } else if (inQuery("engine")) {
    const query = { engine: "ENGINE_999", ...inQuery("cycle") ? { cycle: "1" } : {} };
    all["no such engine"] = { ...good, path: requestOf(path, { query }).path };
  }
  if (method === "POST") {
    all["a body that is no JSON"] = { ...good, body: "{" };
    all["a body that is too large"] = { ...good, body: " ".repeat(5 << 20) };
    all["an encoding that nobody knows"] = {
      ...good,
      headers: { ...good.headers, "content-encoding": "br" },
      body: "x",
    };
    all["a type that nobody knows"] = { ...good, headers: { ...good.headers, "content-type": "text/html" } };
  }
  return all;
}

Deno.test("every example is answered as documented, and so is everything that can go wrong", async (t) => {
  await using system = await documentedSystem();
  const seen = new Map(operations.map(({ place }) => [place, new Set<number>()]));
  const good = new Map<string, Sent>();
  const recorded: Record<string, Record<string, Record<string, RecordedAnswer>>> = {};
  const byPlace = new Map(operations.map((operation) => [operation.place, operation]));

  await t.step("examples", async () => {
    for (const [name, places] of Object.entries(EXAMPLES)) {
      recorded[name] = {};
      for (const [place, examples] of Object.entries(places)) {
        const operation = byPlace.get(place);
        assert.ok(operation, `functions/${name}/examples.ts: ${place} is not in the document`);
        recorded[name][place] = {};
        for (const example of examples) {
          const what = `${place}, example ${example.name}`;
          const request = requestOf(operation.path, example);
          const { status, answer } = await send(system, operation, request);
          assert.equal(status, example.status ?? 200, `${what}: ${JSON.stringify(answer.body)}`);
          const { body: sent, breaks = false, contentType: sentType = "application/json" } = example;
          if (sent !== undefined) assert.equal(check.takes(operation, sentType, sent), !breaks, what);
          if (status === 200) good.set(place, good.get(place) ?? request);
          seen.get(place)!.add(status);
          const { contentType, body } = answer;
          recorded[name][place][example.name] = { contentType, body: shortened(body) };
          if (Deno.args.includes("--update")) continue;
          const shown = operation.operation.responses[status].content[contentType].examples?.[example.name];
          assert.ok(shown, `${what}: deno task test tests/functions/examples_test.ts -- --update records it`);
          assert.ok(
            isMadeLike(shape(shown.value), shape(body)),
            `${what}: the document shows ${JSON.stringify(shown.value)} and not ${JSON.stringify(body)}`,
          );
        }
      }
    }
  });
  if (Deno.args.includes("--update")) return await record(recorded);

  await t.step("every operation has an example", () => {
    for (const { place, path, operation } of operations) {
      if (operation.security.length === 0) {
        good.set(place, { path, headers: {} }); // it takes nothing, so there is nothing to show
        continue;
      }
      const [, name] = path.split("/");
      assert.ok(
        good.has(place),
        `${place} needs an example with status 200 in functions/${name}/examples.ts`,
      );
    }
  });

  await t.step("what can go wrong", async () => {
    await using away = systemWithoutDatabase();
    for (const operation of operations) {
      const { place } = operation;
      const request = good.get(place)!;
      const statuses = seen.get(place)!;
      const wrong = operation.operation.security.length === 0 ? {} : provocations(operation, request);
      for (const each of Object.values(wrong)) statuses.add((await send(system, operation, each)).status);
      statuses.add((await send(system, operation, request)).status);
      statuses.add((await send(away, operation, request)).status);
      const { path, headers } = request;
      statuses.add((await send(system, operation, { path, headers }, "DELETE")).status);
    }
  });

  await t.step("nothing is documented that does not happen", () => {
    for (const { place, operation } of operations) {
      // an error that nobody foresaw cannot be brought about
      const documented = Object.keys(operation.responses).map(Number).filter((status) => status !== 500);
      assert.deepEqual([...seen.get(place)!].sort(), documented.sort(), place);
    }
  });
});

Deno.test("every route of every app is documented, and the document has no other", () => {
  const routes = Object.values(allApps(undefined as never, "http://127.0.0.1:1")).flatMap((app) =>
    app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) =>
      `${method} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}").replace(/\/$/, "")}`
    )
  );
  const documented = operations.map(({ place }) => place).sort();
  for (const route of new Set(routes)) {
    assert.ok(documented.includes(route), `${route} is not in functions/${route.split("/")[1]}/openapi.ts`);
  }
  for (const place of documented) assert.ok(routes.includes(place), `${place} is documented, and no route`);
});

Deno.test("every operation says what it is, and by a name that no other has", () => {
  const ids = new Set<string>();
  for (const { place, operation } of operations) {
    for (const member of ["operationId", "summary", "description", "tags", "security", "responses"]) {
      assert.ok(operation[member], `${place} has no ${member}`);
    }
    assert.ok(!ids.has(operation.operationId), operation.operationId);
    ids.add(operation.operationId);
    for (const parameter of operation.parameters ?? []) {
      assert.ok(parameter.description || parameter.schema.enum, `${place}: what is ${parameter.name}`);
    }
  }
  assert.equal(ids.size, operations.length);
});

Deno.test("each document is valid OpenAPI 3.1, and one with a fault is not", async () => {
  const { openapi: ingest } = await import("../../functions/ingest/openapi.ts");
  const { openapi: kinesis } = await import("../../functions/kinesis/openapi.ts");
  const { openapi: quality } = await import("../../functions/quality/openapi.ts");
  const { openapi: catalog } = await import("../../functions/catalog/openapi.ts");
  const { openapi: worker } = await import("../../functions/worker/openapi.ts");
  const documents = [ingest(), kinesis(), quality(), catalog(), worker(), document];
  for (const each of documents) assert.deepEqual(await openapiFaults(each), [], String(each.info.title));
  const broken = structuredClone(document) as unknown as { paths: Record<string, { get: object }> };
  broken.paths["/quality/summary"].get = { responses: { 200: {} } };
  assert.notDeepEqual(await openapiFaults(broken), []);
});
