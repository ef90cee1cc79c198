import assert from "node:assert/strict";
import { Random } from "../../shared/random.ts";

Deno.test("a sequence is the same each time, on every machine", () => {
  const random = new Random(1, 2, 3);
  assert.deepEqual(
    [random.uniform(), random.uniform(), random.normal(), random.normal()],
    [0.9283241254743189, 0.021548771765083075, 1.0112699496823911, 0.034737472846381],
  );
});

Deno.test("seeds and streams have sequences of their own", () => {
  const firsts = [[1, 0, 0], [2, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 0]].map(([seed, stream, substream]) =>
    new Random(seed, stream, substream).uniform()
  );
  assert.equal(new Set(firsts).size, firsts.length);
});

Deno.test("normal numbers have the moments and the tails of a normal distribution", () => {
  const random = new Random(7);
  const count = 2_000_000;
  const moments = [0, 0, 0, 0];
  const beyond = new Map([[1, 0.3173105], [2, 0.0455003], [3, 0.0026998], [3.5, 0.00046526], [
    4,
    0.0000633425,
  ]]);
  const seen = new Map([...beyond.keys()].map((z) => [z, 0]));
  for (let i = 0; i < count; i++) {
    const value = random.normal();
    for (let power = 1; power <= 4; power++) moments[power - 1] += value ** power / count;
    for (const z of beyond.keys()) if (Math.abs(value) > z) seen.set(z, seen.get(z)! + 1);
  }
  for (const [i, expected] of [0, 1, 0, 3].entries()) {
    assert.ok(Math.abs(moments[i] - expected) < 0.012, `moment ${i + 1} is ${moments[i]}`);
  }
  for (const [z, share] of beyond) {
    const error = Math.sqrt(count * share); // standard deviation of the count
    assert.ok(Math.abs(seen.get(z)! - count * share) < 4 * error, `${seen.get(z)} are beyond ${z}`);
  }
});

Deno.test("uniform numbers are from 0 to 1, and picks are even", () => {
  const random = new Random(5);
  const counts = new Map<string, number>();
  for (let i = 0; i < 30_000; i++) {
    const picked = random.pick(["a", "b", "c"]);
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
  }
  for (const count of counts.values()) assert.ok(Math.abs(count - 10_000) < 400);
  assert.deepEqual([...random.shuffled([1, 2, 3, 4])].sort(), [1, 2, 3, 4]);
});
