import assert from "node:assert/strict";
import fc from "fast-check";
import { type KnownEngine, planSplit } from "../../../scripts/export/split/plan.ts";

const DRAWN = { testFraction: 0.2, seed: 42 };

function engine(unitNumber: string, fleet: string, subset: KnownEngine["subset"] = null): KnownEngine {
  return { unitNumber, fleet, subset, rulCap: 125, readings: 100 };
}

function fleet(name: string, count: number, subset: KnownEngine["subset"] = "train"): KnownEngine[] {
  return Array.from({ length: count }, (_, i) => engine(`${name}_${subset}_${i}`, name, subset));
}

function names(engines: readonly KnownEngine[]): string[] {
  return engines.map(({ unitNumber }) => unitNumber);
}

const fleets = fc.uniqueArray(
  fc.record({
    unitNumber: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,8}$/),
    fleet: fc.constantFrom("", "FD001", "FD002", "Trent"),
    subset: fc.constantFrom("train" as const, "test" as const, null),
    rulCap: fc.constant(125),
    readings: fc.constant(100),
  }),
  { selector: ({ unitNumber }) => unitNumber, minLength: 2, maxLength: 60 },
).filter((engines) =>
  ["", "FD001", "FD002", "Trent"].every((name) => {
    const own = engines.filter(({ fleet }) => fleet === name);
    return own.length === 0 || own.filter(({ subset }) => subset !== "test").length >= 2;
  })
);
const fraction = fc.double({ min: 0.01, max: 0.99, noNaN: true });

Deno.test("every engine is on one side or left out, whatever the fleets, the seed and the fraction", () => {
  fc.assert(fc.property(
    fleets,
    fc.nat(),
    fraction,
    fc.constantFrom(undefined, "engines" as const),
    (engines, seed, testFraction, method) => {
      const plans = planSplit(engines, { seed, testFraction, method });
      const placed = plans.flatMap(({ trainEngines, testEngines, leftOut }) => [
        ...names(trainEngines),
        ...names(testEngines),
        ...names(leftOut),
      ]);
      assert.deepEqual(placed.toSorted(), names(engines).toSorted());
      for (const plan of plans) {
        assert.ok(plan.trainEngines.length > 0 && plan.testEngines.length > 0, plan.fleet);
        if (plan.method === "engines") {
          assert.ok([...plan.trainEngines, ...plan.testEngines].every(({ subset }) => subset !== "test"));
          const drawn = plan.trainEngines.length + plan.testEngines.length;
          assert.ok(Math.abs(plan.testEngines.length - drawn * testFraction) <= 1);
        } else assert.ok(plan.testEngines.every(({ subset }) => subset === "test"));
      }
    },
  ));
});

Deno.test("the order in which engines come from the database changes nothing", () => {
  fc.assert(fc.property(
    fleets.chain((engines) =>
      fc.tuple(
        fc.constant(engines),
        fc.shuffledSubarray(engines, { minLength: engines.length, maxLength: engines.length }),
      )
    ),
    ([engines, shuffled]) => assert.deepEqual(planSplit(shuffled, DRAWN), planSplit(engines, DRAWN)),
  ));
});

Deno.test("a new engine moves at most one other one to the other side, and another fleet moves none", () => {
  const before = planSplit(fleet("FD001", 100), DRAWN)[0];
  const [after] = planSplit([...fleet("FD001", 100), engine("NEW", "FD001", "train")], DRAWN);
  const moved = names(before.testEngines).filter((name) => names(after.trainEngines).includes(name))
    .concat(names(before.trainEngines).filter((name) => names(after.testEngines).includes(name)));
  assert.ok(moved.length <= 1, moved.join(", "));
  assert.deepEqual(planSplit([...fleet("FD001", 100), ...fleet("Trent", 30)], DRAWN)[0], before);
});

Deno.test("another seed draws other engines, and 20 of 100", () => {
  const [one] = planSplit(fleet("FD001", 100), DRAWN);
  const [other] = planSplit(fleet("FD001", 100), { ...DRAWN, seed: 43 });
  assert.equal(one.testEngines.length, 20);
  assert.notDeepEqual(names(one.testEngines), names(other.testEngines));
});

Deno.test("every engine is drawn about as often as any other", () => {
  const times = new Map<string, number>();
  for (let seed = 0; seed < 500; seed++) {
    for (const name of names(planSplit(fleet("FD001", 50), { testFraction: 0.2, seed })[0].testEngines)) {
      times.set(name, (times.get(name) ?? 0) + 1);
    }
  }
  assert.equal(times.size, 50);
  // binomial: 100 of 500, standard deviation 9
  for (const [name, drawn] of times) assert.ok(Math.abs(drawn - 100) < 45, `${name}: ${drawn}`);
});

Deno.test("the official test set is tested with at its last readings where there is one, all of them on request", () => {
  const engines = [...fleet("FD001", 3), ...fleet("FD001", 2, "test"), ...fleet("Trent", 5, null)];
  const shown = (options: Partial<Parameters<typeof planSplit>[1]> = {}) =>
    planSplit(engines, { ...DRAWN, ...options }).map(({ fleet, method, test, testEngines, leftOut }) => [
      fleet,
      method,
      test,
      testEngines.length,
      leftOut.length,
    ]);
  assert.deepEqual(shown(), [["FD001", "official", "last", 2, 0], ["Trent", "engines", "all", 1, 0]]);
  assert.deepEqual(shown({ test: "all" }), [["FD001", "official", "all", 2, 0], [
    "Trent",
    "engines",
    "all",
    1,
    0,
  ]]);
  assert.deepEqual(shown({ method: "engines" }), [["FD001", "engines", "all", 1, 2], [
    "Trent",
    "engines",
    "all",
    1,
    0,
  ]]);
});

Deno.test("what cannot be split is refused with the reason", () => {
  const refused = (engines: KnownEngine[], options: Partial<Parameters<typeof planSplit>[1]>) => () =>
    planSplit(engines, { ...DRAWN, ...options });
  assert.throws(
    refused(fleet("FD001", 5), { method: "official" }),
    /^CommandError: Cannot split FD001 officially as its test set must be loaded, with its RUL file: deno task load /,
  );
  assert.throws(
    refused(fleet("FD001", 5, "test"), {}),
    /Cannot split FD001 as there must be engines to train on: all 5 are of the official test set/,
  );
  assert.throws(
    refused(fleet("FD001", 5), { test: "last" }),
    /Cannot test FD001 with last readings as its test set must be the official one/,
  );
  assert.throws(
    refused(fleet("", 1), {}),
    /Cannot split as there must be at least two engines of a fleet whose life is known: there are _train_0/,
  );
  // a fleet of one engine is trained on where another one is tested with
  assert.deepEqual(
    planSplit([...fleet("A", 1), ...fleet("B", 5)], DRAWN).map(({ testEngines }) => testEngines.length),
    [0, 1],
  );
});
