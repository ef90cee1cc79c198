/** Flies a fleet into a target: as fast as it takes the readings, or in real time. */

import type { Reading } from "../../shared/reading.ts";
import type { Stage } from "../progress.ts";
import type { FaultLabel } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import { NotSentError, type Target, TargetClosed } from "./target.ts";

/** Most readings that are handed over at once: what the intake is fastest with. */
const BATCH_READINGS = 2000;

/** At least so long between two batches in real time: the latency it adds, against a request for each reading. */
const TICK_MS = 200;

/** setTimeout cannot wait longer than 24 days; a fleet that flies so seldom looks again now and then. */
const LONGEST_WAIT_MS = 3_600_000;

/** What a flight needs. */
export interface FlightOptions {
  readonly fleet: Fleet;
  readonly target: Target;
  /** Cycles a second that each engine flies; null: as fast as the target takes them. */
  readonly rate: number | null;
  /** Takes the labels of the faults whose readings have been sent. */
  readonly labels: (labels: readonly FaultLabel[]) => Promise<void> | void;
  readonly stage: Stage;
  /** Aborted when somebody wants to stop: the open batch is finished. */
  readonly signal: AbortSignal;
}

/** How it went. */
export interface FlightResult {
  /** Readings that were handed over, copies of duplicates included. */
  readonly sent: number;
  /** Engines of the readings that were handed over, and how many of them have failed by then. */
  readonly units: number;
  readonly failures: number;
  /** Readings that were made and could not be handed over; some of them may have arrived. */
  readonly unsent: number;
  /** Readings that the fleet would have given after that; null where it has no end. */
  readonly unmade: number | null;
  /** Why not; null where nothing failed. */
  readonly failure: string | null;
  /** Nobody wants to read any more; what was not handed over is no loss. */
  readonly closed: boolean;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, LONGEST_WAIT_MS));
    signal.addEventListener("abort", end);
  });
}

/**
 * Flies until the fleet is done or somebody wants to stop. A target that fails ends it, too: what was not sent is in
 * the result, and no label speaks of it.
 */
export async function fly(
  { fleet, target, rate, labels, stage, signal }: FlightOptions,
): Promise<FlightResult> {
  const startedMs = performance.now();
  const readingsPerMs = rate === null ? Infinity : rate * fleet.options.engines / 1000;
  const unmade = () => {
    const { engines, cycles } = fleet.options;
    return cycles === Infinity ? null : engines * cycles - fleet.taken;
  };
  let sent = 0;
  let flown = { units: 0, failures: 0 };

  const hand = async (batch: readonly Reading[]) => {
    if (batch.length > 0) await target.send(batch);
    sent += batch.length;
    flown = { units: fleet.units, failures: fleet.failures };
    const { rejected, retries } = target.counts();
    stage.advance(batch.length, `${rejected + retries} errors, ${fleet.failures} failures`);
  };

  let batch: Reading[] = [];
  try {
    let tickMs = startedMs;
    while (!fleet.done && !signal.aborted) {
      const elapsedMs = performance.now() - startedMs;
      // the first reading is due at once
      const due = rate === null ? BATCH_READINGS : Math.floor(elapsedMs * readingsPerMs) + 1 - fleet.taken;
      if (due >= 1) {
        batch = fleet.take(Math.min(due, BATCH_READINGS));
        await hand(batch);
        batch = [];
        await labels(fleet.takeLabels());
        if (rate === null || due > BATCH_READINGS) continue;
      }
      const nextMs = startedMs + fleet.taken / readingsPerMs;
      tickMs = Math.max(nextMs, tickMs + TICK_MS);
      await pause(tickMs - performance.now(), signal);
    }
    batch = fleet.finish();
    await hand(batch);
    batch = [];
    await target.close();
    await labels(fleet.takeLabels());
    return { sent, ...flown, unsent: 0, unmade: unmade(), failure: null, closed: false };
  } catch (error) {
    if (!isOver(error)) throw error;
    const unsent = [...batch, ...fleet.finish()];
    await labels(fleet.takeLabels(unsent));
    await target.close().catch((again) => {
      if (!isOver(again)) throw again; // it has said already that it is over
    });
    const closed = error instanceof TargetClosed;
    const failure = closed ? null : error.message.replace(/\.$/, "");
    return { sent, ...flown, unsent: unsent.length, unmade: unmade(), failure, closed };
  }
}

function isOver(error: unknown): error is NotSentError | TargetClosed {
  return error instanceof NotSentError || error instanceof TargetClosed;
}
