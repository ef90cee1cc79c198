/** What the services of the stand-in have in common: an operation, its documented input, its errors. */

import type { z } from "zod";

/** A refusal as a service documents it. */
export class Refusal extends Error {
  constructor(readonly code: string, message: string, readonly status = 400) {
    super(message);
  }
}

/** One operation: what it takes, strictly, and what it does. */
export interface Operation {
  readonly input: z.ZodType;
  // deno-lint-ignore no-explicit-any -- the schema has checked it, and each operation has another
  readonly answer: (input: any) => unknown;
}

/** An operation whose input is exactly what the schema says. */
export function operation<Input extends z.ZodType>(
  input: Input,
  answer: (input: z.output<Input>) => unknown,
): Operation {
  return { input, answer };
}

/** A service: its operations by name. */
export type Service = Readonly<Record<string, Operation>>;

/** XML text. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Members as XML; the elements of lists are called `member`, as the query protocol has them. */
export function toXml(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `<member>${toXml(one)}</member>`).join("");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).filter(([, one]) => one !== undefined)
      .map(([name, one]) => `<${name}>${toXml(one)}</${name}>`).join("");
  }
  return escape(String(value));
}

/** A form with `Tags.member.1.Key` as an object with lists. */
export function fromForm(form: URLSearchParams): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, value] of form) {
    const path = name.split(".").filter((part) => part !== "member");
    let at: Record<string, unknown> = root;
    for (const [i, part] of path.entries()) {
      if (i === path.length - 1) at[part] = value;
      else at = (at[part] ??= /^\d+$/.test(path[i + 1]) ? [] : {}) as Record<string, unknown>;
    }
  }
  // lists of the query protocol begin at 1
  const dense = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.slice(1).map(dense)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, dense(one)]))
      : value;
  return dense(root) as Record<string, unknown>;
}

/** An XML document as objects; the named elements are lists however many there are. */
export function fromXml(text: string, lists: readonly string[]): Record<string, unknown> {
  const tokens = text.replace(/^<\?xml[^>]*\?>/, "").match(/<[^>]+>|[^<]+/g) ?? [];
  let next = 0;
  const element = (): [string, unknown] => {
    const [, name, empty] = /^<([^\s/>]+)[^>]*?(\/?)>$/.exec(tokens[next++]) ?? [];
    if (name === undefined) throw new Refusal("MalformedXML", `Not XML: ${text}`);
    if (empty) return [name, ""];
    let words = "";
    const children: Record<string, unknown> = {};
    while (tokens[next] !== `</${name}>`) {
      if (next >= tokens.length) throw new Refusal("MalformedXML", `<${name}> has no end`);
      if (!tokens[next].startsWith("<")) {
        words += tokens[next++];
        continue;
      }
      const [child, value] = element();
      if (lists.includes(child)) ((children[child] ??= []) as unknown[]).push(value);
      else if (child in children) throw new Refusal("MalformedXML", `${child} is there twice`);
      else children[child] = value;
    }
    next++;
    return [name, Object.keys(children).length > 0 ? children : words];
  };
  const [name, value] = element();
  return { [name]: value };
}
