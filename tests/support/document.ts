/** The blocks of a document that a reader is to run, and how to run them. */

/** A block between fences. */
export interface Block {
  /** The first word behind the opening fence. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** All blocks of a Markdown document, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((found) => ({
    language: found[1],
    text: found[2],
    line: markdown.slice(0, found.index).split("\n").length,
  }));
}

/** Whether a text is what a document prints, where `…` stands for anything. */
export function looksLike(text: string, printed: string): boolean {
  const pattern = printed.trim().split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(
    "[^]*?",
  );
  return new RegExp(`^${pattern}$`).test(text.trim());
}

/** A task that a block runs, with the options that it gives. */
export interface TaskCall {
  readonly task: string;
  readonly options: readonly string[];
}

/** The tasks that a block runs. */
export function taskCalls(text: string): TaskCall[] {
  const joined = text.replaceAll(/\\\n/g, " ");
  return [...joined.matchAll(/(?:deno@[\d.]+|\bdeno) task ([a-z:-]+)([^\n|;&]*)/g)].map(([, task, rest]) => ({
    task,
    options: [...rest.matchAll(/\s(--[a-z-]+)/g)].map(([, option]) => option),
  }));
}
