import assert from "node:assert/strict";
import { type Given, plan } from "../../../scripts/simulation/plan.ts";
import { UsageError } from "../../../scripts/cli.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const HOUR = 3_600_000;

function planned(given: Given = {}, env: Record<string, string> = {}) {
  return plan(given, env, NOW);
}

Deno.test("without options it fills the local system with ten engines of 200 cycles that end now", () => {
  const { fleet, rate, destination, labels } = planned({ seed: "7" });
  assert.deepEqual(destination, {
    target: "ingest",
    url: "http://127.0.0.1:54321/functions/v1/ingest",
    key: "spool-local-ingest-key",
  });
  assert.deepEqual(fleet, {
    engines: 10,
    cycles: 200,
    firstMs: NOW - 200 * HOUR,
    intervalMs: HOUR,
    seed: 7,
    prefix: "SIM_7_",
    conditions: 1,
    faultMode: "hpc",
    faults: new Map(),
  });
  assert.equal(rate, null);
  assert.equal(labels, null);
  assert.notEqual(planned().fleet.seed, planned().fleet.seed);
});

Deno.test("the environment names another project and its key; options go before it", () => {
  const env = {
    SUPABASE_URL: "https://ref.supabase.co/",
    INGEST_KEYS: "first-key-of-a-sender,second-key-of-one",
  };
  assert.deepEqual(planned({}, env).destination, {
    target: "ingest",
    url: "https://ref.supabase.co/functions/v1/ingest",
    key: "first-key-of-a-sender",
  });
  assert.deepEqual(planned({ url: "http://localhost:1/x", key: "k" }, env).destination, {
    target: "ingest",
    url: "http://localhost:1/x",
    key: "k",
  });
});

Deno.test("in real time cycles are speed / rate seconds apart, from now, and need no end", () => {
  const { fleet, rate } = planned({ rate: "4", speed: "0.5" });
  assert.equal(rate, 4);
  assert.equal(fleet.intervalMs, 125);
  assert.equal(fleet.firstMs, NOW);
  assert.equal(fleet.cycles, Infinity);
});

Deno.test("the side file is beside what is written", () => {
  const at = (given: Given) => planned({ faults: "spike", seed: "7", ...given }).labels;
  assert.equal(at({}), "simulated_faults_7.ndjson");
  assert.equal(at({ target: "stdout" }), "simulated_faults_7.ndjson");
  assert.equal(at({ target: "file", out: "a/b.parquet" }), "a/b.parquet.faults.ndjson");
  assert.equal(at({ target: "file", out: "a/", format: "cmapss" }), "a/faults.ndjson");
  assert.equal(at({ labels: "x" }), "x");
});

Deno.test("the order in which faults are named changes nothing", () => {
  const [a, b] = ["late,spike:0.5", "spike:0.5,late"].map((faults) => planned({ faults }).fleet.faults);
  assert.deepEqual([...a], [...b]);
});

/** What makes no sense, and what is said of it. */
const REFUSED: [Given, RegExp][] = [
  [{ engines: "0" }, /--engines .* whole number from 1/],
  [{ engines: "1.5" }, /--engines/],
  [{ cycles: "0" }, /--cycles/],
  [{ rate: "0" }, /--rate .* above 0/],
  [{ rate: "fast" }, /--rate/],
  [{ speed: "2" }, /--speed .* --rate/],
  [{ rate: "1", speed: "-1" }, /--speed/],
  [{ rate: "1", interval: "1h" }, /--interval/],
  [{ rate: "2000" }, /millisecond apart/],
  [{ interval: "soon" }, /--interval/],
  [{ from: "yesterday" }, /--from/],
  [{ from: "now" }, /future.*--rate/],
  [{ from: "2026-01-31" }, /future/],
  [{ rate: "1", from: "2026-05-01" }, /ahead of the clock/],
  [{ rate: "1", speed: "2" }, /--cycles says how long/],
  [{ rate: "1", speed: "86400", cycles: "200" }, /more than 31 days/],
  [{ target: "file", out: "a.ndjson", from: "9999-12-30", cycles: "200" }, /year 10000/],
  [{ seed: "-1" }, /--seed/],
  [{ seed: "4294967296" }, /--seed/],
  [{ conditions: "2" }, /--conditions .* 1 or 6/],
  [{ "fault-mode": "lpc" }, /--fault-mode .* hpc, fan or both/],
  [{ faults: "flood" }, /--faults .* dropout/],
  [{ faults: "spike:2" }, /at most 1/],
  [{ faults: "spike:0" }, /above 0/],
  [{ faults: "spike:0.1:2" }, /--faults/],
  [{ faults: "" }, /--faults/],
  [{ labels: "x" }, /no faults to label/],
  [{ prefix: "a b" }, /--prefix/],
  [{ prefix: "x".repeat(51) }, /--prefix/],
  [{ target: "mars" }, /--target .* ingest, kinesis, file or stdout/],
  [{ target: "stdout", url: "http://x" }, /--url/],
  [{ target: "file", out: "a.ndjson", key: "k" }, /--key/],
  [{ stream: "s" }, /--stream/],
  [{ target: "kinesis" }, /--stream or KINESIS_STREAM must name/],
  [{ target: "kinesis", stream: "s", format: "ndjson" }, /its own format/],
  [{ out: "a.ndjson" }, /--out/],
  [{ target: "file" }, /--out must say/],
  [{ target: "file", out: "a.txt" }, /--format must be/],
  [{ target: "file", out: "a.txt", format: "csv" }, /--format/],
  [{ target: "stdout", format: "parquet" }, /standard output/],
  [{ url: "ftp://x" }, /--url/],
  [{ url: "https://example.com/ingest" }, /--key or INGEST_KEYS/],
  [{ target: "file", out: "a", format: "cmapss", cycles: "5" }, /run to failure/],
  [{ target: "file", out: "a", format: "cmapss", rate: "5" }, /no times/],
  [{ target: "file", out: "a", format: "cmapss", from: "2024-01-01" }, /no times/],
  [{ target: "file", out: "a", format: "cmapss", prefix: "X" }, /no names/],
  [{ target: "file", out: "a", format: "cmapss", faults: "late" }, /in order/],
];

for (const [given, message] of REFUSED) {
  Deno.test(`refused: ${JSON.stringify(given).slice(0, 90)}`, () => {
    assert.throws(
      () => planned(given),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

Deno.test("what is close to what is refused is not", () => {
  planned({ from: "2026-01-20", cycles: "200" });
  planned({ rate: "1", speed: "3600", cycles: "700" });
  planned({ rate: "1000" });
  planned({ rate: "1", from: "2026-02-15" });
  planned({ target: "stdout", from: "now" });
  planned({ target: "file", out: "a.ndjson", rate: "1", speed: "1000" });
  planned({ target: "file", out: "a", format: "cmapss", faults: "spike,dropout,stuck,drift" });
});

Deno.test("the stream is the one that is named, else that of the environment", () => {
  const env = { KINESIS_STREAM: "theirs" };
  const streamOf = (given: Given) => {
    const { destination } = planned({ target: "kinesis", ...given }, env);
    return destination.target === "kinesis" && destination.stream;
  };
  assert.equal(streamOf({}), "theirs");
  assert.equal(streamOf({ stream: "mine" }), "mine");
});
