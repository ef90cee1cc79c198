/** An example of the OpenAPI document as a command. */

/** Where `deno task start` answers. */
const BASE = "http://127.0.0.1:54321/functions/v1";

// deno-lint-ignore no-explicit-any
type Json = any;

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Path and query of an operation's examples. */
function target(path: string, parameters: readonly Json[]): string {
  const given = parameters.filter(({ example }) => example !== undefined);
  const filled = given.filter((each) => each.in === "path").reduce(
    (text, { name, example }) => text.replace(`{${name}}`, example),
    path,
  );
  const query = new URLSearchParams(
    given.filter((each) => each.in === "query").map(({ name, example }) => [name, String(example)]),
  ).toString();
  return query === "" ? filled : `${filled}?${query}`;
}

/** The first example of an operation for curl; the key is in `SPOOL_KEY`. */
export function curl(method: string, path: string, operation: Json): string {
  const parameters: readonly Json[] = operation.parameters ?? [];
  const lines = [`curl ${quoted(BASE + target(path, parameters))}`];
  if (method !== "GET") lines[0] = lines[0].replace("curl ", `curl -X ${method} `);
  if (operation.security.length > 0) lines.push(`-H "apikey: $SPOOL_KEY"`);
  for (const { name, example, in: place } of parameters) {
    if (place === "header" && example !== undefined) lines.push(`-H ${quoted(`${name}: ${example}`)}`);
  }
  const [[type, { examples = {} }] = ["", {}]] = Object.entries<Json>(operation.requestBody?.content ?? {});
  const [first] = Object.values<Json>(examples);
  if (first !== undefined) {
    const { value } = first;
    lines.push(`-H ${quoted(`content-type: ${type}`)}`);
    lines.push(`--data-binary ${quoted(typeof value === "string" ? value : JSON.stringify(value))}`);
  }
  return lines.join(" \\\n  ");
}
