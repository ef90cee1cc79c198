import assert from "node:assert/strict";
import { benchQuality } from "../../../scripts/bench/quality.ts";
import { endOf, faultyEngines, fleetUntil } from "../../../scripts/bench/fleet.ts";

Deno.test("a fleet's slots end where the next ones begin, and one engine in a hundred is faulty", () => {
  const fleet = fleetUntil(new Date("2025-01-02T00:05:00Z"), 201, 24);
  assert.equal(fleet.beginning.toISOString(), "2025-01-01T00:05:00.000Z");
  assert.equal(endOf(fleet, 1).toISOString(), "2025-01-01T01:05:00.000Z");
  assert.equal(faultyEngines(fleet), 3);
});

Deno.test("bench quality measures both histories and, where Python has what it needs, a peer with the same result", async () => {
  const said: string[] = [];
  const result = await benchQuality({ engines: 20, rows: 20_000, pairs: 1 }, (line) => said.push(line));
  assert.equal(result.rows, 20_020);
  assert.equal(result.doubledRows, 40_020);
  assert.ok(result.run.median > 0 && result.firstRun > 0 && result.insert.median > 0);
  assert.equal(result.doubledToRun.median, result.doubledRun.median / result.run.median);
  // every part that run_checks times
  for (const part of ["roll_up", "completeness", "range", "drift", "record"]) {
    assert.ok(result.parts[part].median >= 0, part);
  }
  if (result.peer) assert.ok(result.peer.pull.median > 0 && result.peer.peerToRun.median > 0);
  assert.match(said.at(-1)!, /^pair 1 of 1: run \d+ ms, twice the history \d+ ms/);
});
