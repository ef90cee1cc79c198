/** The catalog function behind real HTTP, reading through a real Data API, on a database of its own. */

import { createApp } from "../../functions/catalog/app.ts";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { KeyRing } from "../../shared/keys.ts";
import { dataApiServer, SECRET } from "./data_api_server.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { type Answer, answerOf } from "./ingest_server.ts";

/** A running server. */
export interface CatalogServer extends AsyncDisposable {
  readonly db: TestDatabase;
  /** `http://127.0.0.1:PORT/catalog` */
  readonly url: string;
  /** Reads a path below /catalog; with the secret key unless other headers are given. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Signs somebody up and returns their token. */
  userToken(): Promise<string>;
}

/** Starts a server. */
export async function catalogServer(): Promise<CatalogServer> {
  const db = await testDatabase();
  const dataApi = await dataApiServer(db.url);
  const app = createApp({
    dataApi: {
      url: dataApi.url,
      publishableKey: LOCAL_KEYS.publishable,
      secretKeys: new KeyRing([LOCAL_KEYS.secret]),
    },
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const url = `http://127.0.0.1:${server.addr.port}/catalog`;
  return {
    db,
    url,
    async get(path, headers = SECRET) {
      return await answerOf(await fetch(url + path, { headers }));
    },
    userToken: dataApi.userToken,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await dataApi[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}
