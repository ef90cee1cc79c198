/** Commands on a real terminal: util-linux' `script` makes one. */

import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

/**
 * Runs a shell command on a terminal of so many columns.
 *
 * @returns All that the terminal was sent, and the exit code.
 */
export async function onTerminal(
  command: string,
  { columns = 100, env = {} }: {
    readonly columns?: number;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<{ readonly text: string; readonly code: number }> {
  const { NO_COLOR: _, ...own } = Deno.env.toObject();
  const { code, stdout } = await new Deno.Command("script", {
    args: ["-qefc", `stty cols ${columns} rows 50; ${command}`, "/dev/null"],
    cwd: ROOT,
    clearEnv: true,
    env: { ...own, TERM: "xterm-256color", ...env },
    stdin: "null",
  }).output();
  return { text: new TextDecoder().decode(stdout).replaceAll("\r\n", "\n"), code };
}
