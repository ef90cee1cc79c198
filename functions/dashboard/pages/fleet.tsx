/** The fleet: every engine as a cell and as a line, the ones to look at first in front. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { z } from "zod";
import type { FleetEngine } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { type Column, DataTable } from "../components/data_table.tsx";
import { Nothing, Shown } from "../components/shown.tsx";
import { Shape, Status } from "../components/status.tsx";
import { type Figure, Strip } from "../components/strip.tsx";
import { ago, clock, moment, number, percent, plural } from "../format.ts";
import { type Health, HEALTH_NAMES, HEALTHS } from "../health.ts";
import { useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";

type Engine = z.output<typeof FleetEngine>;
/** Flight cycles that are left at least, as the interval of the prediction has it, less those flown since. */
function leastLeft(engine: Engine): number | null {
  const { predicted_rul, lower_bound, last_cycle, predicted_at_cycle } = engine;
  if (predicted_rul === null) return null;
  const flown = Math.max((last_cycle ?? 0) - (predicted_at_cycle ?? 0), 0);
  return Math.max((lower_bound ?? predicted_rul) - flown, 0);
}

/** Worst first; among equals whoever has least life left, then whoever is most worn. */
function inOrderOfConcern(engines: readonly Engine[]): readonly Engine[] {
  return engines.toSorted((one, other) =>
    Number(one.status !== "active") - Number(other.status !== "active") ||
    HEALTHS.indexOf(one.health) - HEALTHS.indexOf(other.health) ||
    (leastLeft(one) ?? Infinity) - (leastLeft(other) ?? Infinity) ||
    (other.wear ?? -Infinity) - (one.wear ?? -Infinity) ||
    one.unit_number.localeCompare(other.unit_number, "en", { numeric: true })
  );
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function figures(engines: readonly Engine[]): Figure[] {
  const active = engines.filter(({ status }) => status === "active");
  const withHealth = (health: Health) => active.filter((engine) => engine.health === health).length;
  const anomalous = active.filter(({ anomalous_since }) => anomalous_since !== null).length;
  const lives = active.flatMap((engine) => engine.predicted_rul === null ? [] : [engine])
    .sort((one, other) => one.predicted_rul! - other.predicted_rul!);
  return [
    {
      label: "Engines",
      value: number(engines.length),
      note: `${number(active.length)} active`,
      href: address("fleet"),
    },
    ...HEALTHS.map((health) => ({
      label: HEALTH_NAMES[health],
      value: number(withHealth(health)),
      tone: health,
      href: address("fleet", undefined, { health, status: "active" }),
    })),
    {
      label: "In an anomaly",
      value: number(anomalous),
      note: active.length === 0 ? undefined : percent(anomalous / active.length),
    },
    {
      label: "Mean wear",
      value: number(mean(active.map(({ wear }) => wear)), 2),
      note: "1 is the end of life",
    },
    {
      label: "Least life left",
      value: number(lives[0]?.predicted_rul),
      note: lives.length === 0 ? undefined : `cycles, ${lives[0].unit_number}`,
      href: lives.length === 0 ? undefined : address("engine", lives[0].unit_number),
    },
  ];
}

/** What a cell says to those who do not see it, and to those who point at it. */
function describe(engine: Engine): string {
  const { unit_number, health, status, reasons, predicted_rul } = engine;
  const life = predicted_rul === null ? [] : [`${number(predicted_rul)} cycles left`];
  return [
    `${unit_number}: ${HEALTH_NAMES[health].toLowerCase()}${status === "active" ? "" : `, ${status}`}`,
    ...life,
    ...reasons,
  ].join("; ");
}

/** Where an arrow key leads among cells that are laid out in rows. */
function neighbour(cells: readonly HTMLElement[], from: number, key: string): number | undefined {
  if (key === "Home") return 0;
  if (key === "End") return cells.length - 1;
  if (key === "ArrowRight") return Math.min(from + 1, cells.length - 1);
  if (key === "ArrowLeft") return Math.max(from - 1, 0);
  const { offsetLeft, offsetTop } = cells[from];
  const beside = (cell: HTMLElement) => cell.offsetLeft === offsetLeft;
  if (key === "ArrowDown") return cells.findIndex((cell) => beside(cell) && cell.offsetTop > offsetTop);
  if (key === "ArrowUp") return cells.findLastIndex((cell) => beside(cell) && cell.offsetTop < offsetTop);
  return undefined;
}

/** Every engine as a cell. One of them is in the order of Tab; arrow keys lead to the others. */
function Cells({ engines }: { engines: readonly Engine[] }): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const cells = [...list.current!.querySelectorAll("a")];
    cells.forEach((cell, place) => cell.tabIndex = place === 0 ? 0 : -1);
  }, [engines]);
  function move(event: TargetedKeyboardEvent<HTMLUListElement>): void {
    const cells = [...list.current!.querySelectorAll("a")];
    const from = cells.indexOf(document.activeElement as HTMLAnchorElement);
    const to = from < 0 ? undefined : neighbour(cells, from, event.key);
    if (to === undefined || to < 0) return;
    event.preventDefault();
    cells[from].tabIndex = -1;
    cells[to].tabIndex = 0;
    cells[to].focus();
  }
  const numbered = engines.length <= 250;
  return (
    <ul
      ref={list}
      class={numbered ? "cells numbered" : "cells"}
      aria-label="Engines, worst first"
      onKeyDown={move}
    >
      {engines.map((engine) => (
        <li key={engine.unit_number}>
          <a
            class={engine.status === "active" ? engine.health : `${engine.health} gone`}
            href={address("engine", engine.unit_number)}
            aria-label={describe(engine)}
            title={describe(engine)}
          >
            <Shape tone={engine.health} />
            {numbered && <span aria-hidden="true">{/\d+$/.exec(engine.unit_number)?.[0] ?? ""}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Wear({ wear, trend }: { wear: number | null; trend: Engine["wear_trend"] }): JSX.Element {
  const arrows = { rising: "↑", steady: "→", falling: "↓" } as const;
  return (
    <>
      {wear !== null && (
        <span class="bar" aria-hidden="true">
          <span style={{ width: `${Math.min(Math.max(wear, 0), 1) * 100}%` }} />
        </span>
      )}
      {number(wear, 2)}
      <span class="arrow" title={trend === null ? undefined : `Wear is ${trend}`}>
        {trend === null ? "" : arrows[trend]}
      </span>
    </>
  );
}

const COLUMNS: readonly Column<Engine>[] = [
  {
    name: "engine",
    title: "Engine",
    by: ({ unit_number }) => unit_number,
    cell: ({ unit_number }) => <a href={address("engine", unit_number)}>{unit_number}</a>,
  },
  {
    name: "health",
    title: "Health",
    by: ({ health }) => HEALTHS.indexOf(health),
    cell: ({ health }) => <Status word={HEALTH_NAMES[health].toLowerCase()} tone={health} />,
  },
  { name: "set", title: "Set", by: ({ dataset }) => dataset, cell: ({ dataset }) => dataset ?? "–" },
  { name: "status", title: "Status", by: ({ status }) => status, cell: ({ status }) => status },
  {
    name: "left",
    title: "Cycles left",
    hint: "Predicted remaining life in flight cycles, with its interval",
    numeric: true,
    by: ({ predicted_rul }) => predicted_rul,
    cell: ({ predicted_rul, lower_bound, upper_bound }) => (
      <>
        {lower_bound !== null && <small>{number(lower_bound)}–{number(upper_bound)}</small>}{" "}
        {number(predicted_rul)}
      </>
    ),
  },
  {
    name: "wear",
    title: "Wear",
    hint: "0 as in the engine's baseline, 1 as engines are at the end of their life",
    numeric: true,
    by: ({ wear }) => wear,
    cell: ({ wear, wear_trend }) => <Wear wear={wear} trend={wear_trend} />,
  },
  {
    name: "anomalies",
    title: "Anomalies",
    hint: "Anomalies among the last 30 readings",
    numeric: true,
    by: ({ recent_anomalies }) => recent_anomalies,
    cell: ({ recent_anomalies }) => number(recent_anomalies),
  },
  {
    name: "complete",
    title: "Complete",
    hint: "Share of the expected readings that were there in the latest run of the checks",
    numeric: true,
    by: ({ completeness }) => completeness,
    cell: ({ completeness }) => percent(completeness),
  },
  {
    name: "cycle",
    title: "Cycle",
    numeric: true,
    by: ({ last_cycle }) => last_cycle,
    cell: ({ last_cycle }) => number(last_cycle),
  },
  {
    name: "last",
    title: "Last reading",
    by: ({ last_reading_at }) => last_reading_at,
    cell: ({ last_reading_at }) => (
      <span title={`${moment(last_reading_at)} UTC`}>{ago(last_reading_at)}</span>
    ),
  },
  {
    name: "why",
    title: "Why",
    wide: true,
    cell: ({ reasons }) => reasons.join("; "),
  },
];

function Chooser(
  { engines, route }: { engines: readonly Engine[]; route: Route },
): JSX.Element {
  const sets = [...new Set(engines.map(({ dataset }) => dataset).filter((name) => name !== null))].sort();
  const setting = (name: string) => route.settings.get(name) ?? "";
  const choose = (name: string, value: string) => change({ [name]: value || undefined, page: undefined });
  return (
    <div class="row" role="search">
      <input
        type="search"
        aria-label="Search engines"
        placeholder="Search engines"
        value={setting("q")}
        onInput={(event) => choose("q", event.currentTarget.value)}
      />
      <select
        aria-label="Health"
        value={setting("health")}
        onChange={(event) => choose("health", event.currentTarget.value)}
      >
        <option value="">Any health</option>
        {HEALTHS.map((health) => <option key={health} value={health}>{HEALTH_NAMES[health]}</option>)}
      </select>
      <select
        aria-label="Status"
        value={setting("status")}
        onChange={(event) => choose("status", event.currentTarget.value)}
      >
        <option value="">Any status</option>
        <option value="active">Active</option>
        <option value="retired">Retired</option>
        <option value="failed">Failed</option>
      </select>
      {sets.length > 0 && (
        <select
          aria-label="Set"
          value={setting("set")}
          onChange={(event) => choose("set", event.currentTarget.value)}
        >
          <option value="">All sets</option>
          {sets.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
      )}
    </div>
  );
}

function FleetOf({ engines, route }: { engines: readonly Engine[]; route: Route }): JSX.Element {
  const [q, health, status, set] = ["q", "health", "status", "set"].map((name) =>
    route.settings.get(name) ?? ""
  );
  const chosen = useMemo(
    () =>
      inOrderOfConcern(
        engines.filter((engine) =>
          engine.unit_number.toLowerCase().includes(q.toLowerCase()) &&
          (health === "" || engine.health === health) &&
          (status === "" || engine.status === status) &&
          (set === "" || engine.dataset === set)
        ),
      ),
    [engines, q, health, status, set],
  );
  if (engines.length === 0) {
    return (
      <Nothing title="No engine has sent a reading yet">
        <p>Load the C-MAPSS files, or let a simulated fleet fly:</p>
        <pre>deno task load PATH</pre>
        <pre>deno task simulate --target ingest</pre>
      </Nothing>
    );
  }
  return (
    <>
      <Strip figures={figures(engines)} label="The fleet in numbers" />
      <section class="panel">
        <Chooser engines={engines} route={route} />
        {chosen.length === 0 ? <p class="loading" role="status">No engine is like this</p> : (
          <>
            <Cells engines={chosen} />
            <p class="legend">
              {HEALTHS.map((health) => (
                <span key={health}>
                  <Shape tone={health} />
                  {HEALTH_NAMES[health]}
                </span>
              ))}
              <span>Outlined: retired or failed</span>
              <span role="status">{plural(chosen.length, "engine")}</span>
            </p>
          </>
        )}
      </section>
      {chosen.length > 0 && (
        <section class="panel">
          <h2>Engines</h2>
          <DataTable
            label="Engines"
            rows={chosen}
            columns={COLUMNS}
            keyOf={({ unit_number }) => unit_number}
            route={route}
          />
        </section>
      )}
    </>
  );
}

/** The page. */
export function FleetPage({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const fleet = useLoaded(
    (signal) => access.readAll<Engine>("/quality/fleet/engines", "engines", {}, signal),
    [access],
  );
  return (
    <>
      <div class="head">
        <h1>Fleet</h1>
        {fleet.at !== undefined && <span class="aside">as of {clock(fleet.at)} UTC</span>}
        <button type="button" disabled={fleet.loading} onClick={fleet.reload}>Refresh</button>
      </div>
      <Shown data={fleet} what="the fleet">
        {(engines) => <FleetOf engines={engines} route={route} />}
      </Shown>
    </>
  );
}
