import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRows, type Piece, ROWS_PER_PIECE } from "../../../scripts/cmapss/rows.ts";
import { formatLine, lines, seaLevelRow, text, withPlace } from "./synthetic.ts";

const KEPT = [2, 3, 4, 6, 7, 8, 11, 12, 13, 15, 16, 17, 18, 19, 21, 24, 25];

const parse = (content: string) => parseRows(new TextEncoder().encode(content));

/** The kept numbers of every row that is one. */
function rows(pieces: readonly Piece[]): number[][] {
  return pieces.flatMap((piece) =>
    Array.from({ length: piece.count }, (_, i) => i).filter((i) => !piece.badLines.has(i))
      .map((i) => [piece.units[i], piece.cycles[i], ...piece.values.map((column) => column[i])])
  );
}

function kept(row: readonly number[]): number[] {
  return [row[0], row[1], ...KEPT.map((place) => row[place])];
}

const LINE = formatLine(seaLevelRow(1, 1));

Deno.test("parsing what was formatted gives the same numbers", () => {
  const row = fc.tuple(
    fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    fc.integer({ min: -5, max: 2 ** 31 - 1 }),
    fc.array(
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -99_999_999, max: 99_999_999 }).map((n) => n / 10_000),
      ),
      { minLength: 24, maxLength: 24 },
    ),
  ).map(([unit, cycle, values]) => [unit, cycle, ...values.map((value) => value || 0)]); // -0 prints as 0
  const separator = fc.constantFrom(" ", "  ", "\t", " \t ");
  const lineEnd = fc.constantFrom("\n", "\r\n", "  \n", "\n\n", " \r\n\r\n");
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 5 }),
      separator,
      lineEnd,
      fc.boolean(),
      (table, between, end, unfinished) => {
        let content = table.map((numbers) => numbers.join(between) + end).join("");
        if (unfinished) content = content.trimEnd();
        assert.deepEqual(rows(parse(content)), table.map(kept));
      },
    ),
  );
});

Deno.test("numbers are what Number() makes of their text", () => {
  const texts = [
    "0.1",
    "1.15",
    "9044.07",
    "-0.0007",
    "+5",
    ".5",
    "5.",
    "1e3",
    "1.5E-3",
    "123456789012345678.25",
  ];
  for (const token of texts) {
    assert.deepEqual(rows(parse(withPlace(LINE, 6, token)))[0][5], Number(token), token);
  }
});

Deno.test("values that are not there are NaN, and their line is a row", () => {
  for (const token of ["NaN", "nan", "NA", "null", "None", "n/a"]) {
    assert.deepEqual(rows(parse(withPlace(LINE, 6, token)))[0][5], NaN, token);
  }
});

Deno.test("lines that are not rows are told apart and kept whole", () => {
  const of = (line: string | Uint8Array) => {
    const bytes = typeof line === "string" ? new TextEncoder().encode(line) : line;
    const { check, reason, text } = parseRows(bytes)[0].badLines.get(0)!;
    return [check, reason, text];
  };
  const row = LINE.trim();
  const short = row.split(" ").slice(0, 25).join(" ");
  assert.deepEqual(of(short), ["columns", "Cannot read line 1 as it must have 26 columns: it has 25", short]);
  const long = `${row} 1`;
  assert.deepEqual(of(`${long}\r\n`), [
    "columns",
    "Cannot read line 1 as it must have 26 columns: it has 27",
    long,
  ]);
  const nul = `${row}\0`;
  assert.deepEqual(of(nul), ["text", "Cannot read line 1 as it must be text without NUL", nul]);
  const latin1 = new Uint8Array([...new TextEncoder().encode(`${row} `), 0xe9, 0xff]);
  assert.deepEqual(of(latin1), ["text", "Cannot read line 1 as it must be UTF-8", `${row} éÿ`]);

  const wrong = (place: number, token: string, requirement: string) => {
    const line = withPlace(row, place, token);
    assert.deepEqual(of(line), [
      "types",
      `Cannot read line 1 as ${requirement}: current value is ${token}`,
      line,
    ]);
  };
  wrong(15, "high", "s11 must be a number");
  wrong(5, "1,5", "s1 must be a number");
  wrong(6, "1.2.3", "s2 must be a number");
  wrong(6, "-", "s2 must be a number");
  wrong(6, "0x10", "s2 must be a number");
  wrong(6, "Infinity", "s2 must be a number");
  wrong(6, "1e400", "s2 must be a number");
  wrong(0, "0", "unit must be a whole number from 1 to 2147483647");
  wrong(0, "NaN", "unit must be a whole number from 1 to 2147483647");
  wrong(0, "2147483648", "unit must be a whole number from 1 to 2147483647");
  wrong(1, "1.5", "cycle must be a whole number");
  wrong(1, "2147483648", "cycle must be a whole number");
});

Deno.test("a byte order mark, blank lines, CRLF and a missing last line feed cost nothing", () => {
  const expected = rows(parse(text(lines([3]))));
  assert.equal(expected.length, 3);
  const [a, b, c] = lines([3]);
  assert.deepEqual(rows(parse(`\ufeff\n${a}\r\n  \r\n\n${b}\r\n${c}`)), expected);
});

Deno.test("line numbers count every line, pieces hold 2,000 lines at most", () => {
  const [first, ...others] = parse(`\n\n${text(lines([ROWS_PER_PIECE + 1]))}`);
  assert.deepEqual([first.count, first.lines[0], first.lines[ROWS_PER_PIECE - 1]], [2000, 3, 2002]);
  assert.deepEqual(others.map(({ count, lines }) => [count, lines[0]]), [[1, 2003]]);
});

Deno.test("an empty file has no pieces", () => {
  assert.deepEqual(parse(""), []);
  assert.deepEqual(parse(" \r\n\n\t"), []);
});

Deno.test("arbitrary bytes never make the parser fail, and no line is lost", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const pieces = parseRows(bytes);
    const found = pieces.reduce((sum, { count }) => sum + count, 0);
    const latin1 = [...bytes].map((byte) => String.fromCharCode(byte)).join("").replace(/^\xef\xbb\xbf/, "");
    const expected = latin1.split("\n").filter((line) => /[^ \t\r]/.test(line));
    assert.equal(found, expected.length);
  }));
});
