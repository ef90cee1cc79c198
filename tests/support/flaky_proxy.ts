/** A TCP proxy before a server, whose connections a test can cut. */

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface FlakyProxy extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection with a reset, as a failover or a load balancer does: no farewell, no FIN. */
  reset(): void;
}

/** Starts a proxy before `127.0.0.1:port`. */
export async function flakyProxy(port: number): Promise<FlakyProxy> {
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const [from, to, set] of [[client, server, clients], [server, client, servers]] as const) {
      set.add(from);
      from.on("data", (bytes: Uint8Array) => to.write(bytes));
      from.on("error", () => {});
      from.on("close", () => {
        set.delete(from);
        to.end();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    reset() {
      for (const client of clients) client.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of [...clients, ...servers]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
