/** The readings of one UTC day, as they were at one moment. */

import type { Readable } from "node:stream";
import type postgres from "postgres";
import { ownConnection } from "../database.ts";
import { VALUE_COLUMNS } from "../sensors.ts";

/** Number of readings, and their digest. */
export interface Digest {
  readonly rows: number;
  readonly digest: string;
}

/** What makes a reading one of the day; the day was checked when the snapshot was opened. */
function ofDay(day: string): string {
  return `reading."timestamp" >= '${day}T00:00:00Z' and reading."timestamp" < timestamptz '${day}T00:00:00Z' + interval '24 hours'`;
}

/**
 * A transaction that sees one state of a day, and keeps other archivers off it until it is closed.
 *
 * The lock is the transaction's and not the session's, so that a pooler in transaction mode does not hand the session
 * to somebody else with it.
 */
export class DaySnapshot implements AsyncDisposable {
  private constructor(
    private readonly session: postgres.Sql,
    readonly day: string,
    /** `sensor_data_days.version`; undefined where the day is not known. */
    readonly version: number | undefined,
  ) {}

  /**
   * Opens it.
   *
   * @param day UTC day, `2024-01-31`.
   * @returns Undefined while another session archives the day.
   */
  static async open(sql: postgres.Sql, day: string): Promise<DaySnapshot | undefined> {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) {
      throw new RangeError(`Cannot read a day as it must be like 2024-01-31: current value is ${day}`);
    }
    const session = ownConnection(sql);
    try {
      await session.unsafe("begin isolation level repeatable read read only");
      // time zone: the session's own is of no matter to what is read, and must be of none to how
      await session.unsafe(`
        set local time zone 'UTC'; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
        set local jit = off; set local work_mem = '32MB'`);
      const [{ locked }] = await session`
        select pg_try_advisory_xact_lock(hashtext('spool-archive'), hashtext(${day})) as locked`;
      if (!locked) {
        await session.end({ timeout: 0 });
        return undefined;
      }
      const [row] = await session`
        select version::double precision from public.sensor_data_days where day = ${day} and retired_at is null`;
      return new DaySnapshot(session, day, row?.version);
    } catch (error) {
      await session.end({ timeout: 0 });
      throw error;
    }
  }

  /** How many readings there are. */
  async count(): Promise<number> {
    const [{ rows }] = await this.session.unsafe(`
      select count(*)::double precision as rows from public.sensor_data as reading
      join public.engines on engines.id = reading.engine_id where ${ofDay(this.day)}`);
    return rows;
  }

  async digest(): Promise<Digest> {
    const [row] = await this.session`
      select row_count::double precision as rows, digest from public.sensor_data_digest(${this.day})`;
    return { rows: row.rows, digest: row.digest };
  }

  /**
   * All readings by engine, time and cycle, as COPY's binary format of `COPIED_COLUMNS`. Nothing can be asked of the
   * snapshot afterwards.
   *
   * How they are put in order is left to Postgres, which knows how large a part of its month the day is and what a
   * look at the primary key costs. Forced along that key, a day of a million readings in an order of arrival takes half
   * as long again (docs/decisions/0013-archive.md).
   */
  async copy(): Promise<Readable> {
    return await this.session.unsafe(`
      copy (
        select
          engines.unit_number, reading.cycle, reading."timestamp",
          ${VALUE_COLUMNS.map((name) => `reading.${name}`).join(", ")},
          reading.batch_id, reading.created_at,
          public.hash_reading(reading, 0), public.hash_reading(reading, 1)
        from public.sensor_data as reading
        join public.engines on engines.id = reading.engine_id
        where ${ofDay(this.day)}
        order by engines.unit_number collate "C", reading."timestamp", reading.cycle
      ) to stdout (format binary)`).readable();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.end({ timeout: 0 });
  }
}
