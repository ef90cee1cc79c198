/** A table that is sorted and paged; both are in the address. */

import type { ComponentChildren, JSX } from "preact";
import { change, type Route } from "../route.ts";
import { number } from "../format.ts";

/** A column. */
export interface Column<Row> {
  /** In the address; unique in the table. */
  readonly name: string;
  readonly title: string;
  /** Explains the title. */
  readonly hint?: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** What rows are sorted by; those without it come last. A column without this is not sorted by. */
  readonly by?: (row: Row) => string | number | null | undefined;
  /** Numbers are set flush right. */
  readonly numeric?: boolean;
  /** Text that may take several lines. */
  readonly wide?: boolean;
}

const collator = new Intl.Collator("en", { numeric: true });

function compare(one: string | number, other: string | number): number {
  return typeof one === "number" && typeof other === "number"
    ? one - other
    : collator.compare(String(one), String(other));
}

/** Rows in the order that the address asks for: `sort=wear` or, descending, `sort=-wear`. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: string,
): readonly Row[] {
  const descending = sort.startsWith("-");
  const by = columns.find(({ name }) => name === sort.replace(/^-/, ""))?.by;
  if (by === undefined) return rows;
  const keyed = rows.map((row) => [by(row), row] as const);
  keyed.sort(([one], [other]) => {
    if (one === null || one === undefined) return other === null || other === undefined ? 0 : 1;
    if (other === null || other === undefined) return -1;
    return descending ? compare(other, one) : compare(one, other);
  });
  return keyed.map(([, row]) => row);
}

/**
 * The table.
 *
 * @param label What is in it, for those who do not see it.
 * @param rows All of them; it shows a page at a time.
 * @param id Tells its settings in the address from those of other tables of the page.
 * @param order Column that it is sorted by at first, with a minus for descending.
 */
export function DataTable<Row>(
  { label, rows, columns, keyOf, route, id = "", order = "", size = 50 }: {
    label: string;
    rows: readonly Row[];
    columns: readonly Column<Row>[];
    keyOf: (row: Row) => string | number;
    route: Route;
    id?: string;
    order?: string;
    size?: number;
  },
): JSX.Element {
  const sortSetting = `${id}sort`;
  const pageSetting = `${id}page`;
  const sort = route.settings.get(sortSetting) ?? order;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.min(pages, Math.max(1, Number(route.settings.get(pageSetting)) || 1));
  const shown = sorted(rows, columns, sort).slice((page - 1) * size, page * size);
  const turn = (to: number) => change({ [pageSetting]: to === 1 ? undefined : to });
  return (
    <>
      <div class="table" role="region" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map(({ name, title, hint, by, numeric }) => {
                const direction = sort === name
                  ? "ascending"
                  : sort === `-${name}`
                  ? "descending"
                  : undefined;
                const next = sort === name ? `-${name}` : name;
                return (
                  <th
                    key={name}
                    scope="col"
                    class={numeric ? "numeric" : undefined}
                    aria-sort={direction}
                    title={hint}
                  >
                    {by === undefined ? title : (
                      <button
                        type="button"
                        onClick={() =>
                          change({
                            [sortSetting]: next === order ? undefined : next,
                            [pageSetting]: undefined,
                          })}
                      >
                        {title}
                        <span aria-hidden="true" class="arrow">
                          {direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}
                        </span>
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ name, cell, numeric, wide }, place) => {
                  const kind = numeric ? "numeric" : wide ? "wide" : undefined;
                  return place === 0
                    ? <th key={name} scope="row" class={kind}>{cell(row)}</th>
                    : <td key={name} class={kind}>{cell(row)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <nav class="pages" aria-label={`Pages of ${label}`}>
          <button type="button" disabled={page === 1} onClick={() => turn(page - 1)}>Previous</button>
          <span>
            {number((page - 1) * size + 1)}–{number(Math.min(page * size, rows.length))} of{" "}
            {number(rows.length)}
          </span>
          <button type="button" disabled={page === pages} onClick={() => turn(page + 1)}>Next</button>
        </nav>
      )}
    </>
  );
}
