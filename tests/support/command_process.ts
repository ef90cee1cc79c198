/** A command of scripts/ as people run it: a process of its own. */

import { join } from "node:path";

const SCRIPTS = join(import.meta.dirname!, "..", "..", "scripts");

/** What a process needs that is not configuration. */
function necessary(): Record<string, string> {
  return Object.fromEntries(["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** How it ended, and what it said. */
export interface CommandResult {
  /** Null when a signal has ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  kill(): void;
  readonly result: Promise<CommandResult>;
}

/**
 * Starts a command.
 *
 * @param name Its file, without `.ts`.
 * @param env All of its configuration.
 */
export function startCommand(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", join(SCRIPTS, `${name}.ts`), ...args],
    clearEnv: true,
    env: { ...necessary(), NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const text = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream).text();
  const result = (async () => {
    const [status, stdout, stderr] = await Promise.all([
      child.status,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code: status.signal === null ? status.code : null, stdout, stderr };
  })();
  return {
    kill() {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended already
      }
    },
    result,
  };
}
