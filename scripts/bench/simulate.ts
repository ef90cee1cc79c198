/**
 * Benchmark of the simulator: readings made, as objects and as NDJSON text, beside the simulator of the plan that this
 * project began with: a loop in Python with numpy's noise, without its sleep.
 *
 * Hypothesis: at least five times as fast on one core, although the peer knows neither engines of their own nor
 * correlations nor resolutions, and gives all engines of a cycle the same timestamp.
 */

import { join } from "node:path";
import { Fleet } from "../simulation/fleet.ts";
import { ndjson } from "../simulation/target.ts";
import { ratios, type Spread, spread } from "./measure.ts";

export interface SimulateBenchOptions {
  /** Engines that fly at a time. */
  readonly engines: number;
  readonly cycles: number;
  readonly pairs: number;
}

export interface SimulateBenchResult {
  readonly options: SimulateBenchOptions;
  readonly readings: number;
  /** Readings a second. */
  readonly objects: Spread;
  readonly ndjson: Spread;
  /** Null where /usr/bin/python3 lacks numpy. */
  readonly peer: {
    readonly speed: Spread;
    /** Speed of the simulator relative to the peer's, pair by pair: readings as objects in both. */
    readonly objectsToPeer: Spread;
  } | null;
}

/** Readings that are made at once: as many as a batch has. */
const BATCH = 2000;

/** What simulate_peer.py prints. */
interface PeerRun {
  readonly readings: number;
  readonly ms: number;
}

async function byPython({ engines, cycles }: SimulateBenchOptions): Promise<PeerRun | null> {
  const python = (args: string[]) => new Deno.Command("/usr/bin/python3", { args, stderr: "piped" }).output();
  try {
    if (!(await python(["-c", "import numpy"])).success) return null;
  } catch {
    return null; // no Python at all
  }
  const script = join(import.meta.dirname!, "simulate_peer.py");
  const { success, stdout, stderr } = await python([script, String(engines), String(cycles)]);
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(`Cannot measure the peer: ${new TextDecoder().decode(stderr)}`);
}

/** Makes all readings of a fleet, batch by batch; `use` takes each. */
function make(
  { engines, cycles }: SimulateBenchOptions,
  use: (batch: readonly unknown[]) => unknown,
): number {
  const fleet = new Fleet({
    engines,
    cycles,
    seed: 1,
    prefix: "BENCH_",
    firstMs: Date.UTC(2024, 0, 1),
    intervalMs: 3_600_000,
    conditions: 1,
    faultMode: "hpc",
    faults: new Map(),
  });
  let readings = 0;
  while (!fleet.done) {
    const batch = fleet.take(BATCH);
    use(batch);
    readings += batch.length;
  }
  return readings;
}

/** Runs the benchmark. One run of each, before they count, warms up. */
export async function benchSimulate(
  options: SimulateBenchOptions,
  progress: (line: string) => void,
): Promise<SimulateBenchResult> {
  const expected = options.engines * options.cycles;
  const speed = (use: (batch: readonly unknown[]) => unknown) => {
    const start = performance.now();
    const readings = make(options, use);
    if (readings !== expected) throw new Error(`Cannot count this run as it made ${readings} readings`);
    return readings / (performance.now() - start) * 1000;
  };
  const asObjects = () => speed((batch) => batch);
  const asText = () => speed(ndjson);
  asObjects();
  asText();

  const objects: number[] = [];
  const texts: number[] = [];
  const peers: number[] = [];
  for (let pair = 1; pair <= options.pairs; pair++) {
    objects.push(asObjects());
    const peer = await byPython(options);
    if (peer !== null) {
      if (peer.readings !== expected) {
        throw new Error(`Cannot count this run as the peer made ${peer.readings} readings`);
      }
      peers.push(peer.readings / peer.ms * 1000);
    }
    texts.push(asText());
    progress(
      `pair ${pair} of ${options.pairs}: ${Math.round(objects.at(-1)!)} readings/s` +
        (peer === null ? "" : `, peer ${Math.round(peers.at(-1)!)}`),
    );
  }
  return {
    options,
    readings: expected,
    objects: spread(objects),
    ndjson: spread(texts),
    peer: peers.length === 0 ? null : { speed: spread(peers), objectsToPeer: ratios(objects, peers) },
  };
}
