/** What a verdict, an alert or a service level rests on, in words: its reason, its numbers, the keys of what failed. */

import type { JSX } from "preact";
import { moment, number } from "../format.ts";
import { address } from "../route.ts";

type Evidence = Readonly<Record<string, unknown>>;

/** Rows of what failed that are shown; the database has no more than these of most. */
const MOST_ROWS = 50;

/** Significant digits of a number. */
const DIGITS = 4;

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

function isObject(value: unknown): value is Evidence {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name of the database as people write it. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** A value in a line of text. */
function text(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") {
    return Number.isInteger(value)
      ? number(value)
      : value.toLocaleString("en-US", { maximumSignificantDigits: DIGITS });
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return TIME.test(value) ? `${moment(value)} UTC` : value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(text).join(", ");
  return Object.entries(value).map(([name, part]) => `${words(name)} ${text(part)}`).join(", ");
}

/** A value of a table; engines lead to their page. */
function Cell({ name, value }: { name: string; value: unknown }): JSX.Element {
  return name === "engine" && typeof value === "string"
    ? <a href={address("engine", value)}>{value}</a>
    : <>{text(value)}</>;
}

/** Things of the same kind, one below the other. */
function Things({ name, rows }: { name: string; rows: readonly unknown[] }): JSX.Element {
  const shown = rows.slice(0, MOST_ROWS).map((row) => isObject(row) ? row : { [words(name)]: row });
  // whose it is goes before what it is
  const columns = [...new Set(shown.flatMap((row) => Object.keys(row)))]
    .sort((one, other) => Number(other === "engine") - Number(one === "engine"));
  return (
    <>
      <h3>
        {words(name)} <small>{number(rows.length)}</small>
      </h3>
      <div class="table" role="region" aria-label={words(name)} tabIndex={0}>
        <table class="compact">
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column}
                  scope="col"
                  class={shown.every((row) => typeof (row[column] ?? 0) === "number") ? "numeric" : undefined}
                >
                  {words(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {columns.map((column) => (
                  <td
                    key={column}
                    class={shown.every((row) => typeof (row[column] ?? 0) === "number")
                      ? "numeric"
                      : undefined}
                  >
                    <Cell name={column} value={row[column]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_ROWS && <p class="soft">The first {MOST_ROWS} of {number(rows.length)}.</p>}
    </>
  );
}

/** Numbers and words of the evidence in one line, without what has a table of its own. */
export function EvidenceLine({ evidence }: { evidence: Evidence }): JSX.Element {
  const parts = Object.entries(evidence)
    .filter(([name, value]) =>
      name !== "reason" && value !== null && !(Array.isArray(value) && value.some(isObject))
    )
    .map(([name, value]) => `${words(name)} ${text(value)}`);
  return <>{parts.join("; ")}</>;
}

/** Whether there is more than a line says. */
export function hasTables(evidence: Evidence): boolean {
  return Object.values(evidence).some((value) => Array.isArray(value) && value.some(isObject));
}

/** The evidence. */
export function EvidenceWords({ evidence }: { evidence: Evidence }): JSX.Element {
  const { reason, error, ...others } = evidence;
  const entries = Object.entries(others).filter(([, value]) =>
    value !== null && !(Array.isArray(value) && value.length === 0)
  );
  const lists = entries.filter(([, value]) => Array.isArray(value) && value.some(isObject)) as [
    string,
    unknown[],
  ][];
  const named = entries.filter(([name, value]) =>
    name === "failing" && Array.isArray(value) && !value.some(isObject)
  ) as [string, unknown[]][];
  const facts = entries.filter((entry) =>
    !lists.some(([name]) => name === entry[0]) && !named.some(([name]) => name === entry[0])
  );
  if (reason === undefined && error === undefined && entries.length === 0) {
    return <p class="soft">Nothing more is known about it.</p>;
  }
  return (
    <div class="evidence">
      {[reason, error].filter((told) => told !== undefined && told !== null).map((told) => (
        <p key={text(told)}>{text(told)}</p>
      ))}
      {facts.length > 0 && (
        <dl class="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{words(name)}</dt>
              <dd>{text(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {[...named, ...lists].map(([name, rows]) => <Things key={name} name={name} rows={rows} />)}
    </div>
  );
}
