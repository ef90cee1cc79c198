/** Measures a parsed file against its expectations, and marks the rows that are to blame. */

import { VALUE_COLUMNS, type ValueColumn } from "../../shared/sensors.ts";
import {
  type Expectation,
  expectationSuite,
  type Measurement,
  type Status,
  verdict,
} from "./expectations.ts";
import { type FileName, formatFileName } from "./file_name.ts";
import type { RemainingLife } from "./remaining_life.ts";
import type { Piece } from "./rows.ts";

/** The result of one check, with its evidence. Names as they are printed with --json. */
export interface CheckResult {
  readonly check: Expectation["check"];
  readonly column: ValueColumn | null;
  readonly status: Status;
  readonly expected: string;
  /** What was measured: how many lines, rows or units failed, or how many there are. */
  readonly value: number | null;
  readonly threshold_min: number | null;
  readonly threshold_max: number | null;
  /** Smallest and largest value of a `range` column. */
  readonly observed_min: number | null;
  readonly observed_max: number | null;
  /** How many lines, rows or values were looked at. */
  readonly rows: number;
  /** Numbers of the first lines that failed, from 1. */
  readonly lines: readonly number[];
}

/** The report on one file. */
export interface FileReport {
  readonly file: string;
  /** The worst of its checks. */
  readonly status: "pass" | "warning" | "fail";
  readonly rows: number;
  readonly units: number;
  /** Lines and rows that fail a check of their own: what --allow-failures would dead-letter. */
  readonly bad_rows: number;
  readonly checks: readonly CheckResult[];
}

/** A file that has been looked at. */
export interface Inspection {
  readonly report: FileReport;
  readonly pieces: readonly Piece[];
  /** For each piece: why its rows are bad, by their place in it. Lines that are not rows included. */
  readonly faults: readonly ReadonlyMap<number, Fault>[];
  /** Last cycle of each unit, in ascending order of units. */
  readonly lastCycles: ReadonlyMap<number, number>;
}

/** Why a row is bad: all its faults in one line, and the column of the first, if it is one column's. */
export interface Fault {
  readonly path: string;
  readonly reason: string;
}

/** How many lines a result names. */
const MOST_EXAMPLES = 5;

/** Counts failures and remembers the first. */
class Failures {
  count = 0;
  readonly examples: number[] = [];

  add(line: number): void {
    this.count++;
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(line);
  }

  /** @param rows How many were looked at. */
  measurement(rows: number, observed: Measurement["observed"] = null): Measurement {
    return { value: rows === 0 ? null : this.count, rows, examples: this.examples, observed };
  }
}

/** What is known of a unit while its rows go by. */
interface UnitState {
  readonly firstLine: number;
  /** The cycle that has to come next. */
  next: number;
  /** The cycle that came last, whatever it was. */
  previous: number;
  /** The largest cycle that came in its order; 0 before the first. */
  last: number;
  readonly seen: Set<number>;
}

/** The reasons against the rows of one piece. */
class Faults extends Map<number, Fault> {
  blame(place: number, path: string, reason: string): void {
    const before = this.get(place);
    this.set(
      place,
      before === undefined ? { path, reason } : { ...before, reason: `${before.reason}; ${reason}` },
    );
  }
}

/**
 * Follows cycles through a file. After a gap it goes on from where the file goes on, so that one missing cycle
 * costs one row and not the rest of the engine. A line that cannot be read, or whose cycle is wrong, stands for the
 * row it should be: the row after it is not blamed for the gap.
 */
class CycleOrder {
  readonly units = new Map<number, UnitState>();
  readonly outOfOrder = new Failures();
  readonly duplicates = new Failures();
  /** Lines since the last one in order that did not say rightly which row they are: each may fill a gap of one. */
  #unplaced = 0;

  follow(piece: Piece, faults: Faults): void {
    for (let i = 0; i < piece.count; i++) {
      const isBad = piece.badLines.has(i);
      const number = piece.units[i];
      if (number === 0) {
        this.#unplaced++;
        continue;
      }
      const cycle = piece.cycles[i];
      const unit = this.#unit(number, piece.lines[i]);
      const gap = cycle - unit.next;
      const isNext = cycle >= 1 && (gap === 0 || cycle === unit.previous + 1);
      if (isBad) {
        if (isNext) this.#step(unit, cycle);
        else this.#unplaced++;
        continue;
      }
      if (unit.seen.has(cycle)) {
        this.duplicates.add(piece.lines[i]);
        faults.blame(
          i,
          "cycle",
          `Cannot accept cycle as unit ${number} must have it once: current value is ${cycle}`,
        );
        continue;
      }
      unit.seen.add(cycle);
      if (isNext || (gap > 0 && gap <= this.#unplaced)) {
        this.#step(unit, cycle);
      } else {
        this.outOfOrder.add(piece.lines[i]);
        faults.blame(
          i,
          "cycle",
          `Cannot accept cycle as it must be ${unit.next}, the next of unit ${number}: current value is ${cycle}`,
        );
        unit.previous = cycle;
        this.#unplaced++;
      }
    }
  }

  #unit(number: number, line: number): UnitState {
    let unit = this.units.get(number);
    if (unit === undefined) {
      unit = { firstLine: line, next: 1, previous: 0, last: 0, seen: new Set() };
      this.units.set(number, unit);
    }
    return unit;
  }

  #step(unit: UnitState, cycle: number): void {
    unit.previous = cycle;
    unit.next = cycle + 1;
    unit.last = Math.max(unit.last, cycle);
    this.#unplaced = 0;
  }
}

/** Looks at one column of all pieces. */
function measureRange(
  pieces: readonly Piece[],
  faults: readonly Faults[],
  expectation: Expectation,
  set: string,
): Measurement {
  const column = VALUE_COLUMNS.indexOf(expectation.column!);
  const [min, max] = expectation.range!;
  const failures = new Failures();
  let rows = 0;
  let smallest = Infinity;
  let largest = -Infinity;
  for (const [p, piece] of pieces.entries()) {
    const values = piece.values[column];
    for (let i = 0; i < piece.count; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue; // counted as missing, or as a line that is not a row
      rows++;
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
      if (value >= min && value <= max) continue;
      failures.add(piece.lines[i]);
      faults[p].blame(
        i,
        expectation.column!,
        `Cannot accept ${expectation.column} as it must be between ${min} and ${max} in ${set}: current value is ${value}`,
      );
    }
  }
  return failures.measurement(rows, rows === 0 ? null : [smallest, largest]);
}

/** Looks for values that are not there; a row counts once, however many it lacks. */
function measureNulls(pieces: readonly Piece[], faults: readonly Faults[], rows: number): Measurement {
  const failures = new Failures();
  for (const [p, piece] of pieces.entries()) {
    const lacking = new Map<number, string[]>();
    for (const [column, values] of piece.values.entries()) {
      for (let i = 0; i < piece.count; i++) {
        if (!Number.isNaN(values[i]) || piece.badLines.has(i)) continue;
        lacking.set(i, [...lacking.get(i) ?? [], VALUE_COLUMNS[column]]);
      }
    }
    for (const [i, columns] of [...lacking].sort(([a], [b]) => a - b)) {
      failures.add(piece.lines[i]);
      faults[p].blame(
        i,
        columns[0],
        `Cannot accept ${columns.join(", ")} as it must have a value: current value is missing`,
      );
    }
  }
  return failures.measurement(rows);
}

function measureUnits(units: ReadonlyMap<number, UnitState>): Measurement {
  const present = [...units].filter(([, unit]) => unit.last > 0).sort(([a], [b]) => a - b);
  const failures = new Failures();
  let missing = 0;
  for (const [i, [number, unit]] of present.entries()) {
    const before = i === 0 ? 0 : present[i - 1][0];
    if (number === before + 1) continue;
    missing += number - before - 1;
    failures.add(unit.firstLine);
  }
  return { ...failures.measurement(present.length), value: present.length === 0 ? null : missing };
}

/** A measurement that is a plain number. */
function plain(value: number | null, rows: number, examples: readonly number[] = []): Measurement {
  return { value, rows, examples, observed: null };
}

/**
 * Measures a train or test file against its expectations.
 *
 * @param pieces Its lines.
 * @param remainingLife Its RUL file, for a test file that has one.
 */
export function inspect(
  name: FileName,
  pieces: readonly Piece[],
  remainingLife: RemainingLife | undefined,
): Inspection {
  const faults = pieces.map(() => new Faults());
  const order = new CycleOrder();
  const badLines = { text: new Failures(), columns: new Failures(), types: new Failures() };
  for (const [p, piece] of pieces.entries()) {
    for (const [place, bad] of piece.badLines) {
      badLines[bad.check].add(piece.lines[place]);
      faults[p].blame(place, "", bad.reason);
    }
    order.follow(piece, faults[p]);
  }
  const lines = pieces.reduce((sum, { count }) => sum + count, 0);
  const texts = lines - badLines.text.count;
  const typed = texts - badLines.columns.count;
  const rows = typed - badLines.types.count;
  const lastCycles = new Map(
    [...order.units].filter(([, { last }]) => last > 0).sort(([a], [b]) => a - b)
      .map(([unit, { last }]) => [unit, last]),
  );

  const measure = (expectation: Expectation): Measurement => {
    switch (expectation.check) {
      case "text":
        return badLines.text.measurement(lines);
      case "columns":
        return badLines.columns.measurement(texts);
      case "types":
        return badLines.types.measurement(typed);
      case "nulls":
        return measureNulls(pieces, faults, rows);
      case "range":
        return measureRange(pieces, faults, expectation, name.set);
      case "cycles":
        return order.outOfOrder.measurement(rows);
      case "duplicates":
        return order.duplicates.measurement(rows);
      case "units":
        return measureUnits(order.units);
      case "not_empty":
      case "row_count":
        return plain(lines, lines);
      case "unit_count":
        return plain(lastCycles.size, lines);
      case "rul_file":
        return plain(remainingLife === undefined ? 0 : 1, 1);
      case "rul_types":
        return remainingLife === undefined ? plain(null, 0) : plain(
          remainingLife.badLines.length,
          remainingLife.cycles.length,
          remainingLife.badLines.slice(0, 5),
        );
      case "rul_count":
        return plain(remainingLife?.cycles.length ?? null, remainingLife?.cycles.length ?? 0);
    }
  };
  const checks = expectationSuite(name, lastCycles.size).map((expectation): CheckResult => {
    const measurement = measure(expectation);
    return {
      check: expectation.check,
      column: expectation.column,
      status: verdict(expectation, measurement),
      expected: expectation.expected,
      value: measurement.value,
      threshold_min: expectation.min,
      threshold_max: expectation.max,
      observed_min: measurement.observed?.[0] ?? null,
      observed_max: measurement.observed?.[1] ?? null,
      rows: measurement.rows,
      lines: measurement.examples,
    };
  });
  const worst = (["fail", "warning"] as const).find((status) =>
    checks.some((check) => check.status === status)
  );
  return {
    report: {
      file: formatFileName(name),
      status: worst ?? "pass",
      rows: lines,
      units: lastCycles.size,
      bad_rows: faults.reduce((sum, { size }) => sum + size, 0),
      checks,
    },
    pieces,
    faults,
    lastCycles,
  };
}
