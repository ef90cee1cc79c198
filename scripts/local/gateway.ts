/** One port for everything, with the paths that a Supabase project has. */

import type { ServeDashboard } from "./dashboard.ts";

/** Who answers which paths. */
export interface Routes {
  /** Apps of edge functions by name; each is called as Supabase calls it, with its name as the first path segment. */
  readonly functions: Readonly<Record<string, (request: Request) => Response | Promise<Response>>>;
  /** Answers /rest/v1 and /auth/v1. */
  readonly dataApi: (request: Request, peerAddress: string) => Promise<Response>;
  /** Answers of single paths: `/reference`. */
  readonly pages?: Readonly<Record<string, () => Response>>;
  /** Answers `/` and what its page asks for. */
  readonly dashboard: ServeDashboard;
}

const FUNCTIONS_PREFIX = "/functions/v1";

/** Routes one request. */
export async function route(routes: Routes, request: Request, peerAddress: string): Promise<Response> {
  const url = new URL(request.url);
  if (/^\/(rest|auth)\/v1(\/|$)/.test(url.pathname)) return await routes.dataApi(request, peerAddress);
  const name = /^\/functions\/v1\/([^/]+)/.exec(url.pathname)?.[1];
  if (name !== undefined && Object.hasOwn(routes.functions, name)) {
    url.pathname = url.pathname.slice(FUNCTIONS_PREFIX.length);
    return await routes.functions[name](new Request(url, request));
  }
  const page = routes.pages?.[url.pathname];
  if (page !== undefined) return page();
  const file = routes.dashboard(request);
  if (file !== undefined) return file;
  const paths = [
    "/",
    ...Object.keys(routes.pages ?? {}),
    ...Object.keys(routes.functions).map((name) => `${FUNCTIONS_PREFIX}/${name}`),
    "/rest/v1",
    "/auth/v1",
  ];
  return Response.json({ name: "spool", paths }, { status: 404 });
}
