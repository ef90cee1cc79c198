/** The Data API and Auth on this machine: @supabase/lite on the local Postgres. Alpha, and local only. */

import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";

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
    fetch: async (request, peerAddress) => await app.fetch(request, { peerAddress }),
    close: async () => await connection.close(),
  };
}
