/** docs/reference/index.html: the endpoints as a page that needs nothing beside itself. */

import type { Document } from "../../shared/openapi.ts";
import { html, Markup } from "../../shared/quality_report/markup.ts";
import { jsonText, schemaText } from "./http_page.ts";
import { GENERATED } from "./markdown.ts";
import { curl } from "./request_text.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #3a414b); --soft: light-dark(#f4f6f8, #1c2128);
  --quiet: light-dark(#55606e, #a3afbd); --get: light-dark(#0a5fb4, #6cb2ff); --post: light-dark(#186a2f, #6fd08c); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; } h2 { margin: 2.5rem 0 .25rem; }
p { margin: .5rem 0; } .quiet { color: var(--quiet); }
input { font: inherit; width: 100%; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .4rem; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; }
summary { padding: .5rem .75rem; cursor: pointer; }
details > div { padding: 0 .75rem .75rem; }
.method { font: bold .85rem ui-monospace, monospace; margin-right: .5rem; } .GET { color: var(--get); } .POST { color: var(--post); }
pre { background: var(--soft); border-radius: .4rem; padding: .75rem; overflow-x: auto; font-size: .85rem; overflow-wrap: normal; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); }
`;

/** Shows the operations that have every word that was typed; opens the one that the address names. */
const SCRIPT = `
const all = [...document.querySelectorAll("details")];
document.querySelector("input").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\\s+/);
  for (const each of all) each.hidden = !words.every((word) => each.textContent.toLowerCase().includes(word));
});
const open = () => {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
};
addEventListener("hashchange", open);
open();
`;

/** A text with its lines. */
function lines(text: string): Markup {
  return html`<pre tabindex="0">${
    text.split("\n").flatMap((line, i) => i === 0 ? [line] : [new Markup("\n"), line])
  }</pre>`;
}

function table(header: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  return html`
    <div class="wide">
      <table>
        <thead>
          <tr>${header.map((name) => html`<th scope="col">${name}</th>`)}</tr>
        </thead>
        <tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
      </table>
    </div>
  `;
}

function examples(responses: Json): Markup[] {
  return Object.entries<Json>(responses).flatMap(([status, { content = {} }]) =>
    Object.values<Json>(content).flatMap(({ examples = {} }) =>
      Object.values<Json>(examples).map(({ summary, value }) =>
        html`<p>${status}: ${summary}</p>${lines(typeof value === "string" ? value : jsonText(value))}`
      )
    )
  );
}

function operationPart(method: string, path: string, operation: Json): Markup {
  const { operationId, summary, description, parameters = [], responses, security } = operation;
  return html`
    <details id="${operationId}">
      <summary><span class="method ${method}">${method}</span><code>${path}</code> <span class="quiet">${summary}</span></summary>
      <div>
    <p>${description}</p>
    ${parameters.length > 0 && table(
      ["Parameter", "In", "May be", ""],
      parameters.map((each: Json) => [
        html`<code>${each.name}</code>`,
        each.in + (each.required ? ", required" : ""),
        schemaText(each.schema),
        each.description ?? "",
      ]),
    )}
    ${security.length > 0 && lines(curl(method, path, operation))}
    ${examples(responses)}
    ${table(
      ["Status", "Meaning"],
      Object.entries<Json>(responses).map(([status, { description }]) => [status, description]),
    )}
      </div>
    </details>
  `;
}

export function htmlPage(document: Document): string {
  const parts = document.tags.map(({ name, description }) =>
    html`<h2 id="${name}">${name}</h2><p>${description}.</p>
${
      Object.entries<Json>(document.paths).flatMap(([path, item]) =>
        Object.entries<Json>(item).filter(([, operation]) => operation.tags.includes(name)).map((
          [method, operation],
        ) => operationPart(method.toUpperCase(), path, operation))
      )
    }`
  );
  return html`
    ${new Markup("<!doctype html>")}
    ${new Markup(`<!-- ${GENERATED} -->`)}
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Spool: HTTP reference</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>${new Markup(STYLE)}</style>
      </head>
      <body>
        <main><h1>Spool: HTTP reference</h1>
    <p>Version ${String(
      document.info.version,
    )}. Everything is below <code>http://127.0.0.1:54321/functions/v1</code> on this machine, and <code>https://REF.supabase.co/functions/v1</code> in a project. Keys go as <code>apikey: KEY</code> or <code>Authorization: Bearer KEY</code>. For generators of clients: <code>GET /catalog/openapi/all.json</code>.</p>
    <label>Search <input type="search" autocomplete="off"></label>
    ${parts}
        </main>
        <script>${new Markup(SCRIPT)}</script>
      </body>
    </html>
  `.text;
}
