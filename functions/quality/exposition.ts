/**
 * The text formats that Prometheus and its kin read: exposition format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0.
 */

/** What is told of a family of metrics. */
export interface MetricFamily {
  readonly type: "counter" | "gauge" | "histogram" | "info";
  readonly help: string;
}

/** One value. */
export interface Sample {
  readonly family: string;
  /** Which part of a histogram it is; empty for other types. */
  readonly suffix: "" | "bucket" | "sum" | "count";
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A format, by what distinguishes it. */
interface Dialect {
  readonly contentType: string;
  /** Name of a family in its own lines. */
  readonly familyName: (name: string, type: MetricFamily["type"]) => string;
  readonly typeName: (type: MetricFamily["type"]) => string;
  readonly helpText: (text: string) => string;
  /** Whether units have a line, and the text ends with a mark. */
  readonly isOpenMetrics: boolean;
}

const escapeHelp = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"');

const TEXT: Dialect = {
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  familyName: (name) => name,
  typeName: (type) => type === "info" ? "gauge" : type,
  helpText: escapeHelp,
  isOpenMetrics: false,
};

const OPEN_METRICS: Dialect = {
  contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  familyName: (name, type) => type === "counter" ? name.replace(/_total$/, "") : name.replace(/_info$/, ""),
  typeName: (type) => type,
  helpText: escapeLabel,
  isOpenMetrics: true,
};

/** The format that a scraper prefers, by its header Accept; the older one, which all of them read, unless it asks. */
export function dialectFor(accept: string | undefined): Dialect {
  const wanted = (accept ?? "").split(",").map((range) => {
    const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { type, q: q === undefined ? 1 : Number(q) };
  });
  const preference = (...types: string[]) =>
    Math.max(0, ...wanted.filter(({ type }) => types.includes(type)).map(({ q }) => q));
  const open = preference("application/openmetrics-text");
  return open > 0 && open >= preference("text/plain") ? OPEN_METRICS : TEXT;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

/** OpenMetrics wants the bounds of buckets as floats, so that 1 and 1.0 are not two series. */
function labelText(name: string, value: string, { isOpenMetrics }: Dialect): string {
  const text = isOpenMetrics && name === "le" && /^\d+$/.test(value) ? `${value}.0` : value;
  return `${name}="${escapeLabel(text)}"`;
}

function sampleLine(prefix: string, { family, suffix, labels, value }: Sample, dialect: Dialect): string {
  const pairs = Object.entries(labels).map(([name, value]) => labelText(name, value, dialect));
  const name = `${prefix}${family}${suffix && `_${suffix}`}`;
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

/** The unit that a name ends with, before what says that it is a counter. */
function unitOf(name: string): string | undefined {
  return /_(seconds|bytes)$/.exec(name)?.[1];
}

/**
 * Writes samples as text.
 *
 * @param prefix What all names begin with.
 * @param families What each family is, by its name without the prefix; also those without a sample get their lines, so
 *   that a reader sees what there could be.
 * @param samples Those of a family together, in the order in which they are to stand.
 * @throws {Error} When a sample is of a family that is not known.
 *
 * @example
 * ```ts
 * import { dialectFor, expositionText } from "./exposition.ts";
 * import assert from "node:assert/strict";
 *
 * const families = { queue_tasks: { type: "gauge", help: "Tasks that wait" } } as const;
 * const samples = [{ family: "queue_tasks", suffix: "", labels: { state: "ready" }, value: 2 }] as const;
 * assert.equal(
 *   expositionText("spool_", families, samples, dialectFor("text/plain")),
 *   '# HELP spool_queue_tasks Tasks that wait\n# TYPE spool_queue_tasks gauge\nspool_queue_tasks{state="ready"} 2\n',
 * );
 * ```
 */
export function expositionText(
  prefix: string,
  families: Readonly<Record<string, MetricFamily>>,
  samples: readonly Sample[],
  dialect: Dialect,
): string {
  const byFamily = Map.groupBy(samples, ({ family }) => family);
  for (const family of byFamily.keys()) {
    if (!Object.hasOwn(families, family)) throw new Error(`the metric ${family} is not described`);
  }
  const lines = Object.entries(families).flatMap(([name, { type, help }]) => {
    const shown = dialect.familyName(`${prefix}${name}`, type);
    const unit = dialect.isOpenMetrics ? unitOf(shown) : undefined;
    return [
      `# HELP ${shown} ${dialect.helpText(help)}`,
      `# TYPE ${shown} ${dialect.typeName(type)}`,
      ...unit === undefined ? [] : [`# UNIT ${shown} ${unit}`],
      ...(byFamily.get(name) ?? []).map((sample) => sampleLine(prefix, sample, dialect)),
    ];
  });
  return [...lines, ...dialect.isOpenMetrics ? ["# EOF"] : [], ""].join("\n");
}
