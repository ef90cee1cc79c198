/** Where a function answers with its OpenAPI document. */

import type { Hono } from "hono";
import { methodNotAllowed } from "./http.ts";
import type { Document } from "./openapi.ts";

/**
 * Adds the route, which needs no key.
 *
 * @param path Below the function: `/openapi.json`.
 * @param document Makes the document; it is asked once, as it answers the same as long as the code is the same.
 */
export function addDocument(app: Hono, path: string, document: () => Document): void {
  let text: string | undefined;
  app.get(
    path,
    (c) => c.body(text ??= JSON.stringify(document()), 200, { "content-type": "application/json" }),
  );
  app.all(path, methodNotAllowed("GET"));
}
