import assert from "node:assert/strict";
import { route } from "../../../scripts/local/gateway.ts";
import { REFERENCE_PAGES } from "../../../scripts/reference/pages.ts";

const routes = {
  functions: { quality: () => new Response("quality") },
  dataApi: () => Promise.resolve(new Response("data")),
  pages: REFERENCE_PAGES,
  dashboard: () => undefined,
};

const get = (path: string) => route(routes, new Request(`http://127.0.0.1:54321${path}`), "127.0.0.1");

Deno.test("the reference is served beside the functions, as the files that are committed", async () => {
  const folder = new URL("../../../docs/reference/", import.meta.url);
  const page = await get("/reference");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(await page.text(), await Deno.readTextFile(new URL("index.html", folder)));
  const document = await (await get("/reference/openapi.json")).json();
  assert.deepEqual(document, JSON.parse(await Deno.readTextFile(new URL("openapi.json", folder))));
  assert.equal((await get("/reference/nothing")).status, 404);
  assert.equal(await (await get("/functions/v1/quality/summary")).text(), "quality");
});
