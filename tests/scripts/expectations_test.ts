/** `deno task expectations`, as people run it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { testDatabase } from "../support/database.ts";

const ROOT = join(import.meta.dirname!, "../..");

async function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", join(ROOT, "scripts/expectations.ts"), ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("rules are listed, as a table and as JSON, all or those of one dataset", async () => {
  await using db = await testDatabase();
  await db.sql`update expectations set active = false where dataset = 'FD001' and column_name = 's2'`;
  const { code, stdout, stderr } = await command("list", "--dataset", "FD001", "--database", db.url);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ *\d+ +FD001 +range +s11 +46 +49\.5 +1 +fail +1 +sea level/m);
  assert.match(stdout, /^ *\d+ +FD001 +range +s2 +635 +650 +1 +off +2 +sea level/m);
  assert.doesNotMatch(stdout, /FD002/);
  const { expectations } = JSON.parse((await command("list", "--json", "--database", db.url)).stdout);
  assert.equal(expectations.length, (await db.sql`select from expectations`).length);
});

Deno.test("a suite goes to a file and comes back; what it cannot say is an exit code and a line", async () => {
  await using db = await testDatabase();
  const folder = await Deno.makeTempDir({ prefix: "spool-expectations-" });
  try {
    const file = join(folder, "FD001.json");
    const on = ["--database", db.url];
    assert.deepEqual(await command("export", file, "--dataset", "FD001", ...on), {
      code: 0,
      stdout: "",
      stderr: "",
    });
    const text = await Deno.readTextFile(file);
    assert.equal((await command("export", "--dataset", "FD001", ...on)).stdout, text);
    assert.equal(
      (await command("import", file, "--replace", ...on)).stdout,
      "FD001: 0 imported, 22 unchanged, 0 deleted, 0 skipped\n",
    );
    // as the rules of another dataset
    const copied = await command("import", file, "--dataset", "FD070", "--json", ...on);
    assert.deepEqual(JSON.parse(copied.stdout), {
      dataset: "FD070",
      imported: 22,
      unchanged: 0,
      deleted: 0,
      skipped: [],
    });

    await Deno.writeTextFile(file, '{"name": "FD071", "expectations": [{"type": "expect_it"}]}');
    const { code, stdout } = await command("import", file, ...on);
    assert.deepEqual([code, stdout], [
      3,
      "FD071: 0 imported, 0 unchanged, 0 deleted, 1 skipped\nSkipped 0, expect_it: there is no rule of this type\n",
    ]);
    for (
      const [content, message] of [["null", /^Cannot import suite as/], [
        "{",
        /^Cannot import .* as it must be JSON/,
      ]] as const
    ) {
      await Deno.writeTextFile(file, content);
      const refused = await command("import", file, "--dataset", "FD071", ...on);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, message);
    }
    assert.match(
      (await command("import", join(folder, "none.json"), ...on)).stderr,
      /^Cannot read .*none\.json as it must be a file that can be read: /,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("wrong usage of expectations ends with 2", async () => {
  const cases = [["burn"], [], ["list", "a.json"], ["import"], ["export", "a.json", "b.json"], [
    "list",
    "--replace",
  ]];
  await Promise.all(
    cases.map(async (args) => assert.equal((await command(...args)).code, 2, args.join(" "))),
  );
});
