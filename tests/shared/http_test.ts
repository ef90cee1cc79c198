/** What every function's app does the same way: pages of other origins. */

import assert from "node:assert/strict";
import { functionApp, requireKey } from "../../shared/http.ts";
import { KeyRing } from "../../shared/keys.ts";

const ORIGIN = { origin: "https://dashboard.example.com" };

function app() {
  const app = functionApp("quality");
  app.get("/summary", (c) => c.json({}));
  app.post("/run", requireKey(new KeyRing(["a-key-of-the-tests"])), (c) => c.json({}));
  return app;
}

Deno.test("a browser may send what supabase-js and the dashboard send, from any origin, and needs no key to ask", async () => {
  const answer = await app().request("/quality/run", {
    method: "OPTIONS",
    headers: {
      ...ORIGIN,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.equal(answer.headers.get("access-control-allow-methods"), "GET,POST");
  assert.deepEqual(answer.headers.get("access-control-allow-headers")?.split(",").sort(), [
    "apikey",
    "authorization",
    "content-encoding",
    "content-type",
    "x-client-info",
    "x-request-id",
  ]);
  // without it a browser that sent cookies would be let in with somebody else's rights
  assert.equal(answer.headers.get("access-control-allow-credentials"), null);
});

Deno.test("answers and problems alike can be read from any origin", async () => {
  const asked = [
    ["/quality/summary", "GET", 200],
    ["/quality/run", "POST", 401],
    ["/quality/nothing", "GET", 404],
  ] as const;
  for (const [path, method, status] of asked) {
    const answer = await app().request(path, { method, headers: ORIGIN });
    assert.equal(answer.status, status, path);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", path);
    assert.equal(answer.headers.get("access-control-expose-headers"), "retry-after,x-request-id", path);
  }
});
