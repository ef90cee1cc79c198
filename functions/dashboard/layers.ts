/**
 * Where the nodes of a directed graph are drawn: in layers from left to right, each node right of what leads to it.
 *
 * After Sugiyama: circles are opened, layers are given, long edges get a place in each layer that they pass, the order
 * within the layers is made such that few edges cross, and at last nodes are moved towards their neighbours.
 */

/** A node and how much room it takes, in px. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** An edge between two nodes, by id. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** A place, in px. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is. */
export interface Layout {
  /** Upper left corner of each node. */
  readonly places: ReadonlyMap<string, Point>;
  /** Of each edge the points that it passes, from the edge of one box to that of the other. */
  readonly routes: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

/** px between layers, and between neighbours of a layer. */
const LAYER_GAP = 48;
const NODE_GAP = 12;
/** px that an edge takes in a layer that it passes. */
const LANE = 6;
/** How often order and places are improved; further rounds change next to nothing. */
const ROUNDS = 12;

/** A node, or the place of a long edge in a layer. */
interface Item {
  readonly width: number;
  readonly height: number;
  readonly layer: number;
  readonly before: number[];
  readonly after: number[];
  y: number;
}

/** The edges without those that close a circle, which are turned around. */
function opened(size: number, edges: readonly (readonly [number, number])[]): [number, number][] {
  const after = Array.from({ length: size }, (): number[] => []);
  for (const [from, to] of edges) after[from].push(to);
  const state = new Uint8Array(size); // 1: on the way, 2: done
  const closing = new Set<string>();
  const visit = (node: number) => {
    state[node] = 1;
    for (const next of after[node]) {
      if (state[next] === 0) visit(next);
      else if (state[next] === 1) closing.add(`${node} ${next}`);
    }
    state[node] = 2;
  };
  // from where nothing leads to first, so that as few edges as possible run backwards
  const entered = new Set(edges.map(([, to]) => to));
  const order = Array.from({ length: size }, (_, node) => node)
    .sort((one, other) => Number(entered.has(one)) - Number(entered.has(other)));
  for (const node of order) if (state[node] === 0) visit(node);
  return edges.map(([from, to]) => closing.has(`${from} ${to}`) ? [to, from] : [from, to]);
}

/** The layer of each node: right of everything that leads to it, and where there is a choice, close to what follows. */
function layersOf(size: number, edges: readonly (readonly [number, number])[]): number[] {
  const layers = new Array<number>(size).fill(0);
  for (let changed = true; changed;) {
    changed = false;
    for (const [from, to] of edges) {
      if (layers[to] > layers[from]) continue;
      layers[to] = layers[from] + 1;
      changed = true;
    }
  }
  const entered = new Set(edges.map(([, to]) => to));
  for (let node = 0; node < size; node++) {
    const following = edges.filter(([from]) => from === node).map(([, to]) => layers[to]);
    if (!entered.has(node) && following.length > 0) layers[node] = Math.min(...following) - 1;
  }
  return layers;
}

function crossings(layer: readonly number[], place: readonly number[], items: readonly Item[]): number {
  const ends = layer.flatMap((item) =>
    items[item].after.map((next) => place[next]).sort((one, other) => one - other)
  );
  let count = 0;
  for (let i = 0; i < ends.length; i++) {
    for (let j = i + 1; j < ends.length; j++) if (ends[j] < ends[i]) count++;
  }
  return count;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Orders the items of each layer by where their neighbours are, to and fro, and keeps the order with the fewest crossings. */
function order(layers: number[][], items: readonly Item[]): number[][] {
  const place = new Array<number>(items.length).fill(0);
  const number = (layer: readonly number[]) => layer.forEach((item, index) => place[item] = index);
  layers.forEach(number);
  const total = () => layers.reduce((sum, layer) => sum + crossings(layer, place, items), 0);
  let best = layers.map((layer) => [...layer]);
  let least = total();
  for (let round = 0; round < ROUNDS && least > 0; round++) {
    const forwards = round % 2 === 0;
    for (const layer of forwards ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map((item) => {
        const neighbours = forwards ? items[item].before : items[item].after;
        return [item, neighbours.length === 0 ? place[item] : mean(neighbours.map((next) => place[next]))];
      }));
      layer.sort((one, other) => wanted.get(one)! - wanted.get(other)!);
      number(layer);
    }
    const now = total();
    if (now >= least) continue;
    least = now;
    best = layers.map((layer) => [...layer]);
  }
  return best;
}

/**
 * Moves the items of a layer as close to where they want to be as their order and size allow: the places with the least
 * sum of squared distances, by pooling neighbours that would overlap.
 */
function settle(layer: readonly number[], wanted: readonly number[], items: readonly Item[]): void {
  const gap = (one: Item, other: Item) =>
    (one.height + other.height) / 2 + (one.width > 0 && other.width > 0 ? NODE_GAP : LANE);
  let offset = 0;
  const offsets = layer.map((item, index) =>
    offset += index === 0 ? 0 : gap(items[layer[index - 1]], items[item])
  );
  const pools: { sum: number; count: number }[] = [];
  layer.forEach((_, index) => {
    pools.push({ sum: wanted[index] - offsets[index], count: 1 });
    while (pools.length > 1) {
      const [one, other] = pools.slice(-2);
      if (one.sum / one.count <= other.sum / other.count) break;
      pools.splice(-2, 2, { sum: one.sum + other.sum, count: one.count + other.count });
    }
  });
  let index = 0;
  for (const { sum, count } of pools) {
    for (let i = 0; i < count; i++, index++) items[layer[index]].y = sum / count + offsets[index];
  }
}

/** Lays a graph out. Edges of nodes that are not there, and those from a node to itself, have no points. */
export function layOut(boxes: readonly Box[], links: readonly Link[]): Layout {
  const indexes = new Map(boxes.map(({ id }, index) => [id, index]));
  const known = links.map(({ from, to }) => [indexes.get(from), indexes.get(to)] as const);
  const edges = known.filter((edge): edge is readonly [number, number] =>
    edge[0] !== undefined && edge[1] !== undefined && edge[0] !== edge[1]
  );
  const directed = opened(boxes.length, edges);
  const layerOf = layersOf(boxes.length, directed);
  const items: Item[] = boxes.map(({ width, height }, index) => ({
    width,
    height,
    layer: layerOf[index],
    before: [],
    after: [],
    y: 0,
  }));
  const chains = directed.map(([from, to]) => {
    const chain = [from];
    for (let layer = layerOf[from] + 1; layer < layerOf[to]; layer++) {
      chain.push(items.push({ width: 0, height: 0, layer, before: [], after: [], y: 0 }) - 1);
    }
    chain.push(to);
    chain.slice(1).forEach((item, index) => {
      items[chain[index]].after.push(item);
      items[item].before.push(chain[index]);
    });
    return chain;
  });
  const layers: number[][] = [];
  items.forEach(({ layer }, index) => (layers[layer] ??= []).push(index));
  const filled = Array.from(layers, (layer) => layer ?? []);
  const ordered = order(filled, items);

  for (const layer of ordered) settle(layer, layer.map(() => 0), items);
  for (let round = 0; round < ROUNDS; round++) {
    const forwards = round % 2 === 0;
    for (const layer of forwards ? ordered : ordered.toReversed()) {
      const wanted = layer.map((item) => {
        const { before, after, y } = items[item];
        const neighbours = round >= ROUNDS - 2 ? [...before, ...after] : forwards ? before : after;
        return neighbours.length === 0 ? y : mean(neighbours.map((next) => items[next].y));
      });
      settle(layer, wanted, items);
    }
  }

  let right = 0;
  const lefts = ordered.map((layer) => {
    const left = right;
    right += Math.max(0, ...layer.map((item) => items[item].width)) + LAYER_GAP;
    return left;
  });
  const top = Math.min(0, ...items.map(({ y, height }) => y - height / 2));
  const bottom = Math.max(0, ...items.map(({ y, height }) => y + height / 2));
  const places = new Map(boxes.map(({ id }, index) => {
    const { layer, y, height } = items[index];
    return [id, { x: lefts[layer], y: y - height / 2 - top }];
  }));
  const routed = chains.map((chain) =>
    chain.flatMap((item, index): Point[] => {
      const { layer, width, y } = items[item];
      const across = Math.max(0, ...ordered[layer].map((other) => items[other].width));
      const [left, centre] = [lefts[layer], y - top];
      if (index === 0) return [{ x: left + width, y: centre }];
      if (index === chain.length - 1) return [{ x: left, y: centre }];
      return [{ x: left, y: centre }, { x: left + across, y: centre }];
    })
  );
  const turned = edges.map(([from], index) => directed[index][0] !== from);
  let edge = 0;
  const routes = known.map(([from, to]) => {
    if (from === undefined || to === undefined || from === to) return [];
    const route = routed[edge];
    return turned[edge++] ? route.toReversed() : route;
  });
  return { places, routes, width: Math.max(0, right - LAYER_GAP), height: bottom - top };
}
