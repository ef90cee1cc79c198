/** One moment of a database, which several sessions read at once. */

import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import { CommandError } from "../cli.ts";
import {
  appliedMigrations,
  type StoredSequence,
  storedSequences,
  type StoredTable,
  storedTables,
} from "./catalog.ts";
import { COPY_SETTINGS, NO_LIMITS } from "./session.ts";

/** A sequence and where it stands. */
export interface SequenceState extends StoredSequence {
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** What a database is at one moment. */
export interface Snapshot {
  /** What `set transaction snapshot` takes, until {@link withSnapshot} returns. */
  readonly id: string;
  /** Process id of the session that holds it. */
  readonly session: number;
  readonly takenAt: Date;
  readonly postgresVersion: string;
  readonly migrations: readonly { readonly version: string; readonly name: string }[];
  readonly tables: readonly StoredTable[];
  readonly sequences: readonly SequenceState[];
  /** Columns that differ from what the migrations made: `public.engines.colour`. */
  readonly undeclared: readonly string[];
}

async function sequenceStates(sql: postgres.ISql): Promise<SequenceState[]> {
  const sequences = await storedSequences(sql);
  const states = await Promise.all(sequences.map(async (sequence) => {
    const [{ last_value, is_called }] = await sql.unsafe(
      `select last_value::text, is_called from ${sequence.relation}`,
    );
    return { ...sequence, lastValue: last_value as string, isCalled: is_called as boolean };
  }));
  return states;
}

async function undeclaredColumns(sql: postgres.ISql): Promise<string[]> {
  const [{ declares }] = await sql`select to_regproc('public.live_columns') is not null as declares`;
  if (!declares) return []; // the first release did not write down its columns
  const rows = await sql`
    select distinct format('public.%I.%I', table_name, column_name) as name
    from (
      (select * from public.live_columns() except select * from public.declared_columns)
      union all
      (select * from public.declared_columns except select * from public.live_columns())
    ) as difference
    order by name`;
  return rows.map(({ name }) => name);
}

/** How often a snapshot is taken anew because the intake has just made a month, or retention has dropped one. */
const ATTEMPTS = 10;

type Moment = Pick<Snapshot, "id" | "session" | "takenAt" | "postgresVersion" | "tables">;

/**
 * Begins a transaction that holds a moment and locks its tables.
 *
 * @returns Undefined, and no transaction, when a table was made or dropped at this very moment.
 */
async function hold(sql: postgres.ISql): Promise<Moment | undefined> {
  const before = await storedTables(sql);
  await sql.unsafe(`begin isolation level repeatable read, read only; ${COPY_SETTINGS} ${NO_LIMITS}`);
  // before the snapshot, which the next statement takes: what is locked is then as the snapshot has it
  if (before.length > 0) {
    await sql.unsafe(`lock table ${before.map(({ relation }) => relation).join(", ")} in access share mode`);
  }
  const [{ alone, session, id, taken_at, postgres_version }] = await sql`
    select
      pg_try_advisory_xact_lock(hashtext('spool-backup')) as alone,
      pg_backend_pid() as session,
      pg_export_snapshot() as id,
      statement_timestamp() as taken_at,
      current_setting('server_version') as postgres_version`;
  if (!alone) {
    throw new CommandError(
      "Cannot back up as another backup of this database is running: wait until it has ended",
    );
  }

  const tables = await storedTables(sql);
  const names = (list: readonly StoredTable[]) => list.map(({ relation }) => relation).join();
  if (names(tables) === names(before)) {
    return { id, takenAt: taken_at, postgresVersion: postgres_version.split(" ")[0], tables, session };
  }
  await sql`rollback`;
}

/**
 * Holds a moment of the database while `work` runs. Nobody can drop or empty a table meanwhile; readings come in as
 * ever, and are not part of the moment. One backup of a database at a time.
 *
 * @throws {CommandError} Another backup is running, or the database has no migrations.
 */
export async function withSnapshot<T>(
  url: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  // a session of its own that only reads: it ends with the connection, and there is nothing to commit or to roll back
  const sql = connect(url, 1, { idle_timeout: 0 }); // it idles while the rows are read
  try {
    let moment: Moment | undefined;
    for (let attempt = 1; moment === undefined; attempt++) {
      if (attempt > ATTEMPTS) {
        throw new CommandError("Cannot back up as tables are made and dropped all the time. Try again");
      }
      moment = await hold(sql);
    }
    const migrations = await appliedMigrations(sql);
    if (migrations.length === 0) {
      throw new CommandError(
        "Cannot back up as the database must have the migrations, by which a restore knows its schema: it has none. " +
          "deno task db:migrate applies them",
      );
    }
    return await work({
      ...moment,
      migrations,
      sequences: await sequenceStates(sql),
      undeclared: await undeclaredColumns(sql),
    });
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/**
 * Makes sure that the snapshot has been held all the time: another backup may have begun otherwise.
 *
 * @param sql Another connection to the database: that of the snapshot would be made anew, without it.
 * @throws {CommandError} Its session has ended.
 */
export async function requireHeld(sql: postgres.Sql, { session }: Snapshot): Promise<void> {
  const [{ held }] = await sql`
    select exists (select from pg_catalog.pg_locks where pid = ${session} and locktype = 'advisory') as held`;
  if (!held) {
    throw new CommandError(
      "Cannot finish the backup as the session that held its snapshot has ended: run it again. The last whole one is still there",
    );
  }
}
