/** Loading rows with COPY. */

import { pipeline } from "node:stream/promises";
import type postgres from "postgres";

/** postgres.js's query: what it calls when the server refuses it. */
interface Refusable {
  reject: (error: unknown) => void;
}

/**
 * Runs `copy … from stdin`.
 *
 * postgres.js 3.4.9 loses what the server says after the last row has been sent, and waits for ever: a duplicate
 * key, or a foreign key, which is checked at the end. Its query has been resolved by then, with the stream, so its
 * `reject` does nothing any more; here it ends the wait.
 *
 * @param rows Text of COPY's, in chunks.
 */
export async function copyIn(
  tx: postgres.ISql,
  statement: string,
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => {});
  const query = tx.unsafe(statement);
  const writable = query.writable();
  const refusable = query as unknown as Refusable;
  const { reject } = refusable;
  refusable.reject = (error) => {
    refused.reject(error);
    reject(error);
  };
  const loading = pipeline(rows, await writable);
  loading.catch(() => {});
  await Promise.race([loading, refused.promise]);
}
