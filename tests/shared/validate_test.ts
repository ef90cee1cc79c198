import assert from "node:assert/strict";
import { Undecodable } from "../../shared/candidates.ts";
import { validate } from "../../shared/validate.ts";
import { candidates, reading } from "../support/readings.ts";

Deno.test("one bad reading costs no other, and indexes lead back to the batch", () => {
  const good = [reading({ cycle: 1 }), reading({ cycle: 2 })];

  const validated = validate(
    candidates([null, good[0], new Undecodable("Cannot read it"), { ...good[1], note: 1 }]),
  );

  assert.deepEqual(validated.readings, [good[0], { ...good[1], note: 1 }]);
  assert.deepEqual(validated.indexes, [1, 3]);
  assert.deepEqual(validated.rejections, [
    {
      index: 0,
      path: "",
      message: "Cannot accept a reading as it must be an object: current value is null",
    },
    { index: 2, path: "", message: "Cannot read it" },
  ]);
});

Deno.test("an empty batch is nothing of each", () => {
  assert.deepEqual(validate(candidates([])), { readings: [], indexes: [], rejections: [] });
});

Deno.test("the path is that of the first fault in the order of the columns", () => {
  const [rejection] = validate(candidates([{ ...reading(), s21: "x", s2: Infinity, cycle: 0 }])).rejections;
  assert.equal(rejection.path, "cycle");
  const faults = rejection.message.split("; ");
  assert.deepEqual(faults.map((fault) => /^Cannot accept (\w+) as/.exec(fault)?.[1]), ["cycle", "s2", "s21"]);
});

Deno.test("a reading without any of its keys is one rejection in one line: three faults, and how many more", () => {
  const missing = "current value is missing";
  assert.deepEqual(validate(candidates([{}])).rejections, [{
    index: 0,
    path: "engine_id",
    message: `Cannot accept engine_id as it must be text: ${missing}; ` +
      `Cannot accept cycle as it must be a whole number from 1 to 2147483647: ${missing}; ` +
      `Cannot accept timestamp as it must be text: ${missing}; and 17 more faults`,
  }]);
});

Deno.test("what a door could not decode says why in text that Postgres can hold", () => {
  assert.equal(
    new Undecodable("Unexpected token '\ud83d' or '\0'").reason,
    "Unexpected token '\ufffd' or '\ufffd'",
  );
});
