/** `deno task start` as a person runs it: a process, its port, its output, its signals. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { connect } from "../../shared/database.ts";
import { freePort } from "../../scripts/local/postgres.ts";
import { cmapssFolder } from "../support/cmapss.ts";
import { reading } from "../support/readings.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const KEY = "spool-local-ingest-key";

/** A folder to start in, as a clone is: the system keeps everything in its .spool. */
async function workFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "spool-start-" });
  await Deno.chmod(path, 0o755);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}

function command(cwd: string, args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      "--config",
      join(ROOT, "deno.json"),
      join(ROOT, "scripts", "start.ts"),
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it to its end. */
async function start(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await command(cwd, args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts it and waits until it says that it is up. */
async function running(
  cwd: string,
  ports: { port: number; databasePort: number },
  ...args: readonly string[]
) {
  const { port, databasePort } = ports;
  const child = command(cwd, ["--port", String(port), "--database-port", String(databasePort), ...args])
    .spawn();
  let output = "";
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!output.includes("Ctrl-C stops it")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`It ended before it was up: ${await errors}`);
    output += value;
  }
  return {
    child,
    async end(signal: Deno.Signal) {
      child.kill(signal);
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        output += value;
      }
      await errors;
      return (await child.status).code;
    },
    /** What it has printed so far. */
    output: () => output,
  };
}

function post(port: number, body: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/functions/v1/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Processes whose command line names the folder: whatever was left behind. */
async function leftBehind(folder: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid,args"] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(folder));
}

Deno.test("readings survive a restart, Ctrl-C ends it with 0, and no process is left behind", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };

  for (const expected of [{ accepted: 1, duplicates: 0 }, { accepted: 0, duplicates: 1 }]) {
    const system = await running(folder.path, ports);
    const answer = await (await post(ports.port, reading())).json();
    assert.deepEqual({ accepted: answer.accepted, duplicates: answer.duplicates }, expected);
    assert.equal(await system.end("SIGINT"), 0);
    assert.deepEqual(await leftBehind(folder.path), []);
  }
});

Deno.test("the Data API answers with the rights of the caller's key", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const system = await running(folder.path, ports);
  await (await post(ports.port, reading())).body?.cancel();
  const engines = (headers: HeadersInit) =>
    fetch(`http://127.0.0.1:${ports.port}/rest/v1/engines?select=unit_number`, { headers });

  const secret = await engines({ apikey: "sb_secret_spool_local" });
  assert.deepEqual(await secret.json(), [{ unit_number: "ENGINE_001" }]);
  const publishable = await engines({ apikey: "sb_publishable_spool_local" });
  assert.equal((await publishable.json()).message, "permission denied for table engines");
  const none = await engines({});
  await none.body?.cancel();
  assert.equal(none.status, 401);

  const account = { email: "engineer@example.com", password: "a-long-password" };
  const signUp = await fetch(`http://127.0.0.1:${ports.port}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: "sb_publishable_spool_local", "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  const { access_token } = await signUp.json();
  const user = await engines({
    apikey: "sb_publishable_spool_local",
    authorization: `Bearer ${access_token}`,
  });
  assert.deepEqual(await user.json(), [{ unit_number: "ENGINE_001" }]);

  assert.equal(await system.end("SIGTERM"), 0);
});

Deno.test("after a kill -9 the next start ends the Postgres that was left and goes on with its data", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const killed = await running(folder.path, ports);
  await (await post(ports.port, reading())).body?.cancel();
  await killed.end("SIGKILL");
  assert.equal((await leftBehind(folder.path)).length, 1, "Postgres outlives a parent that is killed");

  const system = await running(folder.path, ports);
  assert.equal((await (await post(ports.port, reading())).json()).duplicates, 1);
  await system.end("SIGKILL");

  const fresh = await start(folder.path, "--once", "--fresh", "--database-port", String(ports.databasePort));
  assert.equal(fresh.code, 0, fresh.stderr);
  assert.match(fresh.stdout, /^No engines yet/m);
  assert.deepEqual(await leftBehind(folder.path), []);
});

Deno.test("when the npx that started it is killed, nothing is left behind", async () => {
  await using folder = await workFolder();
  // what npx is to `start`: an ancestor of that name, which takes a signal for itself alone
  await Deno.writeTextFile(
    join(folder.path, "npx-cli.js"),
    `const [deno, ...args] = process.argv.slice(2);
    require("node:child_process").spawn(deno, args, { stdio: ["ignore", "inherit", "inherit"] });`,
  );
  const start = [
    "run",
    "--quiet",
    "-A",
    "--config",
    join(ROOT, "deno.json"),
    join(ROOT, "scripts", "start.ts"),
  ];
  const ports = ["--port", String(freePort()), "--database-port", String(freePort())];
  const npx = new Deno.Command("node", {
    args: [join(folder.path, "npx-cli.js"), Deno.execPath(), ...start, ...ports],
    cwd: folder.path,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = npx.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let output = ""; !output.includes("Ctrl-C stops it");) {
    const { value, done } = await reader.read();
    assert.equal(done, false, output);
    output += value;
  }
  npx.kill("SIGTERM");
  await npx.status;
  await reader.cancel();
  let left = await leftBehind(folder.path);
  for (let waited = 0; left.length > 0 && waited < 20_000; waited += 200) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    left = await leftBehind(folder.path);
  }
  for (const line of left) Deno.kill(Number.parseInt(line), "SIGKILL"); // or a failure would leave them
  assert.deepEqual(left, []);
});

Deno.test("a taken port is one line and exit code 1", async () => {
  await using folder = await workFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const option of ["--port", "--database-port"]) {
    const { code, stdout, stderr } = await start(folder.path, "--once", option, String(listener.addr.port));
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.equal(
      stderr,
      `Cannot start as port ${listener.addr.port} must be free: stop what uses it, or choose another with ${option}\n`,
    );
  }
});

Deno.test("the same port twice is one line and exit code 1", async () => {
  await using folder = await workFolder();
  const port = String(freePort());
  const { code, stderr } = await start(folder.path, "--once", "--port", port, "--database-port", port);
  assert.equal(code, 1);
  assert.equal(stderr, `Cannot start as --port and --database-port must differ: both are ${port}\n`);
});

Deno.test("a second start on the same folder is one line and exit code 1, and the first goes on", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const system = await running(folder.path, ports);

  const { code, stderr } = await start(folder.path, "--once");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Cannot start as \S+\.spool must not be in use: another deno task start runs on it\n$/,
  );

  assert.equal((await post(ports.port, reading())).status, 200);
  await system.end("SIGINT");
});

Deno.test("a damaged data folder is one line and exit code 1, and --fresh begins anew", async () => {
  await using folder = await workFolder();
  assert.equal((await start(folder.path, "--once")).code, 0);
  await Deno.remove(join(folder.path, ".spool", "postgres", "global", "pg_control"));

  const damaged = await start(folder.path, "--once");
  assert.equal(damaged.code, 1);
  assert.match(
    damaged.stderr,
    /^Cannot start Postgres on [^\n]+ deno task start --fresh begins with an empty database\n$/,
  );

  assert.equal((await start(folder.path, "--once", "--fresh")).code, 0);
});

Deno.test("wrong usage is exit code 2 and says how it is used", async () => {
  await using folder = await workFolder();
  for (const args of [["--nonsense"], ["--port", "none"], ["--port", "70000"], ["argument"]]) {
    const { code, stderr } = await start(folder.path, ...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /Usage: deno task start/);
  }
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("a path of data that does not exist is one line and exit code 1", async () => {
  await using folder = await workFolder();
  const { code, stderr } = await start(folder.path, "--once", "--data", "nowhere");
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot [^\n]*nowhere[^\n]*\n$/);
});

Deno.test({
  name: "root can start in a folder that nobody else can reach",
  ignore: process.getuid?.() !== 0,
  async fn() {
    await using folder = await workFolder();
    await Deno.chmod(folder.path, 0o700);
    for (const fresh of [false, true]) {
      const { code, stderr } = await start(folder.path, "--once", ...(fresh ? ["--fresh"] : []));
      assert.equal(code, 0, stderr);
    }
    await Deno.remove(await Deno.realPath(join(folder.path, ".spool", "postgres")), { recursive: true });
  },
});

Deno.test({
  name: "--once --data loads the real FD001 until now, prints the checks and what is there, and ends with 0",
  ignore: cmapssFolder === undefined,
  async fn() {
    await using folder = await workFolder();
    const { code, stdout, stderr } = await start(folder.path, "--once", "--data", cmapssFolder!);
    assert.equal(code, 0, stdout + stderr);
    const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
    assert.match(stdout, new RegExp(`FD001 train +100 +20,631 +128–362 +${day(361)} +${day(0)}`));
    assert.match(stdout, new RegExp(`FD001 test +100 +13,096 +31–303 +${day(302)} +${day(0)}`));
    assert.match(stdout, /^completeness +pass +1 +at least 0\.98 +3,100/m);
    assert.match(stdout, /^range +pass +1 +at least 1 +6,200 +17 columns$/m);
    assert.match(stdout, /^degradation +warning +0\.\d+ +at most 0\.5 .* FD001_TEST_\d+, .*, … \(\d+\)$/m);
    assert.match(stdout, /^Checks of .* UTC: \d+ passed, \d+ warned, 0 failed, \d+ not evaluated\.$/m);

    const again = await start(folder.path, "--once", "--data", cmapssFolder!, "--json");
    assert.equal(again.code, 0, again.stderr);
    const { summary, checks } = JSON.parse(again.stdout);
    assert.equal(summary.intake[0].duplicates, 33_727);
    assert.equal(checks.run.failed, 0);
    assert.equal(checks.checks.length, checks.run.passed + checks.run.warned + checks.run.not_evaluated);
  },
});

Deno.test("--once ends with 3 when a check has failed, and says which", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const system = await running(folder.path, ports);
  await (await post(ports.port, reading({ timestamp: new Date().toISOString(), s2: 12 }))).body?.cancel();
  assert.equal(await system.end("SIGTERM"), 0);

  const { code, stdout } = await start(folder.path, "--once");
  assert.equal(code, 3, stdout);
  assert.match(stdout, /^range s2 +fail +0 +at least 1 +1 +1 values; ENGINE_001$/m);
  assert.match(stdout, /^range +pass +1 +at least 1 +1 +16 columns$/m);
  assert.match(stdout, /^volume +not evaluated +– /m);
});

Deno.test("--kinesis --once ends with as many readings in the database as the fleet has put on the stream", async () => {
  await using folder = await workFolder();
  const { code, stdout } = await start(folder.path, "--kinesis", "--once", "--json");
  const { stream, summary, checks } = JSON.parse(stdout);
  const { sent, delivered, stored } = stream;
  assert.deepEqual({ sent, stored }, { sent: 2000, stored: 2000 });
  assert.ok(delivered >= sent);
  assert.equal(summary.intake.length, 1);
  assert.equal(summary.intake[0].source, "kinesis");
  assert.equal(code, checks.run.failed > 0 ? 3 : 0);
  // an engine that has failed and was replaced is out of service, and not silent
  const { status } = checks.checks.find((
    { metric_name, unit_number }: { metric_name: string; unit_number: string | null },
  ) => metric_name === "completeness" && unit_number === null);
  assert.equal(status, "pass");
});

Deno.test("--kinesis shows the readings of a fleet arriving, and Ctrl-C lands it with nothing left on the stream", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const system = await running(folder.path, ports, "--kinesis", "--kinesis-port", String(freePort()));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.equal(await system.end("SIGINT"), 0);
  const [, sent, stored] =
    /Stream spool: (\d+) readings of 20 engines sent .* delivered, (\d+) readings stored/
      .exec(system.output())!;
  assert.ok(Number(sent) > 0);
  assert.equal(stored, sent);
});

Deno.test("the function quality answers behind the gateway, with the rights of the caller's key", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const system = await running(folder.path, ports);
  await (await post(ports.port, reading())).body?.cancel();
  const url = `http://127.0.0.1:${ports.port}/functions/v1/quality`;
  const run = await fetch(`${url}/run`, { method: "POST", headers: { authorization: `Bearer ${KEY}` } });
  assert.equal(run.status, 200);
  const { checks } = await run.json();
  const summary = await (await fetch(`${url}/summary`, { headers: { apikey: "sb_secret_spool_local" } }))
    .json();
  const names = (rows: { metric_name: string }[]) => [...new Set(rows.map((row) => row.metric_name))].sort();
  assert.deepEqual(names(summary.checks), names(checks));
  const stranger = await fetch(`${url}/summary`, { headers: { apikey: "sb_publishable_spool_local" } });
  await stranger.body?.cancel();
  assert.equal(stranger.status, 403);
  assert.equal(await system.end("SIGTERM"), 0);
});

Deno.test("the local database can be reached with the printed address", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  const system = await running(folder.path, ports);
  const sql = connect(`postgres://postgres:postgres@127.0.0.1:${ports.databasePort}/postgres`, 1);
  assert.equal((await sql`select name from jobs where name = 'spool-partitions'`).length, 1);
  await sql.end();
  await system.end("SIGINT");
});

Deno.test("the job that wakes the worker finds its address and key, and the worker answers", async () => {
  await using folder = await workFolder();
  const ports = { port: freePort(), databasePort: freePort() };
  for (let start = 0; start < 2; start++) { // the second one finds the secrets of the first
    const system = await running(folder.path, ports);
    const sql = connect(`postgres://postgres:postgres@127.0.0.1:${ports.databasePort}/postgres`, 1);
    const secrets = await sql`select name, decrypted_secret from vault.decrypted_secrets order by name`;
    await sql.end();
    assert.deepEqual(secrets.map(({ name }) => name), ["spool_worker_key", "spool_worker_url"]);
    const [key, url] = secrets.map(({ decrypted_secret }) => decrypted_secret);
    const answer = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${key}` } });
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(await answer.json()), ["tasks", "alerts", "lineage"]);
    const stranger = await fetch(url, { method: "POST" });
    await stranger.body?.cancel();
    assert.equal(stranger.status, 401);
    assert.equal(await system.end("SIGINT"), 0);
  }
});
