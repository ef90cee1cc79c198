/** The ingest function behind real HTTP, on a database of its own. */

import { gzipSync } from "node:zlib";
import { createApp } from "../../functions/ingest/app.ts";
import { KeyRing } from "../../shared/keys.ts";
import { type TestDatabase, testDatabase } from "./database.ts";

/** The one key that the server takes. */
export const KEY = "key-of-the-test-bench";

/** What the server answered; `body` is its JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** A running server. */
export interface IngestServer extends AsyncDisposable {
  readonly db: TestDatabase;
  /** `http://127.0.0.1:PORT/ingest` */
  readonly url: string;
  /** Posts a body with a valid key; `query` is what follows the path. */
  post(body: BodyInit | null, headers?: Record<string, string>, query?: string): Promise<Answer>;
}

/** Reads an answer whole. */
export async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/**
 * Starts a server.
 *
 * @param options.maxBodyBytes Largest body; the default of the product unless given.
 * @param options.sql Another pool than the one of the test's own database.
 */
export async function ingestServer(
  options: { readonly maxBodyBytes?: number; readonly sql?: TestDatabase["sql"] } = {},
): Promise<IngestServer> {
  const db = await testDatabase();
  const app = createApp({
    sql: options.sql ?? db.sql,
    keys: new KeyRing([KEY]),
    maxBodyBytes: options.maxBodyBytes ?? 16 * 1024 * 1024,
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const url = `http://127.0.0.1:${server.addr.port}/ingest`;
  return {
    db,
    url,
    async post(body, headers = {}, query = "") {
      return await answerOf(
        await fetch(url + query, {
          method: "POST",
          headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", ...headers },
          body,
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** One gzip member. */
export function gzip(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(gzipSync(data));
}

/** The members that every problem has; `detail` and further members are the test's to add. */
export function problem(status: number, type: string, title: string): Record<string, unknown> {
  return { type: `urn:spool:problem:${type}`, title, status };
}
