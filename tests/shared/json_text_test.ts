import assert from "node:assert/strict";
import fc from "fast-check";
import { elementTexts, isStorable, JsonText, memberStart } from "../../shared/json_text.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";

/** JSON with white space where it may be: between any two tokens. */
const spaced = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.constantFrom("", " ", "\t", "\n", "\r", "  \n"), { minLength: 1, maxLength: 8 }))
    .map(
      ([json, spaces]) => {
        let i = 0;
        return json.replace(
          /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g,
          (token) => spaces[i++ % spaces.length] + token + spaces[i++ % spaces.length],
        );
      },
    );

/** Texts of elements: what JSON.stringify writes, and what only other writers write. */
const element = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    "1e400",
    "-0",
    "123456789012345678901234567890",
    '"\\u0000"',
    '"\\ud800"',
    '"\\"]}\\\\"',
    '{"a":1,"a":2}',
    "[[],[[]],{}]",
    '{"]":"["}',
    "1E+2",
  ),
);

Deno.test("the texts of an array's elements are those it was made of", () => {
  fc.assert(
    fc.property(fc.array(spaced(element), { maxLength: 6 }), spaced(fc.constant("")), (elements, space) => {
      const text = `${space}[${elements.join(",")}]`;
      const cut = elementTexts(text, text.indexOf("["));
      assert.deepEqual(cut, elements.map((each) => each.trim()));
    }),
    { seed: 2, numRuns: 1000 },
  );
});

Deno.test("each element's text parses to the element that JSON.parse gives", () => {
  fc.assert(
    fc.property(spaced(fc.array(element, { maxLength: 6 }).map((all) => `[${all.join(",")}]`)), (text) => {
      const cut = elementTexts(text, text.indexOf("["));
      assert.deepEqual(cut.map((each) => JSON.parse(each)), JSON.parse(text));
    }),
    { seed: 2, numRuns: 1000 },
  );
});

Deno.test("a member is found by its last occurrence, as JSON.parse takes it, escaped or not", () => {
  const key = fc.constantFrom(
    '"readings"',
    '"reading\\u0073"',
    '"other"',
    '"readings "',
    '"\\"readings\\""',
    '""',
  );
  const list = fc.array(element, { maxLength: 3 }).map((all) => `[${all.join(",")}]`);
  const others = fc.array(fc.tuple(key, fc.oneof(element, list)), { maxLength: 6 });
  const last = fc.tuple(fc.constantFrom('"readings"', '"reading\\u0073"'), list);
  const body = fc.tuple(
    others,
    last,
    others.map((all) => all.filter(([name]) => !/reading(s|\\u0073)"$/.test(name))),
  )
    .map(([before, one, after]) =>
      `{${[...before, one, ...after].map((member) => member.join(":")).join(",")}}`
    );
  fc.assert(
    fc.property(spaced(body), (text) => {
      const cut = elementTexts(text, memberStart(text, "readings"));
      assert.deepEqual(cut.map((each) => JSON.parse(each)), JSON.parse(text).readings);
    }),
    { seed: 2, numRuns: 1000 },
  );
});

Deno.test("nesting of a hundred thousand levels is cut without recursion", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  assert.deepEqual(elementTexts(`[1,${deep},2]`, 0), ["1", deep, "2"]);
  assert.equal(isStorable(deep), false);
});

Deno.test("brackets inside of strings are no nesting", () => {
  assert.equal(isStorable(JSON.stringify("[".repeat(10_000))), true);
  assert.equal(isStorable(`["\\"${"[".repeat(10_000)}", "\\\\"]`), true);
});

for (const version of [15, 17] as const) {
  Deno.test({
    name:
      `Postgres ${version} holds as json what is said to be storable, arrays and objects to the deepest level`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ empty: true, version });
      for (const [open, close] of [["[", "]"], ['{"a":', "}"]]) {
        let depth = 1;
        while (isStorable(open.repeat(depth + 1) + "1" + close.repeat(depth + 1))) depth++;
        assert.ok(depth >= 100, "ordinary nesting must be storable");
        const text = open.repeat(depth) + "1" + close.repeat(depth);
        const [row] = await db.sql`select ${text}::text::json::text = ${text} as same`;
        assert.equal(row.same, true);
      }
    },
  });
}

Deno.test("the text of any value inside of a JSON text is found, whatever is around it", () => {
  const path = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.string({ unit: "grapheme" })), { maxLength: 5 });
  fc.assert(fc.property(path, spaced(fc.json()), (steps, text) => {
    let whole = text.trim();
    for (const step of steps.toReversed()) {
      whole = typeof step === "number"
        ? `[ ${"{}, ".repeat(step)}${whole}\n, null]`
        : `{${JSON.stringify(step)}: 1,  ${JSON.stringify(step)} :${whole} , "${step.length}.": []}`;
    }
    const found = steps.reduce(
      (json, step) => typeof step === "number" ? json.element(step) : json.member(step),
      new JsonText(whole),
    );
    assert.equal(found.text, text.trim());
  }));
});
