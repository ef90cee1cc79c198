/** The README's examples, run as they are written. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { startSystem } from "../scripts/local/system.ts";
import { freePort } from "../scripts/local/postgres.ts";

const README = await Deno.readTextFile(join(import.meta.dirname!, "..", "README.md"));

/** Each `sh` block that is followed by a block with what it prints. */
function examples(): { command: string; answer: string }[] {
  const found = README.matchAll(/```sh\n(curl[\s\S]*?)```\n\n```text\n([\s\S]*?)\n```/g);
  return [...found].map(([, command, answer]) => ({ command, answer }));
}

Deno.test("the curl examples of the README give the printed answers", async () => {
  const home = await Deno.makeTempDir({ prefix: "spool-readme-" });
  await Deno.chmod(home, 0o755);
  const system = await startSystem({ home, port: freePort(), databasePort: freePort(), fresh: false });
  try {
    assert.equal(examples().length, README.match(/^curl /gm)!.length, "each curl example has its answer");
    for (const { command, answer } of examples()) {
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", command.replaceAll("http://127.0.0.1:54321", system.url)],
      }).output();
      const given = new TextDecoder().decode(stdout)
        .replace(/"batch_id":"[0-9a-f-]{36}"/, '"batch_id":"…"')
        .replace(/"timestamp":\d+/, '"timestamp":…');
      assert.equal(given, answer);
    }
  } finally {
    await system.stop();
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("the tasks of the README exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(import.meta.dirname!, "..", "deno.json")));
  for (const [, name] of README.matchAll(/(?:deno@[\d.]+|deno) task ([a-z:-]+)/g)) {
    assert.ok(name in tasks, `deno task ${name}`);
  }
});
