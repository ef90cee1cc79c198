/** Holds requests and answers against an OpenAPI document. */

import assert from "node:assert/strict";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Document } from "../../shared/openapi.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** An operation of a document. */
export interface Operation {
  /** `GET /quality/summary` */
  readonly place: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Json;
}

/** All operations, in the order of the document. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      place: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    }))
  );
}

/**
 * The schema with every object closed that lists its members: an answer must not have more than the document says.
 * Problems may (RFC 9457, section 3.2).
 */
function closed(schema: Json, name?: string): Json {
  if (Array.isArray(schema)) return schema.map((each) => closed(each));
  if (typeof schema !== "object" || schema === null || name === "Problem") return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value, key)]));
  const lists = schema.type === "object" && schema.properties !== undefined;
  return lists && schema.additionalProperties === undefined
    ? { ...members, additionalProperties: false }
    : members;
}

/** Checks against one document. */
export class DocumentCheck {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    this.#ajv.addSchema(document, "open");
    this.#ajv.addSchema(closed(document), "closed");
  }

  #faults(
    document: string,
    pointer: readonly (string | number)[],
    value: unknown,
    what: string,
  ): string | undefined {
    const schema = pointer.reduce<Json>((within, part) => within?.[part], this.#document);
    // Most are a reference. It is followed here, so that what many refer to is compiled once
    const fragment: string = schema?.$ref?.slice("#/".length) ??
      pointer.map((part) => encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1")))
        .join("/");
    const validate = this.#ajv.getSchema(`${document}#/${fragment}`);
    assert.ok(validate, `${what}: the document has no schema for it`);
    if (validate(value)) return undefined;
    return `${what}: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`;
  }

  /** Holds an answer against the document. */
  answer({ place, path, method, operation }: Operation, status: number, type: string, body: unknown): void {
    const content = operation.responses[status]?.content;
    assert.ok(content, `${place} was answered ${status}, which is not documented`);
    assert.ok(type in content, `${place} ${status} has the content type ${type}, which is not documented`);
    const pointer = [
      ...["paths", path, method.toLowerCase()],
      ...["responses", status, "content", type, "schema"],
    ];
    assert.equal(this.#faults("closed", pointer, body, `${place} ${status}`), undefined);
  }

  /** Whether the document takes the body of a request. */
  takes({ place, path, method }: Operation, type: string, body: unknown): boolean {
    const pointer = ["paths", path, method.toLowerCase(), "requestBody", "content", type, "schema"];
    return this.#faults("open", pointer, body, `${place}, request`) === undefined;
  }
}

/**
 * What a value is made of: names and types of all of its members, and nothing of what they hold. What is in evidence is
 * open in the documents, too, as it goes by what a check has found.
 */
export function shape(value: unknown): Json {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object") return typeof value;
  if (value === null) return "null";
  return Object.fromEntries(
    Object.entries(value).sort().map((
      [name, member],
    ) => [name, name === "evidence" ? typeof member : shape(member)]),
  );
}

/** Whether a documented value is made like a real one; of a list it may show a part. */
export function isMadeLike(documented: Json, real: Json): boolean {
  if (Array.isArray(documented) || Array.isArray(real)) {
    return Array.isArray(documented) && Array.isArray(real) &&
      (documented.length === 0) === (real.length === 0) &&
      documented.every((each) => real.some((other: Json) => isMadeLike(each, other)));
  }
  if (typeof documented !== "object" || typeof real !== "object") return documented === real;
  const names = Object.keys(documented);
  return names.length === Object.keys(real).length &&
    names.every((name) => name in real && isMadeLike(documented[name], real[name]));
}
