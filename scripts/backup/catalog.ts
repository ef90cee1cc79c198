/** What of a database is backed up, as its catalog tells it: tables with their columns, and sequences. */

import type postgres from "postgres";

/** A table that holds rows: one of public, or a partition of one. */
export interface StoredTable {
  readonly schema: string;
  readonly name: string;
  /** `schema.name`, quoted where SQL wants it. */
  readonly relation: string;
  /** The table of public whose partition it is. */
  readonly partitionOf: string | null;
  /** Columns that are stored, not generated, in their order. */
  readonly columns: readonly { readonly name: string; readonly quoted: string; readonly type: string }[];
  /** Its size on disk, without indexes. */
  readonly bytes: number;
}

/** A sequence of public. */
export interface StoredSequence {
  readonly schema: string;
  readonly name: string;
  readonly relation: string;
}

/** The tables of public and the partitions of its tables, wherever these are; none that belongs to an extension. */
export async function storedTables(sql: postgres.ISql): Promise<StoredTable[]> {
  const rows = await sql`
    select
      namespace.nspname as schema,
      stored.relname as name,
      format('%I.%I', namespace.nspname, stored.relname) as relation,
      root.relname as partition_of,
      pg_relation_size(stored.oid)::float8 as bytes,
      (
        select json_agg(
          json_build_object(
            'name', attname, 'quoted', quote_ident(attname), 'type', format_type(atttypid, atttypmod)
          )
          order by attnum
        )
        from pg_attribute
        where attrelid = stored.oid and attnum > 0 and not attisdropped and attgenerated = ''
      ) as columns
    from pg_class as stored
    join pg_namespace as namespace on namespace.oid = stored.relnamespace
    left join pg_class as root on stored.relispartition and root.oid = pg_partition_root(stored.oid)
    where stored.relkind = 'r'
      and coalesce(root.relnamespace, stored.relnamespace) = 'public'::regnamespace
      and not exists (
        select from pg_depend
        where classid = 'pg_class'::regclass and objid = stored.oid and deptype = 'e'
      )
    order by schema, name`;
  return rows.map(({ partition_of, columns, ...row }) => ({
    ...row,
    partitionOf: partition_of,
    columns: columns ?? [],
  } as StoredTable));
}

/** The sequences of public, those of identity columns among them. */
export async function storedSequences(sql: postgres.ISql): Promise<StoredSequence[]> {
  const rows = await sql`
    select
      namespace.nspname as schema,
      relname as name,
      format('%I.%I', namespace.nspname, relname) as relation
    from pg_class
    join pg_namespace as namespace on namespace.oid = relnamespace
    where relkind = 'S'
      and relnamespace = 'public'::regnamespace
      and not exists (
        select from pg_depend
        where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
      )
    order by schema, name`;
  return rows.map((row) => ({ ...row } as StoredSequence));
}

/** Migrations that a database has, oldest first; none where it has no history of them. */
export async function appliedMigrations(
  sql: postgres.ISql,
): Promise<{ readonly version: string; readonly name: string }[]> {
  const [{ kept }] = await sql`
    select to_regclass('supabase_migrations.schema_migrations') is not null as kept`;
  if (!kept) return [];
  const rows = await sql`
    select version, coalesce(name, '') as name from supabase_migrations.schema_migrations order by version`;
  return rows.map(({ version, name }) => ({ version, name }));
}
