/** The report of a day's quality as a page that needs nothing beside itself. Made of the JSON document alone. */

import { thresholdText, valueText } from "../verdict_text.ts";
import { type Content, html, Markup } from "./markup.ts";
import { checkName } from "./check_name.ts";
import type { QualityReport, ReportedCheck } from "./report.ts";
import { STYLE } from "./style.ts";

/** Most rows of a table; the JSON document beside the page has all of them. */
const MOST_ROWS = 200;

/** Longest piece of evidence that is not taken apart, in characters. */
const LONGEST_EVIDENCE = 300;

type Status = ReportedCheck["status"];

/** A verdict in words and with a sign of its own: not everybody tells colours apart. */
const VERDICTS: Readonly<Record<Status, { readonly sign: string; readonly word: string }>> = {
  pass: { sign: "✓", word: "passed" },
  warning: { sign: "!", word: "warning" },
  fail: { sign: "✕", word: "failed" },
  not_evaluated: { sign: "–", word: "not evaluated" },
};

function badge(status: Status): Markup {
  const { sign, word } = VERDICTS[status];
  return html`<span class="badge ${status}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

function number(value: number | null, digits = 20): string {
  return value === null ? "–" : value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** A time of day, or with its date where that is another one. */
function moment(text: string | null, day?: string): Content {
  if (text === null) return "–";
  const shown = text.replace("T", " ").replace(/(\.\d+)?Z$/, "");
  return html`<time datetime="${text}">${
    day !== undefined && shown.startsWith(`${day} `) ? shown.slice(11) : shown
  }</time>`;
}

/** A column of a table. */
interface Column<Row> {
  readonly name: string;
  readonly isNumber?: boolean;
  /** Whether it needs the whole width of a narrow screen. */
  readonly isLong?: boolean;
  readonly cell: (row: Row) => Content;
}

/** Whether a cell shows nothing: on a narrow screen it is left out then. */
function isEmpty(content: Content): boolean {
  if (content instanceof Markup) return content.text === "";
  if (Array.isArray(content)) return content.every(isEmpty);
  return content === "" || content === null || content === undefined || content === false;
}

/**
 * A table; the first column names the row, and columns without anything are left out. The roles are what the elements mean anyway: on a narrow screen each row is a
 * block, and browsers then forget it.
 */
function table<Row>(caption: string, all: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const shown = rows.slice(0, MOST_ROWS);
  const columns = all.filter((column, i) => i === 0 || shown.some((row) => !isEmpty(column.cell(row))));
  const kind = ({ isNumber, isLong }: Column<Row>, content?: Content) =>
    [isNumber && "number", isLong && "long", content !== undefined && isEmpty(content) && "empty"].filter(
      Boolean,
    ).join(" ");
  const cell = (column: Column<Row>, row: Row, i: number) => {
    const content = column.cell(row);
    return i === 0
      ? html`<th role="rowheader" scope="row">${content}</th>`
      : html`<td role="cell" class="${
        kind(column, content)
      }" data-label="${column.name}"><span>${content}</span></td>`;
  };
  return html`
    <table role="table">
      <caption>${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">${columns.map((column) =>
          html`<th role="columnheader" scope="col" class="${kind(column)}">${column.name}</th>`
        )}</tr>
      </thead>
      <tbody role="rowgroup">
    ${shown.map((row) =>
      html`<tr role="row">${columns.map((column, i) => cell(column, row, i))}</tr>\n`
    )}</tbody>
    </table>
    ${rows.length > shown.length &&
      html`<p class="quiet">The first ${number(shown.length)} of ${
        number(rows.length)
      }; all of them are in the JSON document.</p>`}
  `;
}

function section(id: string, title: string, content: Content): Markup {
  return html`
    <section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
    </section>
  `;
}

/** Big numbers with their names. */
function numbers(values: readonly (readonly [name: string, value: number])[]): Markup {
  return html`<dl class="numbers">${
    values.map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${number(value)}</dd>
        </div>
      `
    )
  }</dl>`;
}

/** Most keys of what failed that a row shows; the JSON document has as many as the check kept. */
const MOST_KEYS = 5;

/** The window is the run's, and what is said of each key is said by its own words. */
const NOT_SAID = new Set(["window_start", "window_end", "reason"]);

function plain(value: unknown): string {
  if (typeof value === "number") {
    return Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 20 });
  }
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > LONGEST_EVIDENCE ? `${text.slice(0, LONGEST_EVIDENCE)}…` : text;
}

/** A key of what failed: the engine and the reading first, then what was found and what it should have been. */
function keyText(key: unknown): string {
  if (typeof key !== "object" || key === null) return plain(key);
  const { engine, cycle, timestamp, value, min, max, ...rest } = key as Record<string, unknown>;
  const bounds = thresholdText({
    metric_value: null,
    threshold_min: typeof min === "number" ? min : null,
    threshold_max: typeof max === "number" ? max : null,
  });
  return [
    engine !== undefined && plain(engine),
    cycle !== undefined && `cycle ${cycle}`, // without a thousands separator: it is a name
    typeof timestamp === "string" && timestamp.replace("T", " ").replace(/(\.\d+)?(Z|\+00:00)$/, ""),
    value !== undefined && plain(value) + (bounds && ` (${bounds})`),
    ...Object.entries(rest).map(([name, value]) => `${name.replaceAll("_", " ")} ${plain(value)}`),
  ].filter(Boolean).join(", ");
}

function keyList(name: string, keys: readonly unknown[]): Content {
  return keys.length > 0 && [
    name !== "failing" && html`<p class="quiet">${name.replaceAll("_", " ")}:</p>`,
    html`<ul>${keys.slice(0, MOST_KEYS).map((key) => html`<li>${keyText(key)}</li>`)}${
      keys.length > MOST_KEYS && html`<li>${keys.length - MOST_KEYS} more in the JSON document</li>`
    }</ul>`,
  ];
}

function evidence({ evidence }: ReportedCheck): Content {
  const said = Object.entries(evidence).filter(([name, value]) =>
    !NOT_SAID.has(name) && value !== null && value !== 0
  );
  const facts = said.filter(([, value]) => !Array.isArray(value))
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${plain(value)}`);
  return [
    typeof evidence.reason === "string" && html`<p>${evidence.reason}</p>`,
    facts.length > 0 && html`<p class="quiet">${facts.join("; ")}</p>`,
    said.map(([name, value]) => Array.isArray(value) && keyList(name, value)),
  ];
}

function otherRuns({ runs_passed, runs_warned, runs_failed, runs_not_evaluated }: ReportedCheck): string {
  const said = [
    [runs_failed, "failed"],
    [runs_warned, "warned"],
    [runs_not_evaluated, "not evaluated"],
    [runs_passed, "passed"],
  ] as const;
  return said.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`).join(", ");
}

const CHECK_COLUMNS: readonly Column<ReportedCheck>[] = [
  { name: "Check", cell: checkName },
  { name: "Verdict", cell: ({ status }) => badge(status) },
  { name: "Value", isNumber: true, cell: valueText },
  { name: "Expected", cell: thresholdText },
  { name: "Rows", isNumber: true, cell: ({ rows_checked }) => number(rows_checked) },
  { name: "Runs", cell: otherRuns },
  { name: "Evidence", isLong: true, cell: evidence },
];

/** A check of columns that passed throughout the day. */
interface Quiet {
  readonly metric: string;
  readonly checks: readonly ReportedCheck[];
}

function quietChecks(checks: readonly ReportedCheck[]): Quiet[] {
  const metrics = new Map<string, ReportedCheck[]>();
  for (const check of checks) {
    metrics.set(check.metric_name, [...metrics.get(check.metric_name) ?? [], check]);
  }
  return [...metrics].map(([metric, checks]) => ({ metric, checks }));
}

const QUIET_COLUMNS: readonly Column<Quiet>[] = [
  { name: "Check", cell: ({ metric }) => metric },
  {
    name: "Columns",
    cell: ({ checks }) => checks.map(({ column_name }) => column_name ?? "").filter(Boolean).join(", "),
  },
  {
    name: "Value",
    isNumber: true,
    cell: ({ checks }) => [...new Set(checks.map(valueText))].slice(0, 3).join(", "),
  },
  { name: "Expected", cell: ({ checks }) => [...new Set(checks.map(thresholdText))].slice(0, 3).join(", ") },
  {
    name: "Rows",
    isNumber: true,
    cell: ({ checks }) => number(Math.max(...checks.map(({ rows_checked }) => rows_checked ?? 0))),
  },
];

function verdictSection({ verdict, runs }: QualityReport): Markup {
  return html`
    <section class="verdict ${verdict.status}" aria-labelledby="verdict">
    <h2 id="verdict">Verdict of the day: ${badge(verdict.status)}</h2>
    ${verdict.reasons.length > 0 &&
      html`<ul>${verdict.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}
    <p class="quiet">${runs.latest === null
      ? "No run of the checks was about a moment of this day."
      : html`${number(runs.count)} ${runs.count === 1 ? "run" : "runs"} of the checks; the latest is about ${
        moment(runs.latest.window_start)
      } to ${moment(runs.latest.as_of)}.`}</p>
    </section>
  `;
}

function readingsSection({ readings }: QualityReport): Markup {
  return section("readings", "Readings that arrived", [
    numbers([
      ["received", readings.received],
      ["accepted", readings.accepted],
      ["duplicates", readings.duplicates],
      ["rejected", readings.rejected],
    ]),
    readings.by_source.length === 0
      ? html`<p>Nothing arrived in this day.</p>`
      : table("By the door they came through", [
        { name: "Source", cell: ({ source }) => source },
        { name: "Batches", isNumber: true, cell: ({ batches }) => number(batches) },
        { name: "Received", isNumber: true, cell: ({ received }) => number(received) },
        { name: "Accepted", isNumber: true, cell: ({ accepted }) => number(accepted) },
        { name: "Duplicates", isNumber: true, cell: ({ duplicates }) => number(duplicates) },
        { name: "Rejected", isNumber: true, cell: ({ rejected }) => number(rejected) },
      ], readings.by_source),
  ]);
}

function checksSection({ checks }: QualityReport): Markup {
  const isQuiet = ({ status, runs_warned, runs_failed }: ReportedCheck) =>
    status === "pass" && runs_warned === 0 && runs_failed === 0;
  const loud = checks.filter((check) => check.status !== "not_evaluated" && !isQuiet(check));
  const order: readonly Status[] = ["fail", "warning", "pass"];
  const quiet = quietChecks(checks.filter(isQuiet));
  return section("checks", "Checks", [
    loud.length === 0 ? html`<p>No check warned or failed.</p>` : table(
      "Warned or failed in the day, with the latest verdict",
      CHECK_COLUMNS,
      order.flatMap((status) => loud.filter((check) => check.status === status)),
    ),
    quiet.length > 0 && table("Passed", QUIET_COLUMNS, quiet),
  ]);
}

function unjudgedSection({ checks }: QualityReport): Markup {
  const unjudged = checks.filter(({ status }) => status === "not_evaluated");
  return section(
    "not-evaluated",
    "Not evaluated",
    unjudged.length === 0 ? html`<p>Every check reached a verdict.</p>` : table("Checks without a verdict", [
      { name: "Check", cell: checkName },
      { name: "Runs", cell: otherRuns },
      { name: "Why", isLong: true, cell: evidence },
    ], unjudged),
  );
}

function driftSection({ drift }: QualityReport): Markup {
  return section(
    "drift",
    "Drift",
    drift.length === 0 ? html`<p>No sensor drifts beyond what wear explains.</p>` : table(
      "Sensors that moved away from their baseline; shifts in its standard deviations",
      [
        { name: "Engine", cell: ({ unit_number }) => unit_number },
        { name: "Sensor", cell: ({ column_name }) => column_name },
        { name: "KS distance D", isNumber: true, cell: ({ ks_statistic }) => number(ks_statistic, 3) },
        {
          name: "q",
          isNumber: true,
          cell: ({ q_value }) => q_value < 0.001 ? q_value.toExponential(1) : number(q_value, 3),
        },
        { name: "Shift", isNumber: true, cell: ({ mean_shift }) => number(mean_shift, 2) },
        { name: "By wear", isNumber: true, cell: ({ wear_shift }) => number(wear_shift, 2) },
        { name: "Stands out", cell: ({ suspected }) => suspected ? "not from the fleet" : "yes" },
      ],
      drift,
    ),
  );
}

function completenessSection({ completeness, day }: QualityReport): Markup {
  const silent = completeness.filter(({ silent_since, never_sent }) => silent_since !== null || never_sent);
  const complete = completeness.filter(({ status, value }) => status === "pass" && value === 1);
  const rest = completeness.filter((engine) => !complete.includes(engine));
  return section("completeness", "Completeness", [
    numbers([["active engines", completeness.length], ["complete", complete.length], [
      "silent",
      silent.length,
    ]]),
    rest.length > 0 && table("Engines that are not complete", [
      { name: "Engine", cell: ({ unit_number }) => unit_number },
      { name: "Verdict", cell: ({ status }) => badge(status) },
      {
        name: "Complete",
        isNumber: true,
        // floored: 99.97 % is not 100 %
        cell: ({ value }) => value === null ? "–" : `${(Math.floor(value * 1000) / 10).toFixed(1)} %`,
      },
      { name: "Expected", isNumber: true, cell: ({ expected }) => number(expected) },
      { name: "Received", isNumber: true, cell: ({ received }) => number(received) },
      { name: "Missed", isNumber: true, cell: ({ missed }) => number(missed) },
      { name: "Gaps", isNumber: true, cell: ({ gaps }) => gaps === null ? "" : number(gaps) },
      {
        name: "Silent since",
        cell: ({ silent_since, never_sent }) =>
          never_sent ? "it has never sent" : silent_since === null ? "" : moment(silent_since, day),
      },
      { name: "Reason", cell: ({ reason }) => reason ?? "" },
    ], rest),
  ]);
}

function alertsSection({ alerts, day }: QualityReport): Markup {
  return section("alerts", "Alerts", [
    alerts.events.length === 0 ? html`<p>None was opened or resolved.</p>` : table("What happened", [
      { name: "Time (UTC)", cell: ({ at }) => moment(at, day) },
      { name: "Event", cell: ({ event }) => event },
      { name: "Severity", cell: ({ severity }) => badge(severity) },
      { name: "Alert", cell: ({ kind, subject }) => `${kind} ${subject}` },
      { name: "Summary", isLong: true, cell: ({ summary }) => summary },
    ], alerts.events),
    alerts.open.length === 0
      ? html`<p>None was open at the end of the day.</p>`
      : table("Open at the end of the day", [
        { name: "Alert", cell: ({ kind, subject }) => `${kind} ${subject}` },
        { name: "Severity", cell: ({ severity }) => badge(severity) },
        { name: "Since", cell: ({ opened_at }) => moment(opened_at, day) },
        { name: "Summary", isLong: true, cell: ({ summary }) => summary },
      ], alerts.open),
  ]);
}

function deadLettersSection({ dead_letters: { count, open, groups } }: QualityReport): Markup {
  return section("dead-letters", "Dead letters", [
    count === 0 ? html`<p>None arrived.</p>` : [
      numbers([["arrived", count], ["open at the end of the day", open]]),
      table("By reason", [
        { name: "Reason", cell: ({ reason }) => reason },
        { name: "Source", cell: ({ source }) => source },
        { name: "Place", cell: ({ path }) => path === "" ? "the whole reading" : html`<code>${path}</code>` },
        { name: "Arrived", isNumber: true, cell: ({ count }) => number(count) },
        { name: "Open", isNumber: true, cell: ({ open }) => number(open) },
      ], groups),
    ],
  ]);
}

function lakeSection({ lake }: QualityReport): Markup {
  return section(
    "lake",
    "In the lake",
    lake.length === 0 ? html`<p>Nothing about this day.</p>` : table("Objects about this day", [
      { name: "Object", cell: ({ key }) => html`<code>${key}</code>` },
      { name: "Rows", isNumber: true, cell: ({ row_count }) => number(row_count) },
      { name: "Bytes", isNumber: true, cell: ({ bytes }) => number(bytes) },
      {
        name: "Read back",
        cell: ({ verified_at, fault }) =>
          fault !== null
            ? [badge("fail"), " ", fault]
            : verified_at === null
            ? "not yet"
            : moment(verified_at),
      },
      { name: "SHA-256", cell: ({ sha256 }) => html`<code>${sha256.slice(0, 16)}…</code>` },
    ], lake),
  );
}

const SECTIONS = [
  ["readings", "Readings"],
  ["checks", "Checks"],
  ["not-evaluated", "Not evaluated"],
  ["drift", "Drift"],
  ["completeness", "Completeness"],
  ["alerts", "Alerts"],
  ["dead-letters", "Dead letters"],
  ["lake", "Lake"],
] as const;

/**
 * The page. It has no scripts and loads nothing, which its own policy would not let it, either.
 *
 * @param report What `quality/reports/DATE.json` holds.
 */
export function qualityReportHtml(report: QualityReport): string {
  const { day } = report;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
        <title>Quality of ${day}: ${VERDICTS[report.verdict.status].word}</title>
        <style>${new Markup(STYLE)}</style>
      </head>
      <body>
        <header>
          <h1>Quality of <time datetime="${day}">${day}</time></h1>
          <nav aria-label="Sections">
            <ul>${SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul>
          </nav>
        </header>
        <main>
    ${verdictSection(report)}${readingsSection(report)}${checksSection(report)}${unjudgedSection(
      report,
    )}${driftSection(report)}${completenessSection(report)}${alertsSection(report)}${deadLettersSection(
      report,
    )}${lakeSection(report)}</main>
        <footer>
          <p>Times are UTC. The same, for programs: <a href="${day}.json">${day}.json</a>.</p>
        </footer>
      </body>
    </html>
  `.text;
}
