import assert from "node:assert/strict";
import { allTasks } from "../../../scripts/reference/all_tasks.ts";
import { environmentPage, readExample } from "../../../scripts/reference/environment_page.ts";
import { referenceFiles, staleFiles } from "../../../scripts/reference/files.ts";
import { applySchema } from "../../../scripts/database/schema.ts";
import { applyPlatform } from "../../../scripts/local/platform.ts";
import { PROBLEM_KINDS } from "../../../shared/problem.ts";
import { VARIABLES } from "../../../shared/config.ts";
import { FUNCTIONS, RELATIONS } from "../../support/role_matrix.ts";
import { hasPostgres15, testDatabase } from "../../support/database.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Text of a file of the project. */
const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

Deno.test("the committed reference is what the code and the database say, on both versions of Postgres", async () => {
  const tasks = await allTasks();
  // deno task check builds it on 17; in the template of the tests, columns that came later come last
  await using db = await testDatabase({ version: hasPostgres15 ? 15 : 17, empty: true });
  await applyPlatform(db.sql);
  await applySchema(db.sql);
  const files = await referenceFiles(db.url, tasks);
  assert.deepEqual(await staleFiles(files), [], "deno task docs writes them");
  const changed = { ...files, "http.md": files["http.md"].replace("ENGINE_001", "ENGINE_002") };
  assert.deepEqual(await staleFiles(changed), ["http.md"]);
  const { "http.md": _, ...fewer } = files;
  assert.deepEqual(await staleFiles(fewer), ["http.md"]);
});

Deno.test("every table, view and function that somebody may use is described with a comment", async () => {
  const text = await read("docs/reference/sql.md");
  const parts = new Map(text.split(/^### /m).slice(1).map((part) => [part.split("\n")[0], part]));
  for (const name of Object.keys(RELATIONS)) {
    assert.match(parts.get(name) ?? "", /^\*(table|view); \w+.*\* \w/m, name);
  }
  for (const [name, callers] of Object.entries(FUNCTIONS)) {
    assert.ok(parts.get(`${name}()`)?.includes(`*${callers.join(", ")}.*`), `${name} ${callers}`);
  }
  for (const part of parts.values()) assert.doesNotMatch(part, /^\| `\w+` .*\| {2}\|$/m, part.split("\n")[0]);
});

Deno.test("every type of problem is documented, and each is one that the code makes", async () => {
  const text = await read("docs/reference/problems.md");
  const code = await new Deno.Command("grep", {
    args: ["-rhoE", "--include=*.ts", '"[a-z-]+"[],]', "shared", "functions"],
    cwd: ROOT,
  }).output();
  const made = new TextDecoder().decode(code.stdout);
  for (const type of Object.keys(PROBLEM_KINDS)) {
    assert.ok(text.includes(`## ${type}\n`), type);
    assert.match(made, new RegExp(`"${type}"[,\\]]`), `nothing makes the problem ${type}`);
  }
});

Deno.test("a variable is documented with its comment, and one that is in one place only is an error", async () => {
  const example = await read(".env.example");
  assert.deepEqual(readExample("what it is\n\n# One\n# line\nA=1\nB=\n\n# Two\nC=\n"), [
    { name: "A", text: "One line", value: "1" },
    { name: "B", text: "One line", value: "" },
    { name: "C", text: "Two", value: "" },
  ]);
  const page = environmentPage(example);
  for (const name of Object.keys(VARIABLES)) assert.ok(page.includes(`| \`${name}\` | `), name);
  assert.throws(() => environmentPage(example.replace("LAKE_URL=", "LAKE=")), /Cannot document LAKE_URL/);
  assert.throws(() => environmentPage(`${example}\n# New\nNEW_ONE=\n`), /Cannot document NEW_ONE/);
});

Deno.test("the page of the reference asks no other host, and has every operation", async () => {
  const page = await read("docs/reference/index.html");
  assert.doesNotMatch(page, /<(script|link|img|iframe)[^>]+(src|href)=|@import|url\(/);
  const { paths } = JSON.parse(await read("docs/reference/openapi.json"));
  // deno-lint-ignore no-explicit-any
  for (const item of Object.values<any>(paths)) {
    // deno-lint-ignore no-explicit-any
    for (const { operationId } of Object.values<any>(item)) assert.ok(page.includes(`id="${operationId}"`));
  }
});
