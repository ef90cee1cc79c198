import assert from "node:assert/strict";
import fc from "fast-check";
import { qualityReportHtml } from "../../../shared/quality_report/html.ts";
import { QualityReport } from "../../../shared/quality_report/report.ts";
import { STYLE } from "../../../shared/quality_report/style.ts";

const CHECK = {
  metric_value: 0.97998,
  threshold_min: 0.98,
  threshold_max: null,
  rows_checked: 1200,
  check_timestamp: "2024-01-02T00:00:00Z",
  state_since: "2024-01-01T05:00:00Z",
  engines_failing: 1,
  runs_passed: 20,
  runs_warned: 0,
  runs_failed: 4,
  runs_not_evaluated: 0,
};

/** A report with something in each of its parts, every text of which is `text`. */
function reportOf(text: string): QualityReport {
  const arrived = { batches: 2, received: 10, accepted: 6, duplicates: 3, rejected: 1 };
  const evidence = {
    reason: text,
    [text]: text,
    failing: [{ engine: text, value: 0.1, [text]: text }, text],
    nested: { [text]: [text] },
  };
  return QualityReport.parse({
    version: 1,
    day: "2024-01-01",
    verdict: { status: "fail", reasons: [text] },
    runs: { count: 24, latest: { window_start: "2024-01-01T00:00:00Z", as_of: "2024-01-02T00:00:00Z" } },
    readings: { ...arrived, by_source: [{ source: text, ...arrived }] },
    checks: (["fail", "warning", "pass", "not_evaluated"] as const).map((status) => ({
      ...CHECK,
      metric_name: text,
      column_name: text,
      status,
      metric_value: status === "not_evaluated" ? null : CHECK.metric_value,
      evidence,
      runs_failed: status === "pass" ? 0 : 4,
    })),
    drift: [{
      unit_number: text,
      column_name: text,
      ks_statistic: 0.5,
      q_value: 1e-9,
      mean_shift: -3.2,
      wear_shift: 0,
      suspected: true,
    }],
    completeness: [{
      unit_number: text,
      status: "fail",
      value: 0.99999,
      expected: 24,
      received: 0,
      missed: 24,
      gaps: 1,
      silent_since: "2023-12-31T00:00:00Z",
      never_sent: false,
      reason: text,
    }],
    alerts: {
      events: [{
        at: "2024-01-01T05:00:00Z",
        event: "opened",
        kind: text,
        subject: text,
        severity: "fail",
        summary: text,
      }],
      open: [{
        kind: text,
        subject: text,
        severity: "fail",
        summary: text,
        opened_at: "2024-01-01T05:00:00Z",
      }],
    },
    dead_letters: {
      count: 1,
      open: 1,
      groups: [{ source: text, path: text, reason: text, count: 1, open: 1 }],
    },
    lake: [{ key: text, kind: text, row_count: 1, bytes: 1, sha256: text, verified_at: null, fault: text }],
  });
}

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const VOID = new Set(["meta", "!doctype", "link", "br", "img"]);

/** The tags of a page, which must be closed in their order; texts may not have a character that begins a tag. */
function tagsOf(page: string): Tag[] {
  const tags: Tag[] = [];
  const open: string[] = [];
  const body = page.replace(/<style>[^<]*<\/style>/, "<style></style>");
  const pattern = /<(\/?)([a-z!][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>/gi;
  let rest = "";
  let end = 0;
  for (const match of body.matchAll(pattern)) {
    rest += body.slice(end, match.index);
    end = match.index + match[0].length;
    const name = match[2].toLowerCase();
    if (match[1] === "/") assert.equal(open.pop(), name);
    else {
      if (!VOID.has(name)) open.push(name);
      tags.push({
        name,
        attributes: Object.fromEntries(
          [...match[3].matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)].map(([, key, value]) => [key, value ?? ""]),
        ),
      });
    }
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest + body.slice(end), /[<>]/);
  return tags;
}

Deno.test("no text of the report can become markup, wherever it stands", () => {
  const expected = tagsOf(qualityReportHtml(reportOf("harmless"))).map(({ name }) => name);
  const payload = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      "</style><script>",
      "<!--",
      "]]>",
      "&lt;b&gt;",
      "\u202egnp.exe",
      "\0\x1b[31m",
      "javascript:alert(1)",
      "__proto__",
    ),
  );
  fc.assert(
    fc.property(payload, (text) => {
      // an empty cell has a class of its own, so texts here are not empty
      const page = qualityReportHtml(reportOf(`x${text}`));
      assert.deepEqual(tagsOf(page).map(({ name }) => name), expected);
      assert.doesNotMatch(page.replaceAll("\n", ""), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 200 },
  );
});

Deno.test("the page loads nothing, runs nothing, and its policy would not let it", () => {
  const tags = tagsOf(qualityReportHtml(reportOf("text")));
  assert.ok(tags.every(({ name }) => !["script", "link", "img", "iframe", "object"].includes(name)));
  for (const { attributes } of tags) {
    assert.ok(Object.keys(attributes).every((name) => !name.startsWith("on") && name !== "src"));
    if ("href" in attributes) assert.match(attributes.href, /^(#[a-z-]+|2024-01-01\.json)$/);
  }
  const policy = tags.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy")!;
  assert.match(policy.attributes.content, /^default-src 'none'; style-src 'unsafe-inline'/);
  assert.doesNotMatch(STYLE, /url\(|@import|</);
});

Deno.test("landmarks, headings, captions and headers of cells are there for whoever does not see the page", () => {
  const page = qualityReportHtml(reportOf("text"));
  const tags = tagsOf(page);
  const count = (name: string) => tags.filter((tag) => tag.name === name).length;
  assert.deepEqual(["html", "header", "nav", "main", "footer", "h1"].map(count), [1, 1, 1, 1, 1, 1]);
  assert.equal(tags.find(({ name }) => name === "html")!.attributes.lang, "en");
  assert.ok(tags.some(({ attributes }) => attributes.name === "viewport"));

  const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
  assert.equal(new Set(ids).size, ids.length);
  for (const { attributes } of tags) {
    if (attributes.href?.startsWith("#")) assert.ok(ids.includes(attributes.href.slice(1)), attributes.href);
    if (attributes["aria-labelledby"]) assert.ok(ids.includes(attributes["aria-labelledby"]));
  }
  assert.equal(count("section"), count("h2"));
  assert.ok(
    tags.filter(({ name }) => name === "section").every(({ attributes }) => attributes["aria-labelledby"]),
  );
  assert.equal(count("caption"), count("table"));
  assert.ok(
    tags.filter(({ name }) => name === "th").every(({ attributes }) => /^(col|row)$/.test(attributes.scope)),
  );
  // on a narrow screen a cell's header stands before it
  assert.ok(tags.filter(({ name }) => name === "td").every(({ attributes }) => attributes["data-label"]));
  // colour is never alone
  for (const verdict of ["✕</span> failed", "!</span> warning"]) assert.ok(page.includes(verdict), verdict);
  const [engine] = reportOf("text").completeness;
  const unjudged = qualityReportHtml({
    ...reportOf("text"),
    completeness: [{ ...engine, status: "not_evaluated", silent_since: null, reason: null }],
  });
  assert.ok(unjudged.includes("–</span> not evaluated"));
  // a column without anything is left out
  assert.ok(page.includes(">Silent since</th>") && !unjudged.includes(">Silent since</th>"));
});

Deno.test("numbers are not rounded across a verdict: 0.97998 is not 0.98, and 99.999 % not 100 %", () => {
  const page = qualityReportHtml(reportOf("text"));
  assert.match(page, /0\.97998/);
  assert.match(page, /99\.9 %/);
});

Deno.test("a long table ends with how much more there is", () => {
  const report = reportOf("text");
  const page = qualityReportHtml({ ...report, drift: Array(1234).fill(report.drift[0]) });
  assert.match(page, /The first 200 of 1,234; all of them are in the JSON document/);
  assert.ok(page.length < 300_000, String(page.length));
});

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

Deno.test("colours of text have a contrast of 4.5 to 1 at least, in the light and in the dark", () => {
  const schemes = [...STYLE.matchAll(/:root \{[^}]*--ground[^}]*\}/g)].map(([block]) =>
    Object.fromEntries(
      [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]),
    )
  );
  assert.equal(schemes.length, 2);
  for (const scheme of schemes) {
    const pairs = [
      ...["ground", "surface"].flatMap((below) => ["ink", "quiet"].map((above) => [above, below])),
      ...["pass", "warning", "fail", "none"].map((status) => [status, `${status}-ground`]),
    ];
    for (const [above, below] of pairs) {
      const [bright, dim] = [luminance(scheme[above]), luminance(scheme[below])].sort((a, b) => b - a);
      const contrast = (bright + 0.05) / (dim + 0.05);
      assert.ok(contrast >= 4.5, `${above} on ${below}: ${contrast.toFixed(2)}`);
    }
  }
});
