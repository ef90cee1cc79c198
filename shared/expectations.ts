/** Expectations: the rules of the data, listed, and as suites of Great Expectations. */

import type postgres from "postgres";

/** A rule as people see it; see the table expectations. */
export interface Rule {
  readonly id: number;
  /** Null: for every engine without a rule of its own. */
  readonly dataset: string | null;
  readonly subset: "train" | "test" | null;
  readonly kind: string;
  readonly column_name: string | null;
  readonly condition: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mostly: number;
  readonly severity: "warning" | "fail";
  readonly at_intake: "accept" | "reject";
  readonly active: boolean;
  readonly description: string;
  readonly version: number;
  readonly updated_at: Date;
  readonly updated_by: string;
}

/**
 * Lists the rules.
 *
 * @param dataset Only those of this set of engines; null: only those for every engine; all unless given.
 */
export async function listExpectations(sql: postgres.Sql, dataset?: string | null): Promise<Rule[]> {
  return await sql<Rule[]>`
    select
      id::float8, dataset, subset, kind, column_name, condition, min, max, mostly, severity, at_intake, active,
      description, version, updated_at, updated_by
    from public.expectations
    where ${dataset === undefined} or dataset is not distinct from ${dataset ?? null}
    order by dataset nulls first, id`;
}

/** The rules of a set of engines as the JSON text of a suite of Great Expectations. */
export async function exportExpectationSuite(sql: postgres.Sql, dataset: string | null): Promise<string> {
  const [{ suite }] = await sql<{ suite: string }[]>`
    select jsonb_pretty(public.export_expectation_suite(${dataset})) as suite`;
  return suite;
}

/** What became of a suite. Names as they are printed with --json. */
export interface ImportResult {
  /** Null: the rules for every engine. */
  readonly dataset: string | null;
  /** Rules that are new or have changed. */
  readonly imported: number;
  readonly unchanged: number;
  /** Rules that the suite does not have, with `replace`. */
  readonly deleted: number;
  /** Expectations that are no rule here, and why. */
  readonly skipped: readonly {
    /** Place in the suite's expectations from 0; null for what it keeps in meta.spool. */
    readonly index: number | null;
    readonly expectation_type: string | null;
    readonly reason: string;
  }[];
}

/**
 * Reads a suite of Great Expectations into the rules.
 *
 * @param suite Its JSON text, of 1.x or 0.18.
 * @param options.dataset The set of engines that its rules are for, instead of what the suite says.
 * @param options.replace Delete the rules that it does not have; not when anything was skipped.
 * @throws {SyntaxError} When it is not JSON; the driver's error with code 22023 when it is not a suite.
 */
export async function importExpectationSuite(
  sql: postgres.Sql,
  suite: string,
  options: { readonly dataset?: string; readonly replace?: boolean } = {},
): Promise<ImportResult> {
  let document = JSON.parse(suite);
  if (options.dataset !== undefined) {
    const { spool } = document?.meta ?? {};
    document = { ...document, meta: { ...document?.meta, spool: { ...spool, dataset: options.dataset } } };
  }
  const [{ result }] = await sql<{ result: ImportResult }[]>`
    select public.import_expectation_suite(
      ${JSON.stringify(document)}::text::jsonb, ${options.replace ?? false}
    ) as result`;
  return result;
}
