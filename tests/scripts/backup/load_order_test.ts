import assert from "node:assert/strict";
import { loadOrder } from "../../../scripts/backup/load_order.ts";

Deno.test("each table comes after those that it refers to", () => {
  const tables = ["a", "b", "c", "d", "alone"];
  const keys = [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "a", to: "d" }, {
    from: "d",
    to: "c",
  }];
  const order = loadOrder(tables, keys);
  assert.deepEqual(order.toSorted(), tables.toSorted());
  for (const { from, to } of keys) assert.ok(order.indexOf(from) > order.indexOf(to), `${from} after ${to}`);
});

Deno.test("a table that refers to itself, or to one that is not loaded, can be loaded", () => {
  assert.deepEqual(loadOrder(["a"], [{ from: "a", to: "a" }, { from: "a", to: "elsewhere" }]), ["a"]);
});

Deno.test("tables that refer to each other are refused by their names", () => {
  assert.throws(
    () => loadOrder(["a", "b", "c"], [{ from: "a", to: "b" }, { from: "b", to: "a" }]),
    /must not form a circle: current tables are a, b$/,
  );
});
