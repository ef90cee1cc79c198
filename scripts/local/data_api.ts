/** The Data API and Auth on this machine: @supabase/lite on the local Postgres. Alpha, and local only. */

import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { withAppMetadata } from "./token_claims.ts";

/** Keys of the local system. They are public, like the Supabase CLI's own: it listens on loopback only. */
export const LOCAL_KEYS = {
  publishable: "sb_publishable_spool_local",
  secret: "sb_secret_spool_local",
  ingest: "spool-local-ingest-key",
  kinesis: "spool-local-kinesis-key",
  worker: "spool-local-worker-key",
  jwtSecret: "spool-local-jwt-secret-of-at-least-32-characters",
} as const;

/** The running Data API and Auth. */
export interface DataApi {
  /** Answers /rest/v1/* and /auth/v1/*. */
  fetch(request: Request, peerAddress: string): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Answers a browser that asks whether a page of another origin may send a request. A hosted project names the headers
 * that it may have; lite 0.10.0 does not, and browsers then send none of supabase-js' requests.
 */
function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
      "access-control-max-age": "3600",
    },
  });
}

/**
 * Starts both on a database that has the platform and the migrations.
 *
 * @param url Connection string with a superuser's rights; requests run as anon, authenticated or service_role.
 */
export async function startDataApi(url: string): Promise<DataApi> {
  const connection = createPostgresConnection({ url, postgresOptions: { onnotice: () => {} } });
  // The roles are there already. Left to itself, lite would grant them every right on every table at the
  // first request, over the grants of sql/80_policies.
  connection["rlsState"] = "active"; // private, and the only way to say so
  const app = new App({
    connection,
    auth: {
      enabled: true,
      jwt_secret: LOCAL_KEYS.jwtSecret,
      publishable_key: LOCAL_KEYS.publishable,
      secret_key: LOCAL_KEYS.secret,
    },
  });
  await app.ensureSystemSchema();
  return {
    async fetch(request, peerAddress) {
      if (request.method === "OPTIONS") return preflight(request);
      const answered = await app.fetch(request, { peerAddress });
      const isAuth = new URL(request.url).pathname.startsWith("/auth/v1/");
      const response = isAuth ? await withAppMetadata(answered, LOCAL_KEYS.jwtSecret) : answered;
      // lite says so of some answers only
      const headers = new Headers(response.headers);
      headers.set("access-control-allow-origin", "*");
      return new Response(response.body, { status: response.status, headers });
    },
    close: async () => await connection.close(),
  };
}
