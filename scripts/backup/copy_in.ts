/** Loading rows with COPY. */

import { connect as connectSocket, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";

/** Where postgres.js would connect to. */
interface Place {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
}

/** Longest wait for a connection, as everywhere else. */
const CONNECT_TIMEOUT_MS = 5_000;

/** A connected socket that sends at once what it is given. */
async function promptSocket({ host: [host], port: [port], path }: Place): Promise<Socket> {
  const socket = path ? connectSocket(path) : connectSocket(port, host);
  socket.setNoDelay(true);
  const timer = setTimeout(
    () =>
      socket.destroy(Object.assign(new Error(`no answer of ${host}:${port}`), { code: "CONNECT_TIMEOUT" })),
    CONNECT_TIMEOUT_MS,
  );
  try {
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  } finally {
    clearTimeout(timer);
    socket.removeAllListeners();
  }
  return Object.assign(socket, { host }); // by which postgres.js names the server in TLS
}

/**
 * Opens the connection of {@link copyIn}. postgres.js leaves Nagle's algorithm on, which makes the end of each COPY wait
 * for the server's delayed acknowledgement of what came before: 0.1 s a table, so 4 s for an empty database.
 */
export function connectForCopy(url: string): postgres.Sql {
  return connect(url, 1, { socket: promptSocket });
}

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
