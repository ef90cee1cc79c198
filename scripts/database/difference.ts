/** What sets the structure of two databases apart, as the statements that make one into the other. */

import { extract } from "@supabase/pg-delta/extract";
import { plan } from "@supabase/pg-delta/plan";
import pg from "pg";

/** One connection. That its database is dropped before it has closed is no error. */
function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("error", () => {});
  pool.on("connect", (client: pg.PoolClient) => client.on("error", () => {}));
  return pool;
}

/** The catalog of one database: tables, columns, constraints, functions, policies, grants, comments. */
async function catalog(url: string): Promise<Awaited<ReturnType<typeof extract>>["factBase"]> {
  const pool = poolOf(url);
  try {
    return (await extract(pool)).factBase;
  } finally {
    await pool.end();
  }
}

/**
 * Replaces each view of public by what Postgres itself writes for it, until it writes the same again. A view that came
 * from a migration has been through that once, one that came from sql/ has not, and the two differ in parentheses.
 */
async function settleViews(url: string): Promise<void> {
  const pool = poolOf(url);
  const written = async () => {
    const { rows } = await pool.query(`
      select
        format('create or replace view %s with (%s) as %s', oid::regclass,
          coalesce(array_to_string(reloptions, ', '), 'security_barrier = false'), pg_get_viewdef(oid)) as statement
      from pg_catalog.pg_class
      where relkind = 'v' and relnamespace = 'public'::regnamespace
      order by oid`);
    return rows.map(({ statement }: { statement: string }) => statement);
  };
  try {
    let before: string[] = [];
    for (let now = await written(); now.join() !== before.join(); now = await written()) {
      for (const statement of now) await pool.query(statement);
      before = now;
    }
  } finally {
    await pool.end();
  }
}

/** Statements that comment the columns of public's views, which pg-delta does not look at. */
async function viewColumnComments(url: string): Promise<{ view: string; statement: string }[]> {
  const pool = poolOf(url);
  try {
    const { rows } = await pool.query(`
      select
        relname as view,
        format('COMMENT ON COLUMN %s.%I IS %L', attrelid::regclass, attname, description) as statement
      from pg_catalog.pg_description
      join pg_catalog.pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0
      join pg_catalog.pg_class on pg_class.oid = attrelid and relkind = 'v'
      where classoid = 'pg_catalog.pg_class'::regclass and relnamespace = 'public'::regnamespace
      order by relname, attnum`);
    return rows;
  } finally {
    await pool.end();
  }
}

/** The columns of public's views, in their order. */
async function viewColumns(url: string): Promise<Map<string, string[]>> {
  const pool = poolOf(url);
  try {
    const { rows } = await pool.query(`
      select relname as view, array_agg(format('%I %s', attname, format_type(atttypid, atttypmod)) order by attnum) as columns
      from pg_catalog.pg_attribute
      join pg_catalog.pg_class on pg_class.oid = attrelid and relkind = 'v'
      where relnamespace = 'public'::regnamespace and attnum > 0
      group by relname`);
    return new Map(rows.map(({ view, columns }: { view: string; columns: string[] }) => [view, columns]));
  } finally {
    await pool.end();
  }
}

const MAKES_VIEW = /^create (?=view "public"\."(\w+)")/i;
const DROPS_VIEW = /^drop view "public"\."(\w+)"$/i;

/**
 * Replaces views in place where pg-delta drops and makes them: people build views of their own on them, with which a
 * DROP would fail, and a view that is replaced keeps the comments of its columns. Left alone when one of them loses or
 * changes a column, which only a DROP does.
 */
async function replaceViews(statements: string[], from: string, to: string): Promise<string[]> {
  const dropped = statements.flatMap((sql) => DROPS_VIEW.exec(sql)?.[1] ?? []);
  const made = new Set(statements.flatMap((sql) => MAKES_VIEW.exec(sql)?.[1] ?? []));
  const [before, after] = await Promise.all([viewColumns(from), viewColumns(to)]);
  const replaceable = dropped.every((view) =>
    made.has(view) && before.get(view)!.every((column, place) => column === after.get(view)![place])
  );
  if (!replaceable) return statements;
  return statements
    .filter((sql) => !DROPS_VIEW.test(sql))
    .map((sql) =>
      dropped.includes(MAKES_VIEW.exec(sql)?.[1] ?? "") ? sql.replace(MAKES_VIEW, "CREATE OR REPLACE ") : sql
    );
}

/**
 * Compares two databases by their catalogs, not by the text that made them. Settles the views of both, so give it
 * scratch databases.
 *
 * @param from Connection string of the database as it is.
 * @param to Connection string of the database as it should be.
 * @returns Statements in the order in which they make `from` equal to `to`; none when they are equal.
 */
export async function difference(from: string, to: string): Promise<string[]> {
  await Promise.all([settleViews(from), settleViews(to)]);
  const [source, desired] = await Promise.all([catalog(from), catalog(to)]);
  const { actions, filteredDeltas } = plan(source, desired);
  if (filteredDeltas.length > 0) {
    throw new Error(
      `Cannot compare the databases as ${filteredDeltas.length} differences cannot be written as SQL`,
    );
  }
  const alone = actions.find((action) => action.transactionality !== "transactional");
  if (alone !== undefined) {
    throw new Error(`Cannot put into one migration as it must run outside of a transaction: ${alone.sql}`);
  }
  const statements = await replaceViews(actions.map(({ sql }) => sql), from, to);
  const made = new Set(statements.map((sql) => MAKES_VIEW.exec(sql)?.[1]));
  const comments = new Set((await viewColumnComments(from)).map(({ statement }) => statement));
  return [
    ...statements,
    // a view that is made anew has lost them
    ...(await viewColumnComments(to))
      .filter(({ view, statement }) => made.has(view) || !comments.has(statement))
      .map(({ statement }) => statement),
  ];
}
