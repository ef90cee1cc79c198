/** An HTTP proxy before a function that repeats requests: at the same time, and long after later ones. */

import { Random } from "../../shared/random.ts";

export interface RepeatingProxy extends AsyncDisposable {
  readonly port: number;
  /** Requests that were sent twice at the same time, and those sent again after later ones, so far. */
  readonly repeated: { readonly atOnce: number; readonly late: number };
  /** Sends what is still kept for later. */
  repeatTheRest(): Promise<void>;
}

/** Share of the requests that are sent twice at the same time, and of those that are sent again later. */
const AT_ONCE = 0.1;
const LATE = 0.2;

interface Sent {
  readonly path: string;
  readonly init: RequestInit;
}

/** Starts a proxy before `http://127.0.0.1:port`; it answers 502 where nothing listens there. */
export function repeatingProxy(port: number, seed: number): RepeatingProxy {
  const random = new Random(seed);
  const repeated = { atOnce: 0, late: 0 };
  const kept: Sent[] = [];
  const underWay = new Set<Promise<unknown>>();

  const forward = async ({ path, init }: Sent) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return new Response(await response.bytes(), { status: response.status, headers: response.headers });
  };
  /** A request whose answer nobody waits for, and which may fail as any may. */
  const again = (sent: Sent) => {
    const answer = forward(sent).catch(() => {});
    underWay.add(answer);
    answer.finally(() => underWay.delete(answer));
    return answer;
  };

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const sent = { path: pathname + search, init: { method, headers, body: await request.bytes() } };
    if (random.uniform() < AT_ONCE) {
      repeated.atOnce++;
      again(sent);
    }
    if (random.uniform() < LATE) kept.push(sent);
    if (kept.length > 5) {
      repeated.late++;
      again(kept.splice(kept.indexOf(random.pick(kept)), 1)[0]);
    }
    return await forward(sent).catch(() => new Response(null, { status: 502 }));
  });
  return {
    port: server.addr.port,
    repeated,
    async repeatTheRest() {
      repeated.late += kept.length;
      for (const sent of kept.splice(0)) await again(sent);
      await Promise.all(underWay);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(underWay);
      await server.shutdown();
    },
  };
}
