/** HTML that cannot be broken by what stands in it: every text is escaped on its way in. */

/** A piece of HTML. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: texts and numbers are escaped, markup is taken as it is, nothing stays nothing. */
export type Content = string | number | Markup | null | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function textOf(content: Content): string {
  if (content === null || content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(textOf).join("");
  // control characters are no characters of HTML, and directions of text would turn what follows around
  return String(content).replace(/[&<>"']/g, (character) => ENTITIES[character])
    .replace(
      /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
      (character) => /[\t\n]/.test(character) ? " " : "\ufffd",
    );
}

/**
 * A template of HTML. Values stand between tags or in quoted attributes.
 *
 * @example
 * ```ts
 * import { html } from "./markup.ts";
 * import assert from "node:assert/strict";
 *
 * const name = "<script>";
 * assert.equal(html`<b title="${name}">${[name, html`<i>!</i>`]}</b>`.text,
 *   '<b title="&lt;script&gt;">&lt;script&gt;<i>!</i></b>');
 * ```
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(
    strings.map((string, i) => string + (i < values.length ? textOf(values[i]) : "")).join(""),
  );
}
