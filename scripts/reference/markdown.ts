/** Pieces of Markdown. */

/** A text as a cell of a table: on one line, and without a bar that would end it. */
export function cell(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

/** A table; the cells are Markdown. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A block of code. */
export function code(text: string, language = ""): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** A word of code in a line; nothing of it is Markdown. */
export function word(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

/** The first line of everything that is generated here. */
export const GENERATED = "Written by `deno task docs`. Do not edit: change what it is made of.";

/** A page, of its parts. */
export function page(title: string, parts: readonly string[]): string {
  return [`<!-- ${GENERATED} -->`, `# ${title}`, ...parts].join("\n\n") + "\n";
}
