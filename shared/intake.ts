/**
 * The intake: candidates -> validate -> one transaction that stores the readings, the batch and the dead
 * letters. Every door ends here, and nothing else writes sensor_data.
 */

import type postgres from "postgres";
import type { IntakeScoring } from "./anomaly/intake_scoring.ts";
import { type Candidates, joinPlaces } from "./candidates.ts";
import { transaction } from "./database.ts";
import { isStorable } from "./json_text.ts";
import { claimReceipt, type Receipt } from "./receipts.ts";
import type { Reading } from "./reading.ts";
import { VALUE_COLUMNS } from "./sensors.ts";
import { type Rejection, validate } from "./validate.ts";
import { VERSION } from "./version.ts";

/** Where a batch comes from: the door, and what the batch was there (a file's lines, a request's id). */
export interface Origin {
  readonly source: "ingest" | "kinesis" | "load" | "replay";
  readonly reference: string | null;
}

/** What became of a batch. `accepted + duplicates + rejections.length` is what was received, unless it was repeated. */
export interface IntakeResult {
  readonly batchId: string;
  /** False for a strict batch with a rejection, and for a repeated one: then nothing was written. */
  readonly stored: boolean;
  /** Whether the request that brought it had been stored already, by its receipt. */
  readonly repeated: boolean;
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  /** In the order of the batch. */
  readonly rejections: readonly Rejection[];
}

/**
 * A Postgres array literal. JSON.stringify writes a column of numbers twice as fast as a loop does, and its
 * arrays differ only in the brackets: `null` is NULL there too, and validated text needs no escape.
 */
function arrayLiteral(items: readonly (string | number | null)[]): string {
  return `{${JSON.stringify(items).slice(1, -1)}}`;
}

/** A value as Postgres' `real` takes it: what is too small for single precision is 0, and not an error. */
function real(value: number | null): number | null {
  return value !== null && Math.fround(value) === 0 ? 0 : value;
}

/** A payload as Postgres can hold it; JSON that is nested too deeply for it is kept as a JSON string. */
function storable(payload: string): string {
  return isStorable(payload) ? payload : JSON.stringify(payload);
}

const INGEST = `
  select accepted, duplicates, rejections from public.ingest_readings(
    $1::text::uuid, $2::text, $3::text, $4::text::integer, $5::text::boolean,
    $6::text::text[], $7::text::integer[], $8::text::integer[], $9::text::timestamptz[],
    ${VALUE_COLUMNS.map((_, i) => `$${i + 10}::text::real[]`).join(", ")}, $${
  VALUE_COLUMNS.length + 10
}::text,
    $${VALUE_COLUMNS.length + 11}::text::interval
  )`;

interface IngestRow {
  accepted: number;
  duplicates: number;
  rejections: { position: number; path: string; reason: string }[];
}

/**
 * Readings as the parameters of `ingest_readings`: array literals, one a column.
 *
 * Made before the transaction begins. The objects of a batch then die young; kept until the database has
 * answered, those of four concurrent batches cost an eighth of the function's CPU time in garbage collection.
 */
export function readingColumns(readings: readonly Reading[]): readonly string[] {
  const unitPositions = new Map<string, number>(); // unit number -> its place, from 1, as Postgres counts
  const units = readings.map(({ engine_id }) => {
    let position = unitPositions.get(engine_id);
    if (position === undefined) unitPositions.set(engine_id, position = unitPositions.size + 1);
    return position;
  });
  return [
    arrayLiteral([...unitPositions.keys()]),
    arrayLiteral(units),
    arrayLiteral(readings.map((reading) => reading.cycle)),
    arrayLiteral(readings.map((reading) => reading.timestamp)),
    ...VALUE_COLUMNS.map((column) => arrayLiteral(readings.map((reading) => real(reading[column])))),
  ];
}

/**
 * Calls the SQL function `ingest_readings`, inside the caller's transaction.
 *
 * @param columns The validated readings, from {@link readingColumns}.
 * @param invalid How many candidates of the batch the caller has already rejected.
 * @param arrivedAt When the batch arrived at its door, by performance.now().
 */
export async function ingestReadings(
  tx: postgres.TransactionSql,
  batchId: string,
  origin: Origin,
  columns: readonly string[],
  invalid: number,
  strict: boolean,
  arrivedAt: number,
): Promise<IngestRow> {
  const parameters = [
    batchId,
    origin.source,
    origin.reference,
    String(invalid),
    String(strict),
    ...columns,
    VERSION,
    `${performance.now() - arrivedAt} milliseconds`,
  ];
  const [row] = await tx.unsafe<IngestRow[]>(INGEST, parameters);
  return row;
}

/**
 * Stores one batch: all of it or, when the database is away, nothing. The same batch again changes no reading.
 *
 * @param options.strict All or nothing: with any rejection nothing is written, not even dead letters, because
 *   the sender is told and still has everything.
 * @param options.receipt What tells the request that brought it from others: it is stored once, however often it
 *   comes, and of several at a time one is.
 * @param options.arrivedAt When it arrived at its door, by performance.now(); this call unless given.
 * @param options.scoring Scores what was stored, where the settings say so; it delays the answer by no more than they allow.
 * @throws The driver's error when the database cannot be reached or fails; see `isTransient` in database.ts.
 */
export async function storeBatch(
  sql: postgres.Sql,
  origin: Origin,
  candidates: Candidates,
  options: {
    readonly strict?: boolean;
    readonly receipt?: Receipt;
    readonly scoring?: IntakeScoring;
    readonly arrivedAt?: number;
  } = {},
): Promise<IntakeResult> {
  const { receipt, strict = false, scoring, arrivedAt = performance.now() } = options;
  const { readings, indexes, rejections: invalid } = validate(candidates);
  const columns = readingColumns(readings);
  const { payload, place, record, values: { length: received } } = candidates;
  const batchId = crypto.randomUUID();
  const times = await scoring?.timesOf(readings);

  // Of the batch this refers to nothing but the way back to its text; see readingColumns.
  const result = await transaction(sql, async (tx): Promise<IntakeResult> => {
    if (receipt !== undefined && !await claimReceipt(tx, receipt, batchId)) {
      return { batchId, stored: false, repeated: true, received, accepted: 0, duplicates: 0, rejections: [] };
    }
    const row = await ingestReadings(tx, batchId, origin, columns, invalid.length, strict, arrivedAt);
    const refused = row.rejections.map(({ position, path, reason }): Rejection => (
      { index: indexes[position], path, message: reason }
    ));
    const rejections = [...invalid, ...refused].sort((a, b) => a.index - b.index).map((rejection) => (
      place === undefined
        ? rejection
        : { ...rejection, path: joinPlaces(place(rejection.index), rejection.path) }
    ));
    const stored = !strict || rejections.length === 0;
    if (stored && rejections.length > 0) {
      const letters = rejections.map(({ index, path, message }) => (
        { position: index, payload: storable(payload(index)), path, reason: message, record: record?.(index) }
      ));
      await tx`
        select public.record_dead_letters(
          ${batchId}::uuid, ${origin.source}, ${origin.reference}, ${JSON.stringify(letters)}::text::json
        )`;
    }
    return {
      batchId,
      stored,
      repeated: false,
      received,
      accepted: row.accepted,
      duplicates: row.duplicates,
      rejections,
    };
  });
  if (times !== undefined && result.accepted > 0) await scoring!.score(batchId, times);
  return result;
}
