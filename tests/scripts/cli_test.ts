import assert from "node:assert/strict";
import { allTasks } from "../../scripts/reference/all_tasks.ts";
import { helpText } from "../../scripts/cli.ts";
import { startCommand } from "../support/command_process.ts";
import { onTerminal } from "../support/terminal.ts";

const ESCAPE = "\x1b[";

/** Tasks that hand their arguments on, or have none. */
const WITHOUT_HELP = ["check", "test"];

Deno.test("the help of every task has the same parts, fits into 80 columns and names its own task", async () => {
  const tasks = await allTasks();
  const without = tasks.filter(({ task }) => task === undefined).map(({ name }) => name);
  assert.deepEqual(without.sort(), WITHOUT_HELP);
  for (const { name, task } of tasks) {
    if (task === undefined) continue;
    const { command } = task;
    const text = helpText(command, 80);
    const headings = [...text.matchAll(/^(Usage|Options|Examples|Exit codes):/gm)].map(([, heading]) =>
      heading
    );
    assert.deepEqual(headings, ["Usage", "Options", "Examples", "Exit codes"], name);
    assert.match(command.usage, new RegExp(`^deno task ${name}( |$)`), name);
    assert.ok(
      command.examples.length > 0 && command.examples.every(([line]) => line.includes(`deno task ${name}`)),
      name,
    );
    const [summary, , options] = text.split(/\n(?=Usage:|Options:|Examples:)/);
    for (const line of `${summary}\n${options}`.split("\n")) {
      assert.ok(line.length <= 80 || !line.trim().includes("  "), `${name}: ${line}`);
    }
    assert.ok("json" in command.options, `${name} has no --json`);
    for (const line of command.usage.matchAll(/--([a-z-]+)/g)) {
      assert.ok(line[1] in command.options, `${name} ${line[0]}`);
    }
    for (const [line] of command.examples) {
      for (const [, option] of line.matchAll(/ --([a-z-]+)/g)) assert.ok(option in command.options, line);
    }
  }
});

Deno.test("what is not known is answered with what may have been meant, and with 2", async () => {
  const cases: [command: string, args: string[], message: string][] = [
    ["simulate", ["--engine", "3"], "Unknown option '--engine'. Did you mean --engines?"],
    [
      "dead_letters",
      ["lsit"],
      "Unexpected argument 'lsit' as it must be one of list, replay. Did you mean list?",
    ],
    ["dead_letters", ["xyzzy"], "Unexpected argument 'xyzzy' as it must be one of list, replay"],
    ["dead_letters", [], "An argument is missing: one of list, replay"],
    ["db_migrate", ["dry-run"], "Unexpected argument 'dry-run'. Did you mean --dry-run?"],
    ["db_migrate", ["--nonsense"], "Unknown option '--nonsense'"],
  ];
  for (const [command, args, message] of cases) {
    const { code, stdout, stderr } = await startCommand(command, args).result;
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    const [first, usage, more] = stderr.split("\n");
    assert.equal(first, message);
    assert.match(usage, /^Usage: deno task /);
    assert.match(more, /^More: deno task [a-z:-]+ --help$/);
  }
});

Deno.test("a terminal is shown colours; NO_COLOR, a dumb terminal, a pipe and a file are not", async () => {
  const help = "deno run --quiet -A scripts/db_migrate.ts --help";
  const wrong = "deno run --quiet -A scripts/db_migrate.ts --wrong";
  assert.ok((await onTerminal(help)).text.includes(`${ESCAPE}1mUsage:${ESCAPE}22m`));
  const { text, code } = await onTerminal(wrong);
  assert.equal(code, 2);
  assert.ok(text.includes(`${ESCAPE}31mUnknown option '--wrong'${ESCAPE}39m`), text);
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }] as Record<string, string>[]) {
    assert.ok(!(await onTerminal(help, { env })).text.includes(ESCAPE), JSON.stringify(env));
  }
  assert.ok(!(await onTerminal(`${help} | cat`)).text.includes(ESCAPE));
  assert.ok(!(await onTerminal(`${wrong} 2>&1 | cat`)).text.includes(ESCAPE));
});

Deno.test("help is as wide as the terminal, from 80 columns on", async () => {
  const help = "deno run --quiet -A scripts/train.ts --help";
  const widest = ({ text }: { text: string }) =>
    Math.max(
      ...text.split("Options:")[1].split("Examples:")[0].split("\n").map((line) =>
        // deno-lint-ignore no-control-regex
        line.replaceAll(/\x1b\[\d+m/g, "").length
      ),
    );
  const [narrow, middle, wide] = [
    await onTerminal(help, { columns: 40 }),
    await onTerminal(help, { columns: 90 }),
    await onTerminal(help, { columns: 200 }),
  ].map(widest);
  assert.ok(narrow > 60 && narrow <= 80, String(narrow));
  assert.ok(middle > 80 && middle <= 90, String(middle));
  assert.ok(wide > 90 && wide <= 110, String(wide));
});
