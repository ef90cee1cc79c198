/** What the terminal can show: its width, and whether it shows colours. */

import process from "node:process";

/** Columns of the narrowest terminal that is written for. */
export const LEAST_COLUMNS = 80;

/** Columns of standard output; none where it is no terminal, as files and pipes have no width. */
export function outputColumns(): number | undefined {
  if (!Deno.stdout.isTerminal()) return undefined;
  try {
    return Math.max(Deno.consoleSize().columns, LEAST_COLUMNS);
  } catch {
    return LEAST_COLUMNS; // a terminal that does not tell
  }
}

/** SGR codes, and what ends them. */
const STYLES = { bold: [1, 22], red: [31, 39], yellow: [33, 39], green: [32, 39] } as const;

export type Style = keyof typeof STYLES;

/** Where a text goes. */
export type Stream = "stdout" | "stderr";

/** Whether colours are shown there: on a terminal that has them, and unless NO_COLOR is set (no-color.org). */
function hasColours(stream: Stream): boolean {
  return Deno[stream].isTerminal() && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

/** A text in a style, where the stream shows one. */
export function styled(text: string, style: Style, stream: Stream = "stdout"): string {
  if (!hasColours(stream)) return text;
  const [begin, end] = STYLES[style];
  return `\x1b[${begin}m${text}\x1b[${end}m`;
}

/** Breaks a text at its spaces into lines of at most so many columns. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
