/** Sends the HTTP requests that SQL has asked for, where the stand-in of platform.sql takes pg_net's place. */

import type postgres from "postgres";

interface QueuedRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
  timeout_milliseconds: number;
}

/** As pg_net does: each request is sent once, and its answer is kept for six hours. */
export async function sendRequests(sql: postgres.Sql): Promise<void> {
  const requests = await sql<QueuedRequest[]>`delete from net.http_request_queue returning *`;
  await Promise.all(requests.map(async ({ id, url, timeout_milliseconds, ...init }) => {
    let status: number | null = null;
    let content: string | null = null;
    let failure: string | null = null;
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout_milliseconds) });
      status = answer.status;
      content = await answer.text();
    } catch (error) {
      const { message, cause } = error as Error;
      failure = cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
    await sql`
      insert into net._http_response (id, status_code, content, error_msg)
      values (${id}, ${status}, ${content}, ${failure})`;
  }));
  await sql`delete from net._http_response where created < now() - interval '6 hours'`;
}
