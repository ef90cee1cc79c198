/** The quality function behind real HTTP, reading through a real Data API, on a database of its own. */

import { createApp } from "../../functions/quality/app.ts";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { KeyRing } from "../../shared/keys.ts";
import { dataApiServer } from "./data_api_server.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { type Answer, answerOf, KEY } from "./ingest_server.ts";

export { PUBLISHABLE, SECRET } from "./data_api_server.ts";
import { SECRET } from "./data_api_server.ts";
/** A sender: it may write, and the Data API does not know it. */
export const SENDER = { authorization: `Bearer ${KEY}` };

/** A running server. */
export interface QualityServer extends AsyncDisposable {
  readonly db: TestDatabase;
  /** `http://127.0.0.1:PORT/quality` */
  readonly url: string;
  /** Reads a path below /quality; with the secret key unless other headers are given. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Posts to a path below /quality; as a sender unless other headers are given. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Signs somebody up and returns their token. */
  userToken(): Promise<string>;
}

/**
 * Starts a server.
 *
 * @param options.sql Another pool than the one of the test's own database.
 * @param options.dataApiUrl Where the Data API is thought to be; where it is unless given.
 */
export async function qualityServer(
  options: { readonly sql?: TestDatabase["sql"]; readonly dataApiUrl?: string } = {},
): Promise<QualityServer> {
  const db = await testDatabase();
  const dataApi = await dataApiServer(db.url);
  const app = createApp({
    sql: options.sql ?? db.sql,
    keys: new KeyRing([KEY, LOCAL_KEYS.secret]),
    dataApi: {
      url: options.dataApiUrl ?? dataApi.url,
      publishableKey: LOCAL_KEYS.publishable,
      secretKeys: new KeyRing([LOCAL_KEYS.secret]),
    },
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const url = `http://127.0.0.1:${server.addr.port}/quality`;
  return {
    db,
    url,
    async get(path, headers = SECRET) {
      return await answerOf(await fetch(url + path, { headers }));
    },
    async post(path, body, headers = SENDER) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return await answerOf(await fetch(url + path, { method: "POST", headers, body: text }));
    },
    userToken: dataApi.userToken,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await dataApi[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}
