import assert from "node:assert/strict";
import { dialectFor, expositionText, type Sample } from "../../../functions/quality/exposition.ts";
import { readExposition } from "../../support/exposition.ts";

const FAMILIES = {
  things_total: { type: "counter", help: 'Things, with a "quote", a \\ and\na second line' },
  age_seconds: { type: "gauge", help: "Age" },
  wait_seconds: { type: "histogram", help: "Waiting" },
  build_info: { type: "info", help: "Version" },
} as const;

const sample = (
  family: string,
  value: number,
  labels: Record<string, string> = {},
  suffix: Sample["suffix"] = "",
): Sample => ({ family, suffix, labels, value });

const SAMPLES = [
  sample("things_total", 3, { name: 'a\\b"c\nd{}=,é' }),
  sample("age_seconds", NaN, { of: "nan" }),
  sample("age_seconds", Infinity, { of: "inf" }),
  sample("age_seconds", -Infinity, { of: "less" }),
  sample("age_seconds", 1e-7, { of: "little" }),
  sample("wait_seconds", 1, { le: "1" }, "bucket"),
  sample("wait_seconds", 2, { le: "+Inf" }, "bucket"),
  sample("wait_seconds", 4.5, {}, "sum"),
  sample("wait_seconds", 2, {}, "count"),
  sample("build_info", 1, { version: "1" }),
];

Deno.test("what is written in the format 0.0.4 is what a strict reader reads, awkward labels and numbers included", () => {
  const text = expositionText("p_", FAMILIES, SAMPLES, dialectFor(undefined));
  const families = readExposition(text);
  assert.deepEqual([...families.keys()], [
    "p_things_total",
    "p_age_seconds",
    "p_wait_seconds",
    "p_build_info",
  ]);
  assert.deepEqual(families.get("p_things_total")!.samples, [
    { name: "p_things_total", labels: { name: 'a\\b"c\nd{}=,é' }, value: 3 },
  ]);
  assert.equal(families.get("p_things_total")!.help, 'Things, with a "quote", a \\\\ and\\na second line');
  assert.deepEqual(families.get("p_age_seconds")!.samples.map(({ value }) => value), [
    NaN,
    Infinity,
    -Infinity,
    1e-7,
  ]);
  assert.equal(families.get("p_build_info")!.type, "gauge");
});

Deno.test("in OpenMetrics counters lose their ending where the type stands, bounds are floats, and the text has an end", () => {
  const text = expositionText("p_", FAMILIES, SAMPLES, dialectFor("application/openmetrics-text"));
  const families = readExposition(text, "openMetrics");
  assert.deepEqual([...families.keys()], ["p_things", "p_age_seconds", "p_wait_seconds", "p_build"]);
  assert.deepEqual(
    [families.get("p_things")!.samples[0].name, families.get("p_build")!.samples[0].name],
    ["p_things_total", "p_build_info"],
  );
  assert.equal(families.get("p_wait_seconds")!.samples[0].labels.le, "1.0");
  assert.equal(families.get("p_age_seconds")!.unit, "seconds");
});

Deno.test("OpenMetrics is for who prefers it, and the older format for everybody else", () => {
  // as Prometheus 2.42 asks, and then others
  for (
    const [accept, format] of [
      [
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text",
      ],
      ["text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5", "text/plain"],
      ["application/openmetrics-text;q=0", "text/plain"],
      ["*/*", "text/plain"],
      ["", "text/plain"],
      [undefined, "text/plain"],
    ] as const
  ) {
    assert.ok(dialectFor(accept).contentType.startsWith(`${format}; version=`), accept);
  }
});

Deno.test("a sample that nothing describes is an error, and no line", () => {
  assert.throws(
    () => expositionText("p_", FAMILIES, [sample("others", 1)], dialectFor(undefined)),
    /others is not/,
  );
});

Deno.test("the reader of these tests refuses what is not of the format", () => {
  const header = "# HELP a b\n# TYPE a gauge\n";
  const histogram = "# HELP h b\n# TYPE h histogram\n";
  for (
    const [text, reason] of [
      [`${header}a 1`, /does not end/],
      ["a 1\n", /no type/],
      [`${header}a 1\na 1\n`, /stands twice/],
      [`${header}a{x="\\t"} 1\n`, /no escape/],
      [`${header}a{x="1",x="2"} 1\n`, /stands twice/],
      [`${header}a{x="1",} 1\n`, /comma/],
      [`${header}a one\n`, /no number/],
      [`${header}a  1\n`, /not one value/],
      [`${header}b 1\n`, /no sample of the gauge/],
      ["# TYPE a thing\n", /no type/],
      ["# TYPE a gauge\na 1\n", /lacks its type or help/],
      [`${header}a 1\n# HELP b c\n# TYPE b gauge\n${header}`, /two places/],
      ["# HELP c b\n# TYPE c counter\nc -1\n", /is -1/],
      [
        `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
        /do not add up/,
      ],
      [`${histogram}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`, /no last bucket/],
      [`${histogram}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`, /other than its buckets/],
      [`${histogram}h_bucket{le="+Inf"} 1\nh_count 1\n`, /lacks its count or sum/],
    ] as const
  ) {
    assert.throws(() => readExposition(text), reason, text);
  }
  assert.throws(() => readExposition(header, "openMetrics"), /EOF/);
});
