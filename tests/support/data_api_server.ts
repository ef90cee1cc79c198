/** The Data API and Auth behind real HTTP. */

import { LOCAL_KEYS, startDataApi } from "../../scripts/local/data_api.ts";

/** Headers of callers that the Data API knows. */
export const SECRET = { apikey: LOCAL_KEYS.secret };
export const PUBLISHABLE = { apikey: LOCAL_KEYS.publishable };

/** A running server. */
export interface DataApiServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Signs somebody up and returns their token. */
  userToken(): Promise<string>;
}

/** Starts a server on a database that has the migrations. */
export async function dataApiServer(databaseUrl: string): Promise<DataApiServer> {
  const dataApi = await startDataApi(databaseUrl);
  const gateway = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => dataApi.fetch(request, info.remoteAddr.hostname),
  );
  const url = `http://127.0.0.1:${gateway.addr.port}`;
  return {
    url,
    async userToken() {
      const response = await fetch(`${url}/auth/v1/signup`, {
        method: "POST",
        headers: { ...PUBLISHABLE, "content-type": "application/json" },
        body: JSON.stringify({ email: "engineer@example.com", password: "a-long-password" }),
      });
      return (await response.json()).access_token;
    },
    async [Symbol.asyncDispose]() {
      await gateway.shutdown();
      await dataApi.close();
    },
  };
}
