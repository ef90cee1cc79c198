/** Measures a parsed file against its expectations, and marks the rows that are to blame. */

import { VALUE_COLUMNS, type ValueColumn } from "../../shared/sensors.ts";
import {
  bounds,
  type Expectation,
  type Measurement,
  type OperatingCondition,
  type Status,
  type Suite,
  thresholds,
  verdict,
  wording,
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
  readonly outOfOrderBlames: Blame[] = [];
  readonly duplicateBlames: Blame[] = [];
  /** Lines since the last one in order that did not say rightly which row they are: each may fill a gap of one. */
  #unplaced = 0;

  follow(piece: Piece, p: number): void {
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
        this.duplicateBlames.push({
          piece: p,
          place: i,
          path: "cycle",
          reason: `Cannot accept cycle as unit ${number} must have it once: current value is ${cycle}`,
        });
        continue;
      }
      unit.seen.add(cycle);
      if (isNext || (gap > 0 && gap <= this.#unplaced)) {
        this.#step(unit, cycle);
      } else {
        this.outOfOrder.add(piece.lines[i]);
        this.outOfOrderBlames.push({
          piece: p,
          place: i,
          path: "cycle",
          reason:
            `Cannot accept cycle as it must be ${unit.next}, the next of unit ${number}: current value is ${cycle}`,
        });
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

/** Why one row of one piece is bad, as long as it is not known whether that counts. */
interface Blame {
  readonly piece: number;
  readonly place: number;
  readonly path: string;
  readonly reason: string;
}

/** What was measured for one rule, and the rows that break it. */
interface Finding {
  readonly expectation: Expectation;
  readonly measurement: Measurement;
  readonly blames: readonly Blame[];
}

/** Looks at the values of one column that one rule counts for. */
class RangeMeasure {
  readonly failures = new Failures();
  readonly blames: Blame[] = [];
  rows = 0;
  smallest = Infinity;
  largest = -Infinity;
  // in single precision, in which readings are stored and compared by the other checks
  readonly min: number;
  readonly max: number;
  readonly #reason: string;

  constructor(readonly expectation: Expectation, set: string) {
    const { min, max, ownCondition, columns: [column] } = expectation;
    this.min = min === null ? -Infinity : Math.fround(min);
    this.max = max === null ? Infinity : Math.fround(max);
    this.#reason = `Cannot accept ${column} as it must be ${bounds(expectation)} in ${
      ownCondition === null ? set : `condition ${ownCondition} of ${set}`
    }`;
  }

  fail(line: number, piece: number, place: number, value: number): void {
    this.failures.add(line);
    const reason = `${this.#reason}: current value is ${value}`;
    this.blames.push({ piece, place, path: this.expectation.columns[0], reason });
  }

  finding(): Finding {
    const { rows, smallest, largest, expectation, blames } = this;
    const measurement = this.failures.measurement(rows, rows === 0 ? null : [smallest, largest]);
    return { expectation, measurement, blames };
  }
}

/**
 * Looks at one column of all pieces.
 *
 * @param rules Those of the column, for one operating condition each or for several.
 * @param conditions Operating conditions of the rows, one array a piece.
 * @returns One finding for each rule that a row was held against; where there is no row, one all the same.
 */
function measureRanges(
  pieces: readonly Piece[],
  rules: readonly Expectation[],
  conditions: () => readonly Uint16Array[],
  set: string,
): Finding[] {
  const measures = rules.map((rule) => new RangeMeasure(rule, set));
  const byCondition: (RangeMeasure | undefined)[] = [];
  for (const measure of measures) {
    for (const condition of measure.expectation.conditions) byCondition[condition] = measure;
  }
  const column = VALUE_COLUMNS.indexOf(rules[0].columns[0]);
  for (const [p, piece] of pieces.entries()) {
    const values = piece.values[column];
    // with one rule whatever the condition, nobody has to know it
    const rowConditions = rules.length === 1 && rules[0].ownCondition === null ? undefined : conditions()[p];
    for (let i = 0; i < piece.count; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue; // counted as missing, or as a line that is not a row
      const measure = rowConditions === undefined ? measures[0] : byCondition[rowConditions[i]];
      if (measure === undefined) continue; // its rule is switched off
      measure.rows++;
      if (value < measure.smallest) measure.smallest = value;
      if (value > measure.largest) measure.largest = value;
      const stored = Math.fround(value);
      if (stored >= measure.min && stored <= measure.max) continue;
      measure.fail(piece.lines[i], p, i, value);
    }
  }
  const used = measures.filter(({ rows }) => rows > 0);
  return (used.length > 0 ? used : measures.slice(-1)).map((measure) => measure.finding());
}

/** The operating condition of each row, as the view classified_readings has it; 0 for none of the known ones. */
function conditionsOf(piece: Piece, known: readonly OperatingCondition[]): Uint16Array {
  const conditions = new Uint16Array(piece.count);
  const [altitudes, machNumbers, throttles] = piece.values;
  for (let i = 0; i < piece.count; i++) {
    const altitude = Math.fround(altitudes[i]);
    const machNumber = Math.fround(machNumbers[i]);
    const throttle = Math.fround(throttles[i]);
    for (const { condition, box: [a, m, t] } of known) {
      if (
        altitude >= a[0] && altitude <= a[1] && machNumber >= m[0] && machNumber <= m[1] &&
        throttle >= t[0] && throttle <= t[1]
      ) {
        conditions[i] = condition;
        break;
      }
    }
  }
  return conditions;
}

/** Looks for values that are not there in some columns; a row counts once, however many it lacks. */
function measureNulls(pieces: readonly Piece[], expectation: Expectation, rows: number): Finding {
  const failures = new Failures();
  const blames: Blame[] = [];
  const lackingByColumn = new Map<ValueColumn, number>();
  for (const [p, piece] of pieces.entries()) {
    const lacking = new Map<number, ValueColumn[]>();
    for (const column of expectation.columns) {
      const values = piece.values[VALUE_COLUMNS.indexOf(column)];
      for (let i = 0; i < piece.count; i++) {
        if (!Number.isNaN(values[i]) || piece.badLines.has(i)) continue;
        lacking.set(i, [...lacking.get(i) ?? [], column]);
        lackingByColumn.set(column, (lackingByColumn.get(column) ?? 0) + 1);
      }
    }
    for (const [place, columns] of [...lacking].sort(([a], [b]) => a - b)) {
      failures.add(piece.lines[place]);
      const reason = `Cannot accept ${columns.join(", ")} as it must have a value: current value is missing`;
      blames.push({ piece: p, place, path: columns[0], reason });
    }
  }
  const worst = Math.max(0, ...lackingByColumn.values());
  return { expectation, measurement: { ...failures.measurement(rows), worst }, blames };
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

/** The rules of each column, in the order of the columns. */
function rangesByColumn(expectations: readonly Expectation[]): Expectation[][] {
  const ranges = expectations.filter(({ check }) => check === "range");
  return VALUE_COLUMNS
    .map((column) => ranges.filter(({ columns }) => columns[0] === column))
    .filter(({ length }) => length > 0);
}

/**
 * Measures a train or test file against its expectations.
 *
 * A row is to blame when a rule about rows that it breaks has failed. Where enough other rows keep the rule, or where
 * it only warns, the row is as good as the others: the scheduled checks report it once it is stored. A line that is
 * not a row cannot be stored, whatever the rules say.
 *
 * @param pieces Its lines.
 * @param remainingLife Its RUL file, for a test file that has one.
 */
export function inspect(
  name: FileName,
  pieces: readonly Piece[],
  remainingLife: RemainingLife | undefined,
  { expectations, operatingConditions }: Suite,
): Inspection {
  const faults = pieces.map(() => new Faults());
  const order = new CycleOrder();
  const badLines = { text: new Failures(), columns: new Failures(), types: new Failures() };
  for (const [p, piece] of pieces.entries()) {
    for (const [place, bad] of piece.badLines) {
      badLines[bad.check].add(piece.lines[place]);
      faults[p].blame(place, "", bad.reason);
    }
    order.follow(piece, p);
  }
  const lines = pieces.reduce((sum, { count }) => sum + count, 0);
  const texts = lines - badLines.text.count;
  const typed = texts - badLines.columns.count;
  const rows = typed - badLines.types.count;
  const lastCycles = new Map(
    [...order.units].filter(([, { last }]) => last > 0).sort(([a], [b]) => a - b)
      .map(([unit, { last }]) => [unit, last]),
  );

  let conditions: readonly Uint16Array[] | undefined;
  const rowConditions = () => conditions ??= pieces.map((piece) => conditionsOf(piece, operatingConditions));
  const ranges = rangesByColumn(expectations).flatMap((rules) =>
    measureRanges(pieces, rules, rowConditions, name.set)
  );

  const findings = (expectation: Expectation): readonly Finding[] => {
    const one = (
      measurement: Measurement,
      blames: readonly Blame[] = [],
    ) => [{ expectation, measurement, blames }];
    switch (expectation.check) {
      case "text":
        return one(badLines.text.measurement(lines));
      case "columns":
        return one(badLines.columns.measurement(texts));
      case "types":
        return one(badLines.types.measurement(typed));
      case "nulls":
        return [measureNulls(pieces, expectation, rows)];
      case "range":
        return ranges.filter((finding) => finding.expectation === expectation);
      case "cycles":
        return one(order.outOfOrder.measurement(rows), order.outOfOrderBlames);
      case "duplicates":
        return one(order.duplicates.measurement(rows), order.duplicateBlames);
      case "units":
        return one(measureUnits(order.units));
      case "not_empty":
      case "row_count":
        return one(plain(lines, lines));
      case "unit_count":
        return one(plain(lastCycles.size, lines));
      case "rul_file":
        return one(plain(remainingLife === undefined ? 0 : 1, 1));
      case "rul_types":
        return one(
          remainingLife === undefined ? plain(null, 0) : plain(
            remainingLife.badLines.length,
            remainingLife.cycles.length,
            remainingLife.badLines.slice(0, 5),
          ),
        );
      case "rul_count":
        return one(plain(remainingLife?.cycles.length ?? null, remainingLife?.cycles.length ?? 0));
    }
  };
  const checks = expectations.flatMap(findings).map(({ expectation, measurement, blames }): CheckResult => {
    const { min, max } = thresholds(expectation, measurement, lastCycles.size);
    const judged = measurement.value === null ? null : measurement.worst ?? measurement.value;
    const status = verdict(judged, { min, max }, expectation.severity);
    if (status === "fail") {
      for (const { piece, place, path, reason } of blames) faults[piece].blame(place, path, reason);
    }
    return {
      check: expectation.check,
      column: expectation.columns.length === 1 ? expectation.columns[0] : null,
      status,
      expected: wording(expectation, name.set, lastCycles.size),
      value: measurement.value,
      threshold_min: min,
      threshold_max: max,
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
