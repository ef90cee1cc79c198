/**
 * `deno task sensor:add`: a sensor more in the code and in sql/.
 *
 * The columns of a reading are written out wherever they are used: a statement that names its columns is planned once
 * and needs no dynamic SQL, and a literal of seventeen members is seven times as fast as a loop. The price is that a new
 * one has to be written in some twenty files, always beside the last one. This does it.
 */

import { join } from "node:path";
import { SENSORS, VALUE_COLUMNS } from "../shared/sensors.ts";
import { CommandError, print, run, task, UsageError } from "./cli.ts";

const ROOT = join(import.meta.dirname!, "..");

const SOURCES = [
  "shared/sensors.ts",
  "scripts/cmapss/piece_candidates.ts",
  "scripts/simulation/engine.ts",
];

/** Files that name the sensors. Seeds of rules and modules are not among them: they are about what sensors are like. */
async function files(): Promise<string[]> {
  const found = [...SOURCES];
  for await (const folder of Deno.readDir(join(ROOT, "sql"))) {
    if (folder.name === "90_jobs") continue;
    for await (const { name } of Deno.readDir(join(ROOT, "sql", folder.name))) {
      found.push(`sql/${folder.name}/${name}`);
    }
  }
  return found.sort();
}

/** What comes with the last sensor in a list, and what the new one's is separated from it by. */
function places(last: string): readonly { readonly of: RegExp; readonly separator: string }[] {
  const column = `(?:\\b[a-z_]+\\.)?\\b${last}\\b`;
  return [
    { of: new RegExp(`when '${last}' then ${last}\\b`), separator: " " },
    { of: new RegExp(`or ${last} - ${last} <> 0`), separator: " " },
    {
      of: new RegExp([
        `\\b[a-z_]+\\([^()]*${column}[^()]*\\)(?: as ${last}\\b)?`, // count(reading.s21 - reading.s21), unnest(s21) as s21
        `\\bpercentile_cont\\([\\d.]+\\) within group \\(order by ${column}\\)`,
        `count\\(\\*\\) filter \\(where ${last}\\b[^()]*\\)`,
        `\\('${last}', ${column}\\)`,
        `\\b${last}: \\w+\\(${last}\\[i\\]\\)`,
        `'${last}'`,
        `"${last}"`,
        `${column}(?!: )(?: real(?:\\[\\])?)?`,
      ].join("|")),
      separator: ", ",
    },
  ];
}

/** Lines about the sensors rather than with them. */
const PROSE = /^\s*(--|\/?\*|comment on )|^\s+'[A-Z].*\.';$/;

/**
 * The text of a file with the new sensor behind the last one.
 *
 * @param description The comment of the column, where the file has comments of columns.
 */
function withSensor(text: string, name: string, description: string): string {
  const last = SENSORS.at(-1)!;
  const count = VALUE_COLUMNS.length;
  const renamed = (element: string) =>
    element.replaceAll(new RegExp(`\\b${last}\\b`, "g"), name).replaceAll(`[${count}]`, `[${count + 1}]`);
  return text.split("\n").map((line) => {
    if (line.startsWith(`comment on column public.sensor_data.${last} `)) {
      return `${line}\ncomment on column public.sensor_data.${name} is '${
        description.replaceAll("'", "''")
      }';`;
    }
    if (PROSE.test(line)) return line;
    // the simulator has no numbers of it
    if (new RegExp(`^\\s+${last}: (values\\[|null)`).test(line)) return `${line}\n      ${name}: null,`;
    const place = places(last).find(({ of }) => of.test(line));
    return place === undefined
      ? line
      : line.replace(place.of, (element) => `${element}${place.separator}${renamed(element)}`);
  }).join("\n");
}

export const addSensorTask = task({
  usage: "deno task sensor:add NAME --description TEXT [--json]",
  summary:
    "Adds a sensor to the readings: to the code, and to sql/, behind the last one. Then write the migration with " +
    "deno task db:migration, and deploy both.",
  options: {
    description: {
      type: "string",
      value: "TEXT",
      help: "What it measures and in which unit, as the column's comment",
    },
    json: { type: "boolean", help: "Print the changed files as JSON" },
  },
  positionals: [1, 1],
  examples: [
    [
      "deno task sensor:add s6 --description 'P15, total pressure in the bypass duct, psia.'",
      "Adds a column s6 to readings, intake, loader, checks and views",
    ],
  ],
}, async ({ description, json }, [name]) => {
  if (!/^s[1-9]\d?$/.test(name)) {
    throw new UsageError(`Cannot add a sensor as its name must be s1 to s99: current value is ${name}`);
  }
  if ((SENSORS as readonly string[]).includes(name)) {
    throw new CommandError(`Cannot add ${name} as it must be a new one: readings have it`);
  }
  if (description === undefined || description === "") {
    throw new UsageError("Cannot add a sensor without --description: say what it measures and in which unit");
  }
  const changed: string[] = [];
  for (const file of await files()) {
    const text = await Deno.readTextFile(join(ROOT, file));
    const next = withSensor(text, name, description);
    if (next === text) continue;
    await Deno.writeTextFile(join(ROOT, file), next);
    changed.push(file);
  }
  if (json) return print(JSON.stringify({ sensor: name, files: changed }));
  print([
    ...changed,
    "",
    `${name} is in ${changed.length} files. Look at them with git diff; then deno fmt, deno task db:migration ${name},`,
    "and say in sensor_modules and expectations what it tells of and which values are good.",
  ].join("\n"));
});

if (import.meta.main) await run(addSensorTask);
