/** Prometheus' own tool for checking what it is to read; Debian's package prometheus has it. */

/** What it said. */
export interface Checked {
  readonly code: number;
  /** Both of its outputs. */
  readonly output: string;
}

async function call(args: readonly string[], input = ""): Promise<Checked> {
  const child = new Deno.Command("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

function isInstalled(): boolean {
  try {
    return new Deno.Command("promtool", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Calls it; undefined where it is not installed, and tests that need it are skipped then. */
export const promtool: typeof call | undefined = isInstalled() ? call : undefined;
