import assert from "node:assert/strict";
import fc from "fast-check";
import { table } from "../../scripts/table.ts";
import { onTerminal } from "../support/terminal.ts";

const HEADER = ["id", "reason", "payload"];
const ROWS = [[
  1234567,
  "Cannot accept s11 as it must be a finite number",
  '{"engine_id":"ENGINE_001","cycle":1}',
], [
  8,
  "short",
  "–",
]];

Deno.test("a table that is too wide gives way in its widest texts, and never in a number", () => {
  assert.equal(
    table(HEADER, ROWS, { columns: 40 }),
    [
      "       id  reason         payload",
      "─────────  ─────────────  ──────────────",
      '1,234,567  Cannot accep…  {"engine_id":…',
      "        8  short          –",
    ].join("\n"),
  );
  const whole = table(HEADER, ROWS, { columns: Infinity });
  assert.ok(whole.includes(String(ROWS[0][1])) && whole.includes(String(ROWS[0][2])));
});

Deno.test("a table that cannot fit becomes blocks of lines that hold everything", () => {
  assert.equal(
    table(HEADER, ROWS, { columns: 20 }),
    [
      "id       1,234,567",
      "reason   Cannot accept s11 as it must be a finite number",
      'payload  {"engine_id":"ENGINE_001","cycle":1}',
      "",
      "id       8",
      "reason   short",
      "payload  –",
    ].join("\n"),
  );
});

Deno.test("whatever it holds, a table is no wider than it may be, or is no table", () => {
  const cell = fc.oneof(
    fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
    fc.integer(),
    fc.constant(null),
  );
  fc.assert(fc.property(
    fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 20, max: 200 }),
    (rows, columns) => {
      const text = table(HEADER, rows, { columns });
      if (!text.includes("─")) return true;
      return text.split("\n").every((line) => [...line].length <= columns);
    },
  ));
});

Deno.test("a terminal's table has its width and the colours of verdicts; a file's is whole and has none", async () => {
  const script = `deno eval --ext=ts '
    import { table, VERDICT_PAINT } from "./scripts/table.ts";
    console.log(table(["verdict", "evidence"], [["fail", "x".repeat(300)]], { paint: { verdict: VERDICT_PAINT } }));'`;
  const lines = (await onTerminal(script, { columns: 120 })).text.split("\n");
  assert.equal(lines[1].length, 120);
  assert.equal(lines[2], `\x1b[31mfail   \x1b[39m  ${"x".repeat(110)}…`);
  const piped = await onTerminal(`${script} | cat`, { columns: 120 });
  assert.ok(piped.text.includes(`fail     ${"x".repeat(300)}\n`));
});
