/** Readings with their labels, out of one snapshot of the database and in bounded memory. */

import { connect } from "../../../shared/database.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import type { LabelledReading } from "./samples.ts";

/** Readings that are fetched at a time. */
const FETCHED = 5_000;

/** A reading, and the place of its engine among those that were asked for. */
export interface PlacedReading {
  readonly place: number;
  readonly reading: LabelledReading;
}

interface Row {
  readonly place: number;
  readonly unit_number: string;
  readonly cycle: number;
  readonly microseconds: string;
  readonly rul_uncapped: number;
  readonly batch_id: string;
  /** As Postgres writes an array: `{0.1,NULL,642.3}`. */
  readonly measured: string;
}

/** From all values in one text: taken apart as columns of their own, they make the export half again as long. */
function valuesOf(measured: string): (number | null)[] {
  return measured.slice(1, -1).split(",").map((text) => text === "NULL" ? null : Number(text));
}

/**
 * Reads the readings of engines, engine by engine in the order of their names as given, each by time.
 *
 * One statement: what arrives meanwhile is in none of the files or, were it several, in some of them.
 *
 * @param url Connection string: it reads on a connection of its own, as one that ends in the middle is of no more use.
 * @param take Is given them as they come; the next ones are fetched when it is done.
 * @throws When the connection ends before the last of them.
 */
export async function readReadings(
  url: string,
  unitNumbers: readonly string[],
  take: (readings: PlacedReading[]) => Promise<void>,
): Promise<void> {
  const sql = connect(url, 1);
  let taking: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  // Not as a loop over the cursor: that goes on after the session has ended between two rounds (postgres.js 3.4.9)
  const query = sql<Row[]>`
      select
        engine.place::integer - 1 as place,
        training.unit_number,
        training.cycle,
        (extract(epoch from training."timestamp") * 1000000)::bigint::text as microseconds,
        array[${sql(VALUE_COLUMNS as unknown as string[])}]::text as measured,
        training.rul_uncapped,
        training.batch_id
      from unnest(${unitNumbers as string[]}::text[]) with ordinality as engine (unit_number, place)
      join public.training_data as training using (unit_number)
      order by engine.place, training."timestamp", training.cycle`
    .cursor(FETCHED, async (rows) => {
      taking = take(rows.map((row) => ({
        place: row.place,
        reading: {
          unitNumber: row.unit_number,
          cycle: row.cycle,
          timestamp: BigInt(row.microseconds),
          values: valuesOf(row.measured),
          left: row.rul_uncapped,
          batchId: row.batch_id,
        },
      })));
      await taking.catch((error) => failure = { error });
      // what it would send now, on a session that has ended, throws where nobody can catch it
      if (isOver) await new Promise(() => {});
      return failure && sql.CLOSE;
    });
  query.then(() => {}, () => isOver = true);
  try {
    await query;
  } finally {
    await taking?.catch(() => {}); // it may still be at it when the connection has ended
    await sql.end({ timeout: 1 });
  }
  if (failure !== undefined) throw failure.error;
}
