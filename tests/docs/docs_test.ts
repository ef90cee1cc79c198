/** What docs/ tells its readers to do, done: every command and every statement, in the order of each document. */

import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { connect } from "../../shared/database.ts";
import { freePort } from "../../scripts/local/postgres.ts";
import { startSystem, type System } from "../../scripts/local/system.ts";
import { type Block, blocksOf, looksLike, taskCalls } from "../support/document.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const DOCS = join(ROOT, "docs");

/** What the commands of a document need of a checkout. */
const CHECKOUT = ["deno.json", "deno.lock", "functions", "scripts", "shared", "sql", "supabase"];

/** Changes the code of the checkout, so it comes after the documents that use the code as it is. */
const LAST = join(DOCS, "guides", "add-a-sensor.md");

async function documents(folder = DOCS): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    // decisions are history; the reference and its commands are generated
    if (isDirectory && !["decisions", "reference"].includes(name)) {
      found.push(...await documents(join(folder, name)));
    } else if (name.endsWith(".md")) found.push(join(folder, name));
  }
  return found.sort();
}

/** A folder in which commands run as in a fresh clone, with `npx` being the Deno that runs this test. */
async function checkout(): Promise<{ folder: string; path: string }> {
  const folder = await Deno.makeTempDir({ prefix: "spool-docs-" });
  await Deno.chmod(folder, 0o755); // as root, Postgres runs as another user
  const { success } = await new Deno.Command("cp", { args: ["-r", ...CHECKOUT, folder], cwd: ROOT }).output();
  assert.ok(success);
  await Deno.symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await Deno.mkdir(join(folder, "bin"));
  await Deno.writeTextFile(
    join(folder, "bin", "npx"),
    `#!/bin/sh\nshift 2\nexec '${Deno.execPath()}' "$@"\n`, // npx -y deno@2.9.6 …
    { mode: 0o755 },
  );
  return { folder, path: `${join(folder, "bin")}:${Deno.env.get("PATH")}` };
}

/** What a document's reader has: the system that `deno task start` runs, and a shell in the folder of the clone. */
interface Reader {
  readonly system: System;
  readonly folder: string;
  readonly path: string;
}

async function shell({ system, folder, path }: Reader, command: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", command.replaceAll("http://127.0.0.1:54321", system.url)],
    cwd: folder,
    env: { PATH: path, DATABASE_URL: system.databaseUrl, SUPABASE_URL: system.url, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.ok(success, `${command}\n${text.decode(stderr)}${text.decode(stdout)}`);
  return text.decode(stdout);
}

async function run(reader: Reader, block: Block, printed: string | undefined): Promise<void> {
  if (block.language === "sql") {
    const sql = connect(reader.system.databaseUrl, 1);
    try {
      const results = await sql.unsafe(block.text);
      const last = Array.isArray(results[0]) ? results.at(-1) as unknown as unknown[] : results;
      const statement = block.text.trim().split(/;\s*\n/).at(-1)!;
      if (/^(select|with)\b/.test(statement)) assert.notEqual(last.length, 0, "a select shows nothing");
    } finally {
      await sql.end();
    }
  } else if (!taskCalls(block.text).some(({ task }) => task === "start")) { // it runs already
    const output = await shell(reader, block.text);
    if (printed !== undefined) {
      assert.ok(looksLike(output, printed), `printed\n${output}\ninstead of\n${printed}`);
    }
  }
}

Deno.test("every command and statement of docs/ works as written", async (t) => {
  const { folder, path } = await checkout();
  const home = join(folder, ".spool");
  const system = await startSystem({ home, port: freePort(), databasePort: freePort(), fresh: false });
  try {
    const files = await documents();
    for (const file of [...files.filter((file) => file !== LAST), LAST]) {
      const blocks = blocksOf(await Deno.readTextFile(file));
      if (!blocks.some(({ language }) => language === "sh" || language === "sql")) continue;
      await t.step(relative(ROOT, file), async () => {
        for (const [index, block] of blocks.entries()) {
          if (block.language !== "sh" && block.language !== "sql") continue;
          const next = blocks[index + 1];
          try {
            await run({ system, folder, path }, block, next?.language === "text" ? next.text : undefined);
          } catch (error) {
            throw new Error(`${relative(ROOT, file)}:${block.line}: ${(error as Error).message}`, {
              cause: error,
            });
          }
        }
      });
    }
  } finally {
    await system.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the tasks and options in docs/ and the README exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json"))) as {
    tasks: Record<string, { command: string }>;
  };
  const options = new Map<string, Promise<Set<string>>>();
  const optionsOf = async (task: string): Promise<Set<string>> => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "-q", task, "--help"],
      cwd: ROOT,
    })
      .output();
    return new Set([...new TextDecoder().decode(stdout).matchAll(/--[a-z-]+/g)].map(([option]) => option));
  };
  for (const file of [join(ROOT, "README.md"), ...await documents()]) {
    const calls = blocksOf(await Deno.readTextFile(file)).flatMap(({ text }) => taskCalls(text));
    for (const { task, options: given } of calls) {
      assert.ok(task in tasks, `${relative(ROOT, file)} names deno task ${task}`);
      if (given.length === 0) continue;
      if (!options.has(task)) options.set(task, optionsOf(task));
      const known = await options.get(task)!;
      for (const option of given) {
        assert.ok(known.has(option), `${relative(ROOT, file)} gives deno task ${task} the option ${option}`);
      }
    }
  }
});

/** What can be the kind of an alert: the checks, and what the functions that observe say themselves. */
async function alertKinds(): Promise<Set<string>> {
  const kinds = new Set<string>();
  for (const folder of ["54_checks", "55_alerts", "62_anomalies", "65_pipeline", "72_lake", "75_tracing"]) {
    for await (const { name } of Deno.readDir(join(ROOT, "sql", folder))) {
      const text = await Deno.readTextFile(join(ROOT, "sql", folder, name));
      if (!text.includes("observe_alerts(")) continue;
      // as a column of observations, or as a member of one
      const said = text.includes("'kind', '")
        ? text.matchAll(/'kind', '([a-z_]+)'/g)
        : text.matchAll(/select\s+'([a-z_]+)'(?: as kind)?,/g);
      for (const [, kind] of said) kinds.add(kind);
    }
  }
  const runs = await Deno.readTextFile(join(ROOT, "sql", "54_checks", "run_checks.sql"));
  const [, list] = /names constant text\[\] := array\[([^\]]*)\]/.exec(runs)!;
  for (const [, name] of list.matchAll(/'([a-z_]+)'/g)) kinds.add(name);
  kinds.delete("copies"); // never warns
  return kinds;
}

Deno.test("docs/operations.md says of each kind of alert what to do", async () => {
  const text = await Deno.readTextFile(join(DOCS, "operations.md"));
  const section = text.slice(
    text.indexOf("## When an alert fires"),
    text.indexOf("## When something is lost"),
  );
  const documented = [...section.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind);
  assert.deepEqual(documented.toSorted(), [...await alertKinds()].sort());
});

Deno.test("the links between documents lead somewhere", async () => {
  for (const file of [join(ROOT, "README.md"), ...await documents()]) {
    for (
      const [, target] of (await Deno.readTextFile(file)).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)
    ) {
      await assert.doesNotReject(
        Deno.stat(join(file, "..", target)),
        `${relative(ROOT, file)} links to ${target}`,
      );
    }
  }
});
