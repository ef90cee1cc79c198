/** An edge function as a process of its own, with concurrent clients. */

import { join } from "node:path";
import { freePort } from "../local/postgres.ts";

/** Heap of the function in MB: Supabase's limit for one isolate, under which V8 collects earlier. */
const HOSTED_HEAP_MB = 256;

/** A function that is being served. */
export interface ServedFunction extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/NAME` */
  readonly url: string;
  readonly pid: number;
}

/**
 * Serves a function, with the heap it has on Supabase.
 *
 * @param env Its environment, besides the database and where it listens.
 */
export async function serveFunction(
  name: string,
  databaseUrl: string,
  connections: number,
  env: Readonly<Record<string, string>>,
): Promise<ServedFunction> {
  const port = freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      `--v8-flags=--max-heap-size=${HOSTED_HEAP_MB}`,
      join(import.meta.dirname!, "..", "..", "functions", name, "index.ts"),
    ],
    env: {
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_SIZE: String(connections),
      ...env,
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    },
    stdout: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}/${name}`;
  for (let attempt = 0;; attempt++) {
    try {
      await (await fetch(url)).body?.cancel();
      return {
        url,
        pid: child.pid,
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await child.status;
        },
      };
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Sends bodies, each once, by clients that each send the next one when the last is answered.
 *
 * @param send Throws when the answer is not what it should be.
 */
export async function sendAll<T>(
  bodies: readonly T[],
  clients: number,
  send: (body: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (next < bodies.length) await send(bodies[next++]);
  }));
}
