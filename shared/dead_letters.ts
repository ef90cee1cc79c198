/** Dead letters: what could not be accepted, listed and tried again. */

import type postgres from "postgres";
import { recordAudit } from "./audit.ts";
import type { RecordIdentity } from "./candidates.ts";
import { transaction } from "./database.ts";
import { ingestReadings, readingColumns } from "./intake.ts";
import { heldReadings, type RecordReadings } from "./record_data.ts";
import { validate } from "./validate.ts";

/** A dead letter as people see it. */
export interface DeadLetter {
  readonly id: number;
  readonly source: string;
  readonly reference: string | null;
  /** Place in its batch, from 0. */
  readonly position: number;
  readonly path: string;
  readonly reason: string;
  /** How often it has arrived. */
  readonly seen: number;
  readonly first_seen_at: Date;
  readonly replay_attempts: number;
  readonly replay_error: string | null;
  /** Null while it is open. */
  readonly replayed_at: Date | null;
  /** The reading's JSON text as it came. */
  readonly payload: string;
  /** The first 100 records of a stream that brought it. */
  readonly records: readonly RecordIdentity[];
}

/** Lists dead letters, oldest first: the open ones, or all of them. */
export async function listDeadLetters(
  sql: postgres.Sql,
  options: { readonly all: boolean; readonly limit: number },
): Promise<DeadLetter[]> {
  return await sql<DeadLetter[]>`
    select
      id::float8, source, reference, position, path, reason, seen, first_seen_at,
      replay_attempts, replay_error, replayed_at, payload::text, records
    from public.dead_letters
    where ${options.all} or replayed_at is null
    order by first_seen_at, batch_id, position
    limit ${options.limit}`;
}

/** What became of replayed dead letters. */
export interface ReplayResult {
  /** Stored now, or found to be stored already; marked, not deleted. */
  readonly passed: number;
  /** Still open; replay_error says why. */
  readonly failed: number;
  /** Still open and not tried: the loader has refused them for their values, and nobody has corrected them. */
  readonly withheld: number;
}

/** Largest number of dead letters in one transaction. */
const REPLAY_BATCH = 2000;

/**
 * Sends open dead letters through the intake again: their correction where somebody wrote one, else their
 * payload. Worth doing after a correction, or after a change of intake_settings.
 *
 * A dead letter may hold a whole record of a stream, and a correction several readings. Those that pass are stored, and
 * the letter stays open until all of them do.
 *
 * What the loader has refused has failed checks that the intake does not make (order of cycles; ranges, unless
 * expectations.at_intake says so), and would pass as it is. So it is replayed only with a correction, or when it is
 * asked for by its id.
 *
 * @param by Who replays, as audit_log is to name them where the database does not know better.
 * @param ids Which; all open ones unless given. Those that another session is replaying are left to it.
 */
export async function replayDeadLetters(
  sql: postgres.Sql,
  by: string,
  ids?: readonly number[],
): Promise<ReplayResult> {
  const sum = { passed: 0, failed: 0 };
  for (let after = 0;;) {
    const { last, passed, failed } = await replayAfter(sql, by, after, ids);
    sum.passed += passed;
    sum.failed += failed;
    if (last === undefined) break;
    after = last;
  }
  if (ids !== undefined) return { ...sum, withheld: 0 };
  const [{ withheld }] = await sql<{ withheld: number }[]>`
    select count(*)::int as withheld
    from public.dead_letters
    where replayed_at is null and source = 'load' and correction is null`;
  return { ...sum, withheld };
}

async function replayAfter(
  sql: postgres.Sql,
  by: string,
  after: number,
  ids: readonly number[] | undefined,
): Promise<{ passed: number; failed: number; last: number | undefined }> {
  const arrivedAt = performance.now();
  const listed = await sql<{ id: number; text: string }[]>`
    select id::float8, coalesce(correction, payload)::text as text
    from public.dead_letters
    where replayed_at is null and id > ${after}
      and case
        when ${ids === undefined} then source <> 'load' or correction is not null
        else id = any (${(ids ?? []) as number[]}::bigint[])
      end
    order by id
    limit ${REPLAY_BATCH}`;
  const last = listed.at(-1)?.id;
  // before the transaction, in which nothing else may be waited for
  const decoded = new Map<number, { text: string; readings: RecordReadings }>();
  for (const { id, text } of listed) decoded.set(id, { text, readings: await heldReadings(text) });

  return await transaction(sql, async (tx) => {
    const locked = await tx<{ id: number; text: string }[]>`
      select id::float8, coalesce(correction, payload)::text as text
      from public.dead_letters
      where replayed_at is null and id = any (${listed.map(({ id }) => id)}::bigint[])
      order by id
      for update skip locked`;
    // one that somebody has corrected meanwhile is left to the next replay
    const letters = locked.filter(({ id, text }) => decoded.get(id)!.text === text);
    if (letters.length === 0) return { passed: 0, failed: 0, last };

    const held = letters.map(({ id }) => decoded.get(id)!.readings);
    const letterOf = held.flatMap(({ values }, letter) => values.map((_, index) => ({ letter, index })));
    const { readings, indexes, rejections } = validate({
      values: held.flatMap(({ values }) => values),
      payload: (i) => held[letterOf[i].letter].payload(letterOf[i].index),
    });
    const batchId = crypto.randomUUID();
    const origin = {
      source: "replay",
      reference: `dead letters ${letters[0].id} to ${letters.at(-1)!.id}`,
    } as const;
    const columns = readingColumns(readings);
    const row = await ingestReadings(tx, batchId, origin, columns, rejections.length, false, arrivedAt);

    const errors = new Map<number, string>(); // the first of each letter
    for (
      const { index: i, message } of [
        ...rejections,
        ...row.rejections.map(({ position, reason }) => ({ index: indexes[position], message: reason })),
      ].sort((a, b) => a.index - b.index)
    ) {
      const { letter, index } = letterOf[i];
      const place = held[letter].place(index);
      if (!errors.has(letter)) errors.set(letter, place === "" ? message : `${place}: ${message}`);
    }
    const outcomes = letters.map(({ id }, index) => ({ id, error: errors.get(index) ?? null }));
    await tx`
      update public.dead_letters
      set
        replay_attempts = replay_attempts + 1,
        replay_error = outcome.error,
        replayed_at = case when outcome.error is null then now() end,
        replay_batch_id = case when outcome.error is null then ${batchId}::uuid end
      from json_to_recordset(${JSON.stringify(outcomes)}::text::json) as outcome (id bigint, error text)
      where dead_letters.id = outcome.id`;
    await recordAudit(tx, by, "dead_letters.replay", origin.reference, {
      batch_id: batchId,
      passed: letters.length - errors.size,
      failed: errors.size,
    });
    return { passed: letters.length - errors.size, failed: errors.size, last };
  });
}
