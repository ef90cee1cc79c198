/** `deno task completions`: what makes a shell complete tasks and their options. */

import { HELP, type Option, print, run, task, UsageError } from "./cli.ts";
import { allTasks } from "./reference/all_tasks.ts";
import { type CompletedTask, completion, SHELLS } from "./reference/completion.ts";

export const completionsTask = task({
  usage: `deno task completions ${SHELLS.join("|")} [--json]`,
  summary:
    "Prints what makes a shell complete the names of the tasks after `deno task`, their options, and what these " +
    "may be. Print it anew when tasks have changed.",
  options: {
    json: {
      type: "boolean",
      help: "Print tasks, options and choices as JSON, for a shell that is not listed",
    },
  },
  actions: SHELLS,
  examples: [
    [
      "deno task completions bash > ~/.local/share/bash-completion/completions/deno",
      "bash, from the next shell on",
    ],
    ["source <(deno task completions zsh)", "zsh, in this shell; in ~/.zshrc in every one, after compinit"],
    ["deno task completions fish > ~/.config/fish/completions/deno.fish", "fish, from the next shell on"],
  ],
  positionals: [0, 1],
}, async ({ json }, [shell]): Promise<void> => {
  const tasks: CompletedTask[] = (await allTasks({ completions: completionsTask })).map((
    { name, description, task },
  ) => ({
    name,
    description: description.replace(/ \(--help\)$/, ""),
    actions: task?.command.actions ?? [],
    options: task === undefined ? [] : Object.entries<Option>({ ...task.command.options, help: HELP }).map((
      [name, { type, choices = [], help }],
    ) => ({ name, help, takesValue: type === "string", choices })),
  }));
  if (json) return print(JSON.stringify({ tasks }));
  const written = SHELLS.find((each) => each === shell);
  if (written === undefined) throw new UsageError(`An argument is missing: one of ${SHELLS.join(", ")}`);
  print(completion(written, tasks));
});

if (import.meta.main) await run(completionsTask);
