/**
 * A strict reader of the text formats of metrics, written from their specifications: exposition format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0.0 (sections 3 and 4). It refuses what Prometheus'
 * own reader lets pass: samples without a type, families that are not together, histograms that do not add up.
 */

/** A family as it was read. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit?: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

class FormatError extends Error {}

function fail(line: number, what: string): never {
  throw new FormatError(`line ${line}: ${what}`);
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const TYPES = {
  text: ["counter", "gauge", "histogram", "summary", "untyped"],
  openMetrics: [
    "counter",
    "gauge",
    "histogram",
    "gaugehistogram",
    "stateset",
    "info",
    "summary",
    "unknown",
  ],
};
/** What the names of a type's samples may end with. */
const SUFFIXES: Readonly<Record<"text" | "openMetrics", Readonly<Record<string, readonly string[]>>>> = {
  text: { histogram: ["_bucket", "_sum", "_count"], summary: ["", "_sum", "_count"] },
  openMetrics: { counter: ["_total", "_created"], histogram: ["_bucket", "_sum", "_count"], info: ["_info"] },
};

function readNumber(text: string, line: number): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (text === "NaN") return NaN;
  if (text === "+Inf" || text === "-Inf") return text === "+Inf" ? Infinity : -Infinity;
  return fail(line, `${text} is no number`);
}

/** Reads `{a="b",c="d"}` character by character, so that no escape is overlooked. */
function readLabels(text: string, line: number): { labels: Record<string, string>; rest: string } {
  const labels: Record<string, string> = {};
  let at = 1;
  while (text[at] !== "}") {
    const name = LABEL_NAME.exec(text.slice(at))?.[0] ?? fail(line, `no label name at ${text.slice(at)}`);
    if (name.startsWith("__")) fail(line, `the label ${name} is reserved`);
    if (name in labels) fail(line, `the label ${name} stands twice`);
    at += name.length;
    if (text.slice(at, at + 2) !== '="') fail(line, `no =" after the label ${name}`);
    at += 2;
    let value = "";
    while (text[at] !== '"') {
      if (at >= text.length) fail(line, `the value of ${name} does not end`);
      if (text[at] === "\\") {
        const meant = { "\\": "\\", n: "\n", '"': '"' }[text[at + 1]];
        value += meant ?? fail(line, `\\${text[at + 1]} is no escape`);
        at += 2;
      } else value += text[at++];
    }
    labels[name] = value;
    at++;
    if (text[at] === ",") {
      at++;
      if (text[at] === "}") fail(line, "a comma before the end of the labels");
    } else if (text[at] !== "}") fail(line, `no comma after the label ${name}`);
  }
  return { labels, rest: text.slice(at + 1) };
}

function checkHistogram({ name, samples }: ReadFamily): void {
  const series = Map.groupBy(
    samples,
    ({ labels: { le: _, ...rest } }) => JSON.stringify(Object.entries(rest).sort()),
  );
  for (const [key, parts] of series) {
    const where = `${name} ${key}`;
    const buckets = parts.filter((part) => part.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels.le === "+Inf" ? Infinity : Number(labels.le ?? fail(0, `${where} has a bucket without le`))
    );
    if (bounds.at(-1) !== Infinity) fail(0, `${where} has no last bucket +Inf`);
    bounds.reduce((a, b) => a < b ? b : fail(0, `${where} has bounds out of order: ${a}, ${b}`));
    buckets.map(({ value }) => value).reduce((a, b) =>
      a <= b ? b : fail(0, `${where} has buckets that do not add up: ${a}, ${b}`)
    );
    const [count, ...others] = parts.filter((part) => part.name === `${name}_count`);
    const sums = parts.filter((part) => part.name === `${name}_sum`);
    if (count === undefined || others.length > 0 || sums.length !== 1) {
      fail(0, `${where} lacks its count or sum`);
    }
    if (count.value !== buckets.at(-1)!.value) fail(0, `${where} counts other than its buckets`);
  }
}

/**
 * Reads a text.
 *
 * @throws Names the line that breaks the format, and how.
 */
export function readExposition(
  text: string,
  format: "text" | "openMetrics" = "text",
): Map<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new FormatError("the last line does not end");
  const lines = text.slice(0, -1).split("\n");
  if (format === "openMetrics" && lines.pop() !== "# EOF") {
    throw new FormatError("the last line is not # EOF");
  }
  const families = new Map<string, ReadFamily & { type: string; help: string; unit?: string }>();
  const seen = new Set<string>();
  let current: (ReadFamily & { type: string; help: string; unit?: string }) | undefined;

  lines.forEach((text, index) => {
    const line = index + 1;
    const meta = /^# (HELP|TYPE|UNIT|EOF)(?: ([^ ]+)(?: (.*))?)?$/.exec(text);
    if (meta !== null) {
      const [, kind, name = "", told = ""] = meta;
      if (kind === "EOF" || kind === "UNIT" && format === "text") fail(line, `${kind} has no place here`);
      if (METRIC_NAME.exec(name)?.[0] !== name) fail(line, `${name} is no name`);
      if (current?.name !== name) {
        if (families.has(name)) fail(line, `${name} stands in two places`);
        current = { name, type: "", help: "", samples: [] };
        families.set(name, current);
      }
      if (current.samples.length > 0) fail(line, `${kind} of ${name} comes after its samples`);
      const key = kind.toLowerCase() as "help" | "type" | "unit";
      if (current[key]) fail(line, `${name} has two lines ${kind}`);
      if (kind === "TYPE" && !TYPES[format].includes(told)) fail(line, `${told} is no type`);
      if (kind === "UNIT" && !name.endsWith(`_${told}`)) {
        fail(line, `${name} does not end with its unit ${told}`);
      }
      if (kind === "HELP" && !/^([^\\]|\\[\\n"])*$/.test(told)) fail(line, "a backslash that is not escaped");
      current[key] = told;
      return;
    }
    if (text.startsWith("#")) {
      if (format === "openMetrics") fail(line, "a comment");
      return;
    }
    const name = METRIC_NAME.exec(text)?.[0] ?? fail(line, `${text} is no sample`);
    const { labels, rest } = text[name.length] === "{"
      ? readLabels(text.slice(name.length), line)
      : { labels: {}, rest: text.slice(name.length) };
    const [blank, number, ...more] = rest.split(" ");
    if (blank !== "" || number === undefined || more.length > 0) fail(line, `${rest} is not one value`);
    const value = readNumber(number, line);

    if (current === undefined || current.type === "") fail(line, `${name} has no type`);
    const { name: family, type } = current;
    const endings = SUFFIXES[format][type] ?? [""];
    if (!endings.some((ending) => name === family + ending)) {
      fail(line, `${name} is no sample of the ${type} ${family}`);
    }
    if (type === "counter" && !(value >= 0)) fail(line, `the counter ${name} is ${value}`);
    if (type === "histogram" && "le" in labels !== name.endsWith("_bucket")) {
      fail(line, `le is where it must not be, or not where it must`);
    }
    const key = name + JSON.stringify(Object.entries(labels).sort());
    if (seen.has(key)) fail(line, `${key} stands twice`);
    seen.add(key);
    current.samples.push({ name, labels, value });
  });

  for (const family of families.values()) {
    if (family.type === "" || family.help === "") fail(0, `${family.name} lacks its type or help`);
    if (family.type === "histogram") checkHistogram(family);
  }
  return families;
}
