/** In which order tables can be loaded, so that each row finds those that it refers to. */

import type postgres from "postgres";

/** A foreign key between two tables. */
export interface Reference {
  readonly from: string;
  readonly to: string;
}

/** Foreign keys between tables of public, by name; those of partitions count as those of their table. */
export async function references(sql: postgres.ISql): Promise<Reference[]> {
  const rows = await sql`
    select distinct referring.relname as "from", referred.relname as "to"
    from pg_constraint
    join pg_class as referring on referring.oid = conrelid
    join pg_class as referred on referred.oid = confrelid
    where contype = 'f' and conparentid = 0 and conrelid <> confrelid
      and referring.relnamespace = 'public'::regnamespace and referred.relnamespace = 'public'::regnamespace
    order by 1, 2`;
  return rows.map((row) => ({ ...row } as Reference));
}

/**
 * Orders tables so that each comes after those that it refers to. A table that refers to itself is loaded at once, and
 * its foreign key is checked when all of its rows are there.
 *
 * @throws {Error} Some refer to each other in a circle.
 *
 * @example
 * ```ts
 * import { loadOrder } from "./load_order.ts";
 * import assert from "node:assert/strict";
 *
 * const order = loadOrder(["sensor_data", "engines"], [{ from: "sensor_data", to: "engines" }]);
 * assert.deepEqual(order, ["engines", "sensor_data"]);
 * ```
 */
export function loadOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const order: string[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const blocked = new Set(
      references.filter(({ from, to }) => from !== to && waiting.includes(from) && waiting.includes(to))
        .map(({ from }) => from),
    );
    const ready = waiting.filter((table) => !blocked.has(table));
    if (ready.length === 0) {
      throw new Error(
        `Cannot load the tables as their foreign keys must not form a circle: current tables are ${
          waiting.join(", ")
        }`,
      );
    }
    order.push(...ready);
    waiting = waiting.filter((table) => blocked.has(table));
  }
  return order;
}
