/** Completion scripts: for `deno task NAME …` of this project, and for nothing else of deno's. */

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A task as a shell completes it. */
export interface CompletedTask {
  readonly name: string;
  readonly description: string;
  /** What the first argument may be. */
  readonly actions: readonly string[];
  readonly options: readonly {
    readonly name: string;
    readonly help: string;
    readonly takesValue: boolean;
    /** What its value may be; any file or text where nothing is said. */
    readonly choices: readonly string[];
  }[];
}

const HEADER = "# Written by `deno task completions`: completes `deno task` in the folder of Spool.";

const words = (list: readonly string[]) => list.join(" ");

/** bash and zsh take the same table: what may stand where, as cases of a task, of an option and of an argument. */
function cases(tasks: readonly CompletedTask[], indent: string): string {
  return tasks.filter(({ options }) => options.length > 0).map(({ name, actions, options }) => {
    const values = options.filter(({ takesValue }) => takesValue);
    const free = values.filter(({ choices }) => choices.length === 0).map((option) => `--${option.name}`);
    return [
      `${indent}${name})`,
      `${indent}  options="${words(options.map((option) => `--${option.name}`))}"`,
      `${indent}  actions="${words(actions)}"`,
      `${indent}  case $previous in`,
      ...values.filter(({ choices }) => choices.length > 0).map((option) =>
        `${indent}    --${option.name}) choices="${words(option.choices)}" ;;`
      ),
      ...free.length === 0 ? [] : [`${indent}    ${free.join("|")}) free=1 ;;`],
      `${indent}  esac ;;`,
    ].join("\n");
  }).join("\n");
}

function bash(tasks: readonly CompletedTask[]): string {
  return `${HEADER}
_spool_deno_task() {
  local line=\${COMP_LINE:0:COMP_POINT} options="" actions="" choices="" free="" task previous current reply
  # the names of some tasks have a colon, at which bash breaks words: so they are taken from the line
  local -a parts
  read -ra parts <<< "$line"
  [[ $line == *[[:space:]] ]] && parts+=("")
  [[ \${parts[1]} == task ]] || return 124
  current=\${parts[-1]}
  task=\${parts[2]}
  previous=\${parts[-2]}
  if (( \${#parts[@]} == 3 )); then
    reply="${words(tasks.map(({ name }) => name))}"
  else
    case $task in
${cases(tasks, "      ")}
    esac
    if [[ -n $choices ]]; then reply=$choices
    elif [[ -n $free ]]; then return 0
    elif [[ $current == -* ]]; then reply=$options
    elif (( \${#parts[@]} == 4 )); then reply=$actions
    fi
  fi
  local IFS=$' \\t\\n'
  mapfile -t COMPREPLY < <(compgen -W "$reply" -- "$current")
  # what stands before the last colon is on the line already
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
  fi
}
complete -o default -F _spool_deno_task deno`;
}

function zsh(tasks: readonly CompletedTask[]): string {
  return `${HEADER}
_spool_deno_task() {
  local options="" actions="" choices="" free="" previous=\${words[CURRENT-1]}
  [[ \${words[2]} == task ]] || { _default; return }
  if (( CURRENT == 3 )); then
    local -a known=(
${
    tasks.map(({ name, description }) =>
      `      '${`${name.replaceAll(":", "\\:")}:${description}`.replaceAll("'", "'\\''")}'`
    ).join("\n")
  }
    )
    _describe task known
    return
  fi
  case \${words[3]} in
${cases(tasks, "    ")}
  esac
  if [[ -n $choices ]]; then compadd -- \${=choices}
  elif [[ -n $free ]]; then _files
  elif [[ \${words[CURRENT]} == -* ]]; then compadd -- \${=options}
  elif [[ -n $actions ]] && (( CURRENT == 4 )); then compadd -- \${=actions}
  else _files
  fi
}
compdef _spool_deno_task deno`;
}

function fish(tasks: readonly CompletedTask[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const named = "__fish_seen_subcommand_from task";
  const lines = tasks.flatMap(({ name, description, actions, options }) => {
    const inside = quoted(`string match -q '* task ${name} *' -- (commandline -cp)' '`);
    return [
      `complete -c deno -n ${quoted(`${named}; and test (count (commandline -opc)) -eq 2`)} -f -a ${
        quoted(name)
      } -d ${quoted(description)}`,
      ...actions.length === 0 ? [] : [
        `complete -c deno -n ${
          quoted(`test (count (commandline -opc)) -eq 3; and contains -- ${name} (commandline -opc)`)
        } -f -a ${quoted(words(actions))}`,
      ],
      ...options.map(({ name: option, help, takesValue, choices }) =>
        `complete -c deno -n ${inside} -l ${option} -d ${quoted(help)}${
          choices.length > 0 ? ` -x -a ${quoted(words(choices))}` : takesValue ? " -r" : ""
        }`
      ),
    ];
  });
  return [HEADER, ...lines].join("\n");
}

/** The script of a shell. */
export function completion(shell: Shell, tasks: readonly CompletedTask[]): string {
  return { bash, zsh, fish }[shell](tasks);
}
