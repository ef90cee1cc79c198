import assert from "node:assert/strict";
import { functionApp } from "../../shared/http.ts";
import { errorField, type LogFields, logLine, startLog } from "../../shared/log.ts";
import { Problem } from "../../shared/problem.ts";

const SECRET = "sb_secret_that_nobody_may_read";

/** An app of each kind of end, and what it logs. */
async function logged(
  path: string,
  init: RequestInit = {},
  level: "info" | "warn" | "error" = "info",
): Promise<{ response: Response; events: LogFields[] }> {
  const app = functionApp("things");
  app.post("/:name", async (c) => {
    await c.req.text();
    c.set("batchId", "a-batch");
    return c.json({});
  });
  app.get("/boom/:name", () => {
    throw new TypeError("cannot be", { cause: new Error("the reason") });
  });
  app.get("/away", () => {
    throw Object.assign(new Error("nobody listens"), { code: "ECONNREFUSED", parameters: [SECRET] });
  });
  app.get("/wrong", () => {
    throw new Problem(400, "invalid-parameter", "t", `current value is ${SECRET}`);
  });
  const events: LogFields[] = [];
  const stop = startLog(level, (_, event) => events.push(JSON.parse(JSON.stringify(event))));
  try {
    return { response: await app.request(`http://localhost/things${path}`, init), events };
  } finally {
    stop();
  }
}

Deno.test("a request is one event, with the pattern of its path, its batch, and nothing that was secret in it", async () => {
  const { response, events } = await logged(`/ENGINE_001?key=${SECRET}`, {
    method: "POST",
    body: SECRET,
    headers: { authorization: `Bearer ${SECRET}`, "x-request-id": "from-the-sender" },
  });
  assert.equal(response.headers.get("x-request-id"), "from-the-sender");
  const [{ time, duration_ms, ...event }, ...others] = events;
  assert.deepEqual(others, []);
  assert.deepEqual(event, {
    level: "info",
    message: "request",
    function: "things",
    method: "POST",
    route: "/things/:name",
    status: 200,
    request_id: "from-the-sender",
    batch_id: "a-batch",
  });
  assert.ok(Math.abs(Date.now() - Date.parse(time as string)) < 60_000);
  assert.ok(typeof duration_ms === "number" && duration_ms >= 0);
  assert.ok(!JSON.stringify(events).includes(SECRET) && !JSON.stringify(events).includes("ENGINE_001"));
});

Deno.test("an identifier comes from the sender, else from Supabase, else from here; one that is none is replaced", async () => {
  const idOf = async (headers: Record<string, string>) =>
    (await logged("/wrong", { headers })).response.headers.get("x-request-id")!;
  assert.equal(await idOf({ "x-request-id": "mine", "sb-request-id": "theirs" }), "mine");
  assert.equal(await idOf({ "sb-request-id": "theirs" }), "theirs");
  for (const unusable of ["x".repeat(201), "two words", "é"]) {
    assert.match(await idOf({ "x-request-id": unusable }), /^[0-9a-f-]{36}$/, unusable);
  }
  assert.notEqual(await idOf({}), await idOf({}));
});

Deno.test("an error that nobody foresaw is logged with its stack and cause, and its caller is told the identifier", async () => {
  const { response, events: [event] } = await logged("/boom/x");
  const body = await response.json();
  assert.deepEqual([response.status, body.type], [500, "urn:spool:problem:internal-error"]);
  assert.equal(body.request_id, response.headers.get("x-request-id"));
  assert.deepEqual([event.level, event.status, event.problem, event.request_id, event.route], [
    "error",
    500,
    "internal-error",
    body.request_id,
    "/things/boom/:name",
  ]);
  const error = event.error as { name: string; message: string; stack: string; cause: { message: string } };
  assert.deepEqual([error.name, error.message, error.cause.message], [
    "TypeError",
    "cannot be",
    "the reason",
  ]);
  assert.match(error.stack, /request_log_test\.ts/);
});

Deno.test("a database that is away is a warning without a stack or parameters, and its caller is told the identifier", async () => {
  const { response, events: [event] } = await logged("/away");
  assert.equal((await response.json()).request_id, response.headers.get("x-request-id"));
  assert.deepEqual([event.level, event.problem], ["warn", "database-unavailable"]);
  assert.deepEqual(event.error, { name: "Error", message: "nobody listens", code: "ECONNREFUSED" });
});

Deno.test("a caller's own mistake is logged by its type alone, and its answer needs no identifier", async () => {
  const { response, events: [event] } = await logged("/wrong");
  assert.equal((await response.json()).request_id, undefined);
  assert.deepEqual([event.level, event.status, event.problem, event.error], [
    "info",
    400,
    "invalid-parameter",
    undefined,
  ]);
  const nothing = await logged("/there/is/nothing");
  assert.deepEqual([nothing.response.status, nothing.events[0].route], [404, undefined]);
  assert.equal(nothing.events[0].problem, "not-found");
});

Deno.test("of a level nothing less is written", async () => {
  assert.equal((await logged("/wrong", {}, "warn")).events.length, 0);
  assert.equal((await logged("/away", {}, "warn")).events.length, 1);
  assert.equal((await logged("/away", {}, "error")).events.length, 0);
  assert.equal((await logged("/boom/x", {}, "error")).events.length, 1);
});

Deno.test("an event as a line for people has the stack below it", () => {
  const error = errorField(new Error("no"), { stack: true });
  const line = logLine({
    time: "2026-01-01T09:30:00.000Z",
    level: "error",
    message: "m",
    status: 500,
    error,
  });
  assert.match(line, /^09:30:00 error m status=500\n {2}Error: no\n {4}at /);
  assert.deepEqual(errorField("text", { stack: true }), { message: "text" });
});
