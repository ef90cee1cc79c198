/** Completion scripts: for `deno task NAME …` of this project; everything else is left to deno's own. */

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
  if [[ \${parts[1]} != task ]]; then
    if [[ $(type -t _deno) == function ]]; then _deno "$@"; fi
    return 0
  fi
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
  if [[ \${words[2]} != task ]]; then
    if (( $+functions[_deno] )); then _deno; else _default; fi
    return
  fi
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
  const lines = tasks.flatMap(({ name, description, actions, options }) => [
    `complete -c deno -n '__spool_words 2' -f -a ${name} -d ${quoted(description)}`,
    ...actions.length === 0
      ? []
      : [`complete -c deno -n '__spool_words 3 ${name}' -f -a ${quoted(words(actions))}`],
    ...options.map(({ name: option, help, takesValue, choices }) =>
      `complete -c deno -n '__spool_task ${name}' -l ${option} -d ${quoted(help)}${
        choices.length > 0 ? ` -x -a ${quoted(words(choices))}` : takesValue ? " -r" : ""
      }`
    ),
  ]);
  return [
    HEADER,
    "deno completions fish | source # its own, which this file stands in front of",
    "function __spool_task # whether the line is of this task",
    "  set -l before (commandline -opc)",
    '  test (count $before) -ge 3; and test "$before[2]" = task; and test "$before[3]" = $argv[1]',
    "end",
    "function __spool_words # whether so many words stand before the cursor: deno, task and perhaps a task",
    "  set -l before (commandline -opc)",
    '  test (count $before) -eq $argv[1]; and test "$before[2]" = task',
    '  and test \\( (count $argv) -eq 1 -o "$before[3]" = "$argv[2]" \\)',
    "end",
    ...lines,
  ].join("\n");
}

/** The script of a shell. */
export function completion(shell: Shell, tasks: readonly CompletedTask[]): string {
  return { bash, zsh, fish }[shell](tasks);
}
