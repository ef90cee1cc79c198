/** A TCP proxy before a server that counts what passes, and tells at a given byte. */

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes so far, of all connections. */
  readonly bytes: { readonly toServer: number; readonly toClient: number };
}

/**
 * Starts a proxy before `127.0.0.1:port`.
 *
 * @param stop After so many bytes in this direction nothing passes any more, and `then` is called.
 */
export async function countingProxy(
  port: number,
  stop?: { readonly direction: "toServer" | "toClient"; readonly after: number; readonly then: () => void },
): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  const bytes = { toServer: 0, toClient: 0 };
  let stopped = false;
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (
      const [from, to, direction] of [[client, server, "toServer"], [server, client, "toClient"]] as const
    ) {
      sockets.add(from);
      from.on("data", (chunk: Uint8Array) => {
        if (stopped) return;
        const left = stop?.direction === direction ? stop.after - bytes[direction] : Infinity;
        bytes[direction] += chunk.length;
        if (chunk.length < left) {
          to.write(chunk);
          return;
        }
        stopped = true;
        to.write(chunk.subarray(0, left), () => stop!.then());
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.end();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    bytes,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
