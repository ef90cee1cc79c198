import assert from "node:assert/strict";
import { allTasks } from "../../scripts/reference/all_tasks.ts";
import { startCommand } from "../support/command_process.ts";

/** What a shell prints. */
async function shell(
  program: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: ["-c", script],
    stdin: "null",
    env: { TERM: "dumb", ...env },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, text + new TextDecoder().decode(stderr));
  return text;
}

function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

async function written(name: string): Promise<string> {
  const { code, stdout, stderr } = await startCommand("completions", [name]).result;
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Loads the script into bash, and completes each line as bash does. */
async function completedByBash(completion: string, lines: readonly string[]): Promise<string[][]> {
  const ask = `
    try() {
      COMP_LINE=$1; COMP_POINT=\${#1}; COMPREPLY=()
      local spec; spec=$(complete -p deno); local name=\${spec##*-F }; \${name%% *}
      echo "\${COMPREPLY[*]}"
    }
    ${lines.map((line) => `try '${line}'`).join("\n")}`;
  const text = await shell("bash", `${completion}\n${ask}`);
  return text.trimEnd().split("\n").map((line) => line.split(" ").filter(Boolean));
}

Deno.test("bash completes tasks, also behind a colon, their options, and what these may be", async () => {
  const names = (await allTasks()).map(({ name }) => name);
  const [all, some, colon, options, option, values, actions, file, other] = await completedByBash(
    await written("bash"),
    [
      "deno task ",
      "deno task de",
      "deno task db:mig",
      "deno task backup --",
      "deno task simulate --en",
      "deno task simulate --target ",
      "deno task dead-letters ",
      "deno task load --cache ",
      "deno run ",
    ],
  );
  assert.deepEqual(all, names);
  assert.deepEqual(some, ["deliver", "dead-letters"]);
  assert.deepEqual(colon, ["migrate", "migration"]); // db: is on the line already
  assert.deepEqual(options, ["--date", "--keep", "--database", "--lake", "--json", "--help"]);
  assert.deepEqual(option, ["--engines"]);
  assert.deepEqual(values, ["ingest", "kinesis", "file", "stdout"]);
  assert.deepEqual(actions, ["list", "replay"]);
  assert.deepEqual(file ?? [], []); // left to bash's own completion of files
  assert.deepEqual(other ?? [], []);
});

Deno.test({
  name: "zsh loads its completions and knows every task",
  ignore: !isInstalled("zsh"),
  async fn() {
    const text = await shell(
      "zsh",
      `autoload -Uz compinit; compinit -u -D; ${await written("zsh")}
      _describe() { print -rl -- "\${(@P)2}" }
      words=(deno task ""); CURRENT=3; _spool_deno_task
      compadd() { shift; print -- "$@" }
      words=(deno task simulate --target ""); CURRENT=5; _spool_deno_task`,
    );
    assert.match(text, /^db\\:migrate:/m);
    assert.match(text, /^ingest kinesis file stdout$/m);
  },
});

Deno.test({
  name: "fish completes tasks, options and what these may be",
  ignore: !isInstalled("fish"),
  async fn() {
    const home = await Deno.makeTempDir({ prefix: "spool-fish-" });
    await Deno.mkdir(`${home}/fish/completions`, { recursive: true });
    await Deno.writeTextFile(`${home}/fish/completions/deno.fish`, await written("fish"));
    const text = await shell(
      "fish",
      `complete -C 'deno ta'; echo; complete -C 'deno task de'; echo; complete -C 'deno task db:migrate --dr'; echo; complete -C 'deno task simulate --target '; echo; complete -C 'deno task dead-letters '`,
      { XDG_CONFIG_HOME: home },
    );
    await Deno.remove(home, { recursive: true });
    const words = text.split("\n").map((line) => line.split("\t")[0]);
    for (
      const word of ["task", "deliver", "dead-letters", "--dry-run", "ingest", "stdout", "list", "replay"]
    ) {
      assert.ok(words.includes(word), `${word} in ${text}`);
    }
  },
});
