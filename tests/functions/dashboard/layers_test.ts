/** Layouts of graphs: laws that hold of all of them. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Box, layOut, type Link } from "../../../functions/dashboard/layers.ts";

const [WIDTH, HEIGHT] = [100, 30];

function boxes(count: number): Box[] {
  return Array.from({ length: count }, (_, index) => ({ id: `n${index}`, width: WIDTH, height: HEIGHT }));
}

/** Any graph, with circles, edges from a node to itself, and edges to nodes that are not there. */
const anyGraph = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.record({
    nodes: fc.constant(boxes(count)),
    links: fc.uniqueArray(
      fc.record({
        from: fc.integer({ min: 0, max: count }).map((index) => `n${index}`),
        to: fc.integer({ min: 0, max: count }).map((index) => `n${index}`),
      }),
      { maxLength: 30, selector: ({ from, to }) => `${from} ${to}` },
    ),
  })
);

Deno.test("no two boxes overlap, all lie within the drawing, and edges go from box to box", () => {
  fc.assert(fc.property(anyGraph, ({ nodes, links }) => {
    const { places, routes, width, height } = layOut(nodes, links);
    const all = nodes.map(({ id }) => places.get(id)!);
    for (const { x, y } of all) {
      assert.ok(x >= 0 && y >= 0 && x + WIDTH <= width + 1e-6 && y + HEIGHT <= height + 1e-6);
    }
    all.forEach((one, index) => {
      for (const other of all.slice(index + 1)) {
        const apart = Math.abs(one.x - other.x) >= WIDTH || Math.abs(one.y - other.y) >= HEIGHT;
        assert.ok(apart, `${JSON.stringify(one)} ${JSON.stringify(other)}`);
      }
    });
    links.forEach(({ from, to }, index) => {
      const route = routes[index];
      if (from === to || !places.has(from) || !places.has(to)) return assert.deepEqual(route, []);
      const ends = [places.get(from)!, places.get(to)!];
      for (const [end, point] of [[ends[0], route[0]], [ends[1], route.at(-1)!]] as const) {
        assert.ok(point.x === end.x || point.x === end.x + WIDTH);
        assert.ok(Math.abs(point.y - end.y - HEIGHT / 2) < 1e-6);
      }
    });
  }));
});

Deno.test("where there is no circle, every edge leads to the right", () => {
  const acyclic = anyGraph.map(({ nodes, links }) => ({
    nodes,
    links: links.filter(({ from, to }) => Number(from.slice(1)) < Number(to.slice(1))),
  }));
  fc.assert(fc.property(acyclic, ({ nodes, links }) => {
    const { places } = layOut(nodes, links);
    for (const { from, to } of links) {
      if (places.has(to)) assert.ok(places.get(from)!.x + WIDTH < places.get(to)!.x);
    }
  }));
});

Deno.test("an edge that passes a layer goes around the boxes there", () => {
  const links: Link[] = [
    { from: "n0", to: "n1" },
    { from: "n1", to: "n2" },
    { from: "n0", to: "n2" },
  ];
  const { places, routes } = layOut(boxes(3), links);
  const middle = places.get("n1")!;
  const passed = routes[2].slice(1, -1);
  assert.equal(passed.length, 2);
  for (const { x, y } of passed) {
    assert.ok(x >= middle.x && x <= middle.x + WIDTH);
    assert.ok(y < middle.y || y > middle.y + HEIGHT);
  }
});

Deno.test("edges that need not cross do not", () => {
  // two chains, whose nodes are named so that their first order crosses
  const links: Link[] = [{ from: "n0", to: "n3" }, { from: "n1", to: "n2" }];
  const { places } = layOut(boxes(4), links);
  const y = (id: string) => places.get(id)!.y;
  assert.equal(y("n0") < y("n1"), y("n3") < y("n2"));
  assert.ok(Math.abs(y("n0") - y("n3")) < 1e-6);
});
