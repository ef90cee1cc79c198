/** The reference as `deno task start` serves it; docs/reference has the same as files. */

import { allOpenapi } from "../../functions/catalog/all_openapi.ts";
import { htmlPage } from "./html_page.ts";

const HTML = { "content-type": "text/html; charset=utf-8" };

/** Answers by path. */
export const REFERENCE_PAGES: Readonly<Record<string, () => Response>> = {
  "/reference": () => new Response(htmlPage(allOpenapi()), { headers: HTML }),
  "/reference/openapi.json": () => Response.json(allOpenapi()),
};
