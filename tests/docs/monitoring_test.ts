/** What docs/monitoring gives to others: that it can be read, and names nothing that the endpoint does not give. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { METRIC_FAMILIES, METRIC_PREFIX } from "../../functions/quality/metric_families.ts";
import { qualityServer, SECRET } from "../support/quality_server.ts";
import { readExposition } from "../support/exposition.ts";
import { fleetInOperation } from "../support/fleet_in_operation.ts";
import { promtool } from "../support/promtool.ts";

const FOLDER = join(import.meta.dirname!, "..", "..", "docs", "monitoring");
const read = (file: string) => Deno.readTextFile(join(FOLDER, file));

/** Names of metrics in a text; what is matched by a pattern, such as job=~"spool.*", is none. */
function namesIn(text: string): string[] {
  return [...new Set(text.match(/\bspool_[a-z0-9_]+\b/g) ?? [])]
    .filter((name) => !["spool_secret_key", "spool_local_key"].includes(name));
}

/** Every name a sample can have: those of histograms have three. */
function givenNames(): Set<string> {
  return new Set(
    Object.entries(METRIC_FAMILIES).flatMap(([name, { type }]) =>
      (type === "histogram" ? ["", "_bucket", "_sum", "_count"] : [""]).map((suffix) =>
        METRIC_PREFIX + name + suffix
      )
    ),
  );
}

for (
  const file of [
    "spool.rules.yml",
    "spool.rules.test.yml",
    "grafana-dashboard.json",
    "cloudwatch-agent.json",
    "README.md",
  ]
) {
  Deno.test(`${file} names metrics that there are`, async () => {
    const names = namesIn(await read(file));
    assert.ok(names.length > 0);
    assert.deepEqual(names.filter((name) => !givenNames().has(name)), []);
  });
}

Deno.test("datadog-openmetrics.yaml takes every metric but the version, counters by the name that the check gives them", async () => {
  const text = await read("datadog-openmetrics.yaml");
  const names = [...text.matchAll(/^ {6}- (spool_\w+): [a-z_.]+$/gm)].map(([, name]) => name);
  const expected = Object.entries(METRIC_FAMILIES).filter(([, { type }]) => type !== "info")
    .map(([name, { type }]) => METRIC_PREFIX + (type === "counter" ? name.replace(/_total$/, "") : name));
  assert.deepEqual(names.sort(), expected.sort());
});

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: unknown;
  targets?: { expr: string; datasource: unknown }[];
}

Deno.test("the dashboard has a panel for each metric, panels that do not overlap, and its data source from a variable", async () => {
  const dashboard = JSON.parse(await read("grafana-dashboard.json"));
  const panels: Panel[] = dashboard.panels;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const shown = panels.filter(({ type }) => type !== "row");
  for (const { datasource, targets, title } of shown) {
    assert.deepEqual(datasource, { type: "prometheus", uid: "${datasource}" }, title);
    for (const target of targets!) assert.deepEqual(target.datasource, datasource, title);
  }
  assert.deepEqual(
    dashboard.templating.list.map(({ name, type }: { name: string; type: string }) => [name, type]),
    [["datasource", "datasource"], ["job", "query"]],
  );
  const names = new Set(
    shown.flatMap(({ targets }) => targets!.flatMap(({ expr }) => namesIn(expr)))
      .map((name) => name.replace(/_(bucket|sum|count)$/, "")),
  );
  const missing = Object.keys(METRIC_FAMILIES).map((name) => METRIC_PREFIX + name)
    .filter((name) => !names.has(name));
  assert.deepEqual(missing, ["spool_dead_letters_oldest_age_seconds"]); // the rules look at it
  for (const [i, { gridPos: a, title }] of panels.entries()) {
    assert.ok(a.x + a.w <= 24, title);
    for (const { gridPos: b, title: other } of panels.slice(i + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      assert.ok(apart, `${title} and ${other} overlap`);
    }
  }
});

Deno.test("labels that rules and the dashboard ask for are labels that samples have", async () => {
  await using server = await qualityServer();
  await fleetInOperation(server.db.sql);
  const text = await (await fetch(`${server.url}/prometheus`, { headers: SECRET })).text();
  const labels = new Map<string, Set<string>>();
  for (const { samples } of readExposition(text).values()) {
    for (const { name, labels: given } of samples) {
      const known = labels.get(name) ?? new Set(["job", "instance"]); // which Prometheus adds
      for (const label of Object.keys(given)) known.add(label);
      labels.set(name, known);
    }
  }
  const text2 = await read("spool.rules.yml") + (await read("grafana-dashboard.json")).replaceAll('\\"', '"');
  let asked = 0;
  for (const [, name, matchers] of text2.matchAll(/\b(spool_\w+)\{([^{}]*)\}/g)) {
    for (const [, label] of matchers.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)) {
      asked++;
      assert.ok(labels.get(name)!.has(label), `${name} has no label ${label}`);
    }
  }
  assert.ok(asked > 40, String(asked));
});

Deno.test("every rule says what to do when it fires", async () => {
  const rules = (await read("spool.rules.yml")).split(/^ {6}- alert: /m).slice(1);
  assert.ok(rules.length > 10);
  for (const rule of rules) {
    const [name] = rule.split("\n");
    assert.match(rule, /^ {8}labels: \{ severity: (critical|warning) \}$/m, name);
    assert.match(rule, /^ {10}summary: ".{10,}"$/m, name);
    assert.match(rule, /^ {10}runbook: ".{30,}"$/m, name);
  }
});

Deno.test("the CloudWatch agent's file is JSON of the shape that it reads", async () => {
  const { logs } = JSON.parse(await read("cloudwatch-agent.json"));
  const { emf_processor } = logs.metrics_collected.prometheus;
  for (const declaration of emf_processor.metric_declaration) {
    for (const selector of declaration.metric_selectors) assert.match(selector, /^\^spool_\w+\$$/);
    assert.ok(Array.isArray(declaration.dimensions[0]));
  }
  for (const name of Object.keys(emf_processor.metric_unit)) {
    const unit = emf_processor.metric_unit[name];
    assert.equal(name.endsWith("_bytes") ? "Bytes" : "Seconds", unit, name);
  }
});

Deno.test({
  name: "promtool takes the rules, their tests and the scrape configuration",
  ignore: promtool === undefined, // Debian's package prometheus has it
  fn: async () => {
    for (
      const args of [
        ["check", "rules", "--lint-fatal", join(FOLDER, "spool.rules.yml")],
        ["test", "rules", join(FOLDER, "spool.rules.test.yml")],
        ["check", "config", "--syntax-only", join(FOLDER, "prometheus.yml")],
      ]
    ) {
      const { code, output } = await promtool!(args);
      assert.equal(code, 0, `${args.join(" ")}: ${output}`);
    }
  },
});
