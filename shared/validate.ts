/** Candidates in, readings and rejections out. Knows the schema and nothing of the database. */

import { type Candidates, Undecodable } from "./candidates.ts";
import { Reading } from "./reading.ts";

/** Why one candidate of a batch was not accepted. */
export interface Rejection {
  /** Its place in the batch, from 0. */
  readonly index: number;
  /** Place of the first fault inside the reading, `s11` for example; empty when it is the whole reading. */
  readonly path: string;
  /** The faults of the reading in one line: the first three, and how many more there are. */
  readonly message: string;
}

/** A batch, told apart. `indexes[i]` is the place in the batch of `readings[i]`. */
export interface Validated {
  readonly readings: Reading[];
  readonly indexes: number[];
  readonly rejections: Rejection[];
}

/** Faults of one reading that are told in full; a reading without any of its keys has twenty. */
const MOST_FAULTS = 3;

function faultsInOneLine(messages: readonly string[]): string {
  const told = messages.slice(0, MOST_FAULTS).join("; ");
  return messages.length > MOST_FAULTS ? `${told}; and ${messages.length - MOST_FAULTS} more faults` : told;
}

/** Validates every candidate on its own: one bad reading never costs another. */
export function validate(candidates: Candidates): Validated {
  const validated: Validated = { readings: [], indexes: [], rejections: [] };
  for (const [index, value] of candidates.values.entries()) {
    if (value instanceof Undecodable) {
      validated.rejections.push({ index, path: value.path, message: value.reason });
      continue;
    }
    const result = Reading.safeParse(value);
    if (result.success) {
      // The schema transforms nothing, so the value itself is the reading. zod's copy of it would outlive the
      // batch's validation and cost a sixth of the intake's CPU time in garbage collection.
      validated.readings.push(value as Reading);
      validated.indexes.push(index);
    } else {
      const { issues } = result.error;
      validated.rejections.push({
        index,
        path: issues[0].path.join("."),
        message: faultsInOneLine(issues.map((issue) => issue.message)),
      });
    }
  }
  return validated;
}
