/** An edge function as Supabase starts it: a process of its own, configured by its environment alone. */

import { join } from "node:path";
import { freePort } from "../../scripts/local/postgres.ts";

/** What a process needs that is not configuration. */
function necessary(): Record<string, string> {
  return Object.fromEntries(["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function command(name: string, env: Readonly<Record<string, string>>): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", join(import.meta.dirname!, "..", "..", "functions", name, "index.ts")],
    clearEnv: true,
    env: { ...necessary(), NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  });
}

/** A function that listens. */
export interface FunctionProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/NAME` */
  readonly url: string;
  readonly pid: number;
  /** All that it has written, once it has ended: the log. */
  readonly log: Promise<string>;
  /** Ends the process; the answer to a request that is under way is lost with SIGKILL. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/**
 * Starts a function, and waits until it listens.
 *
 * @param name Its folder.
 * @param port Where; a free one unless given.
 */
export async function startFunction(
  name: string,
  env: Readonly<Record<string, string>>,
  port: number = freePort(),
): Promise<FunctionProcess> {
  const child = command(name, { ...env, DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}` }).spawn();
  const log = new Response(child.stdout).text();
  const said = new Response(child.stderr).text();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  while (!await listens(port)) {
    if (ended) throw new Error(`The function ${name} has ended: ${await said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const kill = async (signal: "SIGTERM" | "SIGKILL") => {
    if (!ended) child.kill(signal);
    await status;
    await Promise.all([log, said]);
  };
  return {
    url: `http://127.0.0.1:${port}/${name}`,
    pid: child.pid,
    log: Promise.all([log, said]).then((outputs) => outputs.join("")),
    kill,
    [Symbol.asyncDispose]: () => kill("SIGTERM"),
  };
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** Starts a function whose configuration it must refuse. */
export async function failedStart(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const { code, stderr } = await command(name, env).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
