/** Serves the dashboard on this machine. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildDashboard } from "../dashboard/build.ts";
import { LOCAL_KEYS } from "./data_api.ts";

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
};

/** The page's own policy is in its head, so that it holds on every host; what a head cannot say is said here. */
const HEADERS = {
  "content-security-policy": "frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

interface File {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether a list in a header has a member; W/ before a tag and ;q= behind an encoding do not matter here. */
function lists(request: Request, header: string, member: string): boolean {
  const given = request.headers.get(header) ?? "";
  return given.split(",").some((each) => each.trim().replace(/^W\/|;.*$/g, "") === member);
}

/** Answers what is asked for of the dashboard; undefined where it has no such file. */
export type ServeDashboard = (request: Request) => Response | undefined;

/**
 * Builds the dashboard, and serves it from memory.
 *
 * @param folder Where it is built; whatever was there goes.
 */
export async function startDashboard(folder: string): Promise<ServeDashboard> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await buildDashboard(folder, { supabaseUrl: "/", publishableKey: LOCAL_KEYS.publishable });
  const files = new Map<string, File>();
  for await (const { name } of Deno.readDir(folder)) {
    const body = await Deno.readFile(join(folder, name));
    const hashed = /-[0-9a-f]{12}\.(js|css)$/.test(name);
    files.set(`/${name}`, {
      body,
      gzipped: Uint8Array.from(gzipSync(body, { level: 9 })),
      headers: {
        ...HEADERS,
        "content-type": TYPES[name.slice(name.lastIndexOf(".") + 1)],
        "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-cache",
        vary: "accept-encoding",
        etag: `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`,
      },
    });
  }
  files.set("/", files.get("/index.html")!);
  return (request) => {
    const file = files.get(new URL(request.url).pathname);
    if (file === undefined) return undefined;
    if (!["GET", "HEAD"].includes(request.method)) {
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    }
    const { body, gzipped, headers } = file;
    if (lists(request, "if-none-match", headers.etag)) return new Response(null, { status: 304, headers });
    const answer = (content: Uint8Array<ArrayBuffer>, encoding: Record<string, string>) =>
      new Response(request.method === "HEAD" ? null : content, { headers: { ...headers, ...encoding } });
    return lists(request, "accept-encoding", "gzip")
      ? answer(gzipped, { "content-encoding": "gzip" })
      : answer(body, {});
  };
}
