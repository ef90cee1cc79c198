/** docs/reference/sql.md: tables, views and functions of the schema public, from a database that has them. */

import type postgres from "postgres";
import { cell, code, markdownTable, page } from "./markdown.ts";

/** Who may be allowed something besides the database's owner. */
const ROLES = ["anon", "authenticated", "service_role"];

interface Relation {
  readonly name: string;
  readonly kind: "table" | "view";
  readonly comment: string | null;
  readonly classification: string | null;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly comment: string | null;
  }[];
  readonly written: readonly string[];
}

async function relations(sql: postgres.Sql): Promise<Relation[]> {
  return await sql<Relation[]>`
    select
      relname as name,
      case when relkind in ('r', 'p') then 'table' else 'view' end as kind,
      obj_description(pg_class.oid, 'pg_class') as comment,
      (select classification from public.data_assets where data_assets.name = relname) as classification,
      (
        select json_agg(
          json_build_object(
            'name', attname, 'type', format_type(atttypid, atttypmod) || case when attnotnull then '' else ', null' end,
            'comment', col_description(pg_class.oid, attnum)
          ) order by attnum
        )
        from pg_catalog.pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped
      ) as columns,
      array(
        select verb
        from unnest(array['insert', 'update', 'delete']) as verb
        where has_table_privilege('service_role', pg_class.oid, verb)
          or (verb <> 'delete' and has_any_column_privilege('service_role', pg_class.oid, verb))
      ) as written
    from pg_catalog.pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition
    order by relname collate "C"`;
}

interface Routine {
  readonly name: string;
  readonly call: string;
  readonly result: string | null;
  readonly comment: string | null;
  readonly callers: readonly string[];
}

async function routines(sql: postgres.Sql): Promise<Routine[]> {
  return await sql<Routine[]>`
    select
      proname as name,
      proname || '(' || pg_get_function_arguments(pg_proc.oid) || ')' as call,
      pg_get_function_result(pg_proc.oid) as result,
      obj_description(pg_proc.oid, 'pg_proc') as comment,
      array(
        select role from unnest(${ROLES}::text[]) with ordinality as given (role, place)
        where has_function_privilege(role, pg_proc.oid, 'execute')
        order by place
      ) as callers
    from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype
      and not exists (select from pg_catalog.pg_depend where objid = pg_proc.oid and deptype = 'e')
    order by proname collate "C", pg_get_function_identity_arguments(pg_proc.oid) collate "C"`;
}

function relationPart({ name, kind, comment, classification, columns, written }: Relation): string[] {
  const access = [
    kind,
    ...classification === null ? [] : [classification],
    ...written.length === 0 ? [] : [`service_role may ${written.join(", ")}`],
  ];
  return [
    `### ${name}`,
    `*${access.join("; ")}.* ${comment ?? ""}`.trim(),
    markdownTable(
      ["column", "type", ""],
      columns.map((column) => [`\`${column.name}\``, cell(column.type), cell(column.comment ?? "")]),
    ),
  ];
}

function routinePart({ name, call, result, comment, callers }: Routine): string[] {
  return [
    `### ${name}()`,
    code(result === null ? call : `${call}\n  returns ${result}`, "sql"),
    `*${callers.length === 0 ? "The database's owner only" : callers.join(", ")}.* ${comment ?? ""}`.trim(),
  ];
}

/**
 * The page.
 *
 * @param sql A database built from sql/.
 */
export async function sqlPage(sql: postgres.Sql): Promise<string> {
  const [known, callable] = [await relations(sql), await routines(sql)];
  const shared = callable.filter(({ callers }) => callers.length > 0);
  const own = callable.filter(({ callers }) => callers.length === 0);
  return page("SQL", [
    "What the schema `public` has, with the comments of the database itself. Who may read a table or view goes by its " +
    "classification and the clearance of whoever asks: signed-in users read what is public and internal unless their " +
    "token says otherwise, `service_role` reads everything, and `anon` what is public. A type with `null` after it may " +
    "be empty.",
    "## Tables and views",
    ...known.flatMap(relationPart),
    "## Functions that others than the owner may call",
    "They read, with the rights of whoever calls them; over the Data API as `/rest/v1/rpc/NAME`.",
    ...shared.flatMap(routinePart),
    "## Functions of the database's owner",
    "What the jobs, the functions and `psql` call.",
    ...own.flatMap(routinePart),
  ]);
}
