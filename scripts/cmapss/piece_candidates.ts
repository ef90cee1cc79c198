/** Pieces of a file as candidates for the intake. */

import { type Candidates, Undecodable } from "../../shared/candidates.ts";
import type { ValueColumn } from "../../shared/sensors.ts";
import type { Engine } from "./engines.ts";
import type { Fault } from "./inspection.ts";
import type { Piece } from "./rows.ts";
import { timestamp } from "./timeline.ts";

/** A reading before anybody has validated it; the timestamp is null only where the calendar ends. */
type RawReading =
  & { engine_id: string; cycle: number; timestamp: string | null }
  & Record<ValueColumn, number | null>;

function present(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/**
 * Hands the rows of a piece to the intake, as objects only for as long as that takes.
 *
 * A bad row goes along as {@link Undecodable} with its reason, so that it becomes a dead letter. What is kept
 * of it is its reading where it is one, to be replayed as it is or corrected, and the line where it is not.
 *
 * @param faults Why rows are bad, by their place in the piece.
 * @param engines By unit.
 * @param fallback Stands in for units that are not among `engines`: those whose every row is bad.
 */
export function pieceCandidates(
  piece: Piece,
  faults: ReadonlyMap<number, Fault>,
  engines: ReadonlyMap<number, Engine>,
  intervalMs: number,
  fallback: (unit: number) => Pick<Engine, "unitNumber" | "firstCycleMs">,
): Candidates {
  const { cycles, units } = piece;
  const [altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21] =
    piece.values;
  // Engines that begin or end together share their times, and formatting one costs as much as the other values
  const times = new Map<number, string | null>();
  const timeAt = (ms: number): string | null => {
    let time = times.get(ms);
    if (time === undefined) times.set(ms, time = timestamp(ms));
    return time;
  };
  // Rows of one engine stand together: look it up when it changes
  let unit = 0;
  let engine: Pick<Engine, "unitNumber" | "firstCycleMs"> | undefined;
  const reading = (i: number): RawReading => {
    if (units[i] !== unit || engine === undefined) {
      unit = units[i];
      engine = engines.get(unit) ?? fallback(unit);
    }
    // Written out, as one literal: assigning the seventeen in a loop took seven times as long
    return {
      engine_id: engine.unitNumber,
      cycle: cycles[i],
      timestamp: timeAt(engine.firstCycleMs + (cycles[i] - 1) * intervalMs),
      altitude: present(altitude[i]),
      mach_number: present(mach_number[i]),
      tra: present(tra[i]),
      s2: present(s2[i]),
      s3: present(s3[i]),
      s4: present(s4[i]),
      s7: present(s7[i]),
      s8: present(s8[i]),
      s9: present(s9[i]),
      s11: present(s11[i]),
      s12: present(s12[i]),
      s13: present(s13[i]),
      s14: present(s14[i]),
      s15: present(s15[i]),
      s17: present(s17[i]),
      s20: present(s20[i]),
      s21: present(s21[i]),
    };
  };
  return {
    values: Array.from({ length: piece.count }, (_, i) => {
      const fault = faults.get(i);
      return fault === undefined ? reading(i) : new Undecodable(fault.reason, fault.path);
    }),
    payload: (i) => JSON.stringify(piece.badLines.get(i)?.text ?? reading(i)),
  };
}
