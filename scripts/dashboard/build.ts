/** The dashboard as static files that any host can serve. */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Configuration } from "../../functions/dashboard/configuration.ts";
import { CommandError } from "../cli.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const SOURCE = join(ROOT, "functions", "dashboard");

/** What the page may do: run what comes with it, and talk to the project. Charts set styles by script, which is allowed. */
function contentSecurityPolicy(supabaseUrl: string): string {
  const project = URL.canParse(supabaseUrl) ? ` ${new URL(supabaseUrl).origin}` : "";
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${project}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

async function bundle(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", join(SOURCE, "main.tsx")],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new CommandError(
    `Cannot build the dashboard as deno bundle must end well:\n${decoder.decode(stderr)}`,
  );
}

/** uPlot's own rules, then ours. */
async function style(): Promise<string> {
  const files = [
    fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css")),
    join(SOURCE, "style.css"),
  ];
  return (await Promise.all(files.map((file) => Deno.readTextFile(file)))).join("\n");
}

/** A name that says what is inside, so that a file can be kept for ever and is never the wrong one. */
function hashedName(name: string, extension: string, content: string): string {
  return `${name}-${createHash("sha256").update(content).digest("hex").slice(0, 12)}.${extension}`;
}

/**
 * Writes the dashboard: index.html, config.json, icon.svg, and script and style with their hashes in their names. All of its links
 * are relative, so it can be served below any path.
 *
 * @param folder Where to; made if it is not there. What else is in it stays.
 * @param configuration Where the project is. It is published: no secret key may be in it.
 * @throws {CommandError} When it cannot be bundled.
 */
export async function buildDashboard(folder: string, configuration: Configuration): Promise<void> {
  const { supabaseUrl, publishableKey } = configuration;
  const [script, css, page, icon] = await Promise.all([
    bundle(),
    style(),
    Deno.readTextFile(join(SOURCE, "index.html")),
    Deno.readTextFile(join(SOURCE, "icon.svg")),
  ]);
  const scriptName = hashedName("dashboard", "js", script);
  const styleName = hashedName("dashboard", "css", css);
  const policy = contentSecurityPolicy(supabaseUrl);
  const files = {
    [scriptName]: script,
    [styleName]: css,
    "icon.svg": icon,
    "config.json": `${JSON.stringify({ supabaseUrl, publishableKey }, null, 2)}\n`,
    "index.html": page
      .replace(
        '<meta charset="utf-8">',
        `$&\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
      )
      .replace("main.tsx", scriptName)
      .replace("style.css", styleName),
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, content);
  }
}
