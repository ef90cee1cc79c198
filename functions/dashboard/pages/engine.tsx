/** One engine: how it stands and why, and its fourteen sensors over its life. */

import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { z } from "zod";
import { MEASUREMENTS, SENSORS } from "../../../shared/sensors.ts";
import type { Answer, Drift as DriftRow } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { LifeBar } from "../components/life_bar.tsx";
import { SensorChart } from "../components/sensor_chart.tsx";
import { SensorTable } from "../components/sensor_table.tsx";
import { Nothing, Shown } from "../components/shown.tsx";
import { Shape, Status } from "../components/status.tsx";
import { type Figure, Strip } from "../components/strip.tsx";
import { type Stretch, TimeChart } from "../components/time_chart.tsx";
import { ago, moment, number, percent, plural, signed, span } from "../format.ts";
import { HEALTH_NAMES } from "../health.ts";
import { type Loaded, useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";

type Engine = z.output<typeof Answer.health>["engine"];
type Charts = z.output<typeof Answer.series>;
type Series = Charts["series"];
type Drift = z.output<typeof DriftRow>;

/** Points of a curve; more are not told apart on a chart of this width. */
const SLOTS = 600;

/** What is zoomed to, in seconds since 1970. */
interface Zoom {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

function zoomOf(route: Route): Zoom {
  const [from, to] = ["from", "to"].map((name) => Number(route.settings.get(name)) || undefined);
  return from !== undefined && to !== undefined && to <= from
    ? { from: undefined, to: undefined }
    : { from, to };
}

function isoTime(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
}

function zoomTo(from: number, to: number): void {
  change({ from: Math.round(from), to: Math.round(to) }, { keep: true });
}

function zoomOut(): void {
  change({ from: undefined, to: undefined }, { keep: true });
}

function figures(engine: Engine): Figure[] {
  const { wear, wear_trend, wear_per_100_cycles, predicted_rul, lower_bound, upper_bound } = engine;
  return [
    {
      label: "Health",
      value: <Status word={HEALTH_NAMES[engine.health]} tone={engine.health} />,
      note: engine.status,
    },
    {
      label: "Cycles left",
      value: number(predicted_rul),
      note: lower_bound === null
        ? undefined
        : `${number(lower_bound)}–${number(upper_bound)} at ${percent(engine.interval_level, 0)}`,
    },
    {
      label: "Wear",
      value: number(wear, 2),
      note: wear_trend === null
        ? undefined
        : `${wear_trend}, ${signed(wear_per_100_cycles, 2)} in 100 cycles`,
    },
    { label: "Anomalies", value: number(engine.recent_anomalies), note: "in the last 30 readings" },
    { label: "Complete", value: percent(engine.completeness) },
    { label: "Flight cycle", value: number(engine.last_cycle) },
    {
      label: "Last reading",
      value: ago(engine.last_reading_at),
      note: `${moment(engine.last_reading_at)} UTC`,
    },
  ];
}

/** The report of its health, in words. */
function Report({ engine }: { engine: Engine }): JSX.Element {
  const { reasons, inspect_first, predicted_rul, predicted_by, predicted_at_cycle } = engine;
  return (
    <section class="panel report" aria-label="Health report">
      <div>
        <h2>Why</h2>
        {reasons.length === 0
          ? <p class="soft">Nothing speaks against this engine.</p>
          : <ul>{reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>}
      </div>
      <div>
        <h2>Look at first</h2>
        {inspect_first.length === 0 ? <p class="soft">No module stands out.</p> : (
          <ol>
            {inspect_first.slice(0, 4).map(({ module, why }) => (
              <li key={module}>
                <strong>{module}</strong> <span class="soft">{why}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
      <div>
        <h2>Life left</h2>
        {predicted_rul === null ? <p class="soft">No model has predicted it.</p> : (
          <>
            <LifeBar predicted={predicted_rul} lower={engine.lower_bound} upper={engine.upper_bound} />
            <p class="soft">
              {plural(Math.round(predicted_rul), "flight cycle")} after cycle {number(predicted_at_cycle)}, by
              {" "}
              {predicted_by}
            </p>
          </>
        )}
      </div>
    </section>
  );
}

/** Each slot in the colour of the condition that it was flown in. Neighbours of one condition are one piece. */
function stretchesOf({ time, slot_condition, until }: Series): Stretch[] {
  const stretches: { from: number; to: number; colour: string }[] = [];
  time.forEach((from, place) => {
    const to = time[place + 1] ?? until ?? from;
    const name = `c${Math.min(slot_condition[place], 6)}`;
    const last = stretches.at(-1);
    if (last?.colour === name) last.to = to;
    else stretches.push({ from, to, colour: name });
  });
  return stretches;
}

/** Moves what is seen, for those who do not drag. */
function Zooms({ from, to, series }: { from: number; to: number; series: Series }): JSX.Element {
  const { first, last } = series;
  const length = to - from;
  const whole = first === null || last === null || (from <= first && to >= last);
  const shift = (by: number) => zoomTo(from + by * length, to + by * length);
  return (
    <span class="row zooms" role="group" aria-label="What is seen">
      <button type="button" onClick={() => shift(-0.5)} disabled={whole} aria-label="Earlier" title="Earlier">
        ←
      </button>
      <button type="button" onClick={() => shift(0.5)} disabled={whole} aria-label="Later" title="Later">
        →
      </button>
      <button
        type="button"
        onClick={() => zoomTo(from + length / 4, to - length / 4)}
        aria-label="Zoom in"
        title="Zoom in; or drag across a chart"
      >
        +
      </button>
      <button
        type="button"
        onClick={() => zoomTo(from - length / 2, to + length / 2)}
        disabled={whole}
        aria-label="Zoom out"
        title="Zoom out"
      >
        −
      </button>
      <button type="button" onClick={zoomOut} disabled={whole} title="Or double-click a chart">
        Whole life
      </button>
    </span>
  );
}

function Conditions({ series, route }: { series: Series; route: Route }): JSX.Element | null {
  const { conditions, condition } = series;
  if (conditions.length < 2 && route.settings.get("condition") === null) return null;
  return (
    <select
      aria-label="Operating condition"
      value={String(condition ?? "")}
      onChange={(event) => change({ condition: event.currentTarget.value })}
    >
      {conditions.map(({ condition, name, readings }) => (
        <option key={condition} value={String(condition)}>
          {name ?? `Condition ${condition}`} ({number(readings)})
        </option>
      ))}
    </select>
  );
}

/** What the strip above the charts says, in words. */
function describeStrip({ series, anomalies }: Charts): string {
  const flown = series.conditions.map(({ condition, name, readings }) =>
    `${name ?? `condition ${condition}`}: ${plural(readings, "reading")}`
  );
  return [
    `Operating conditions: ${flown.join(", ")}`,
    plural(anomalies.length, "anomaly", "anomalies"),
    plural(series.gaps.length, "gap"),
  ].join("; ");
}

function Sensors(
  { charts, drift, zoom, route }: {
    charts: Charts;
    drift: readonly Drift[];
    zoom: Zoom;
    route: Route;
  },
): JSX.Element {
  const { series, anomalies, predictions } = charts;
  const from = zoom.from ?? series.first ?? 0;
  const to = zoom.to ?? series.last ?? 1;
  const at = useRef<HTMLSpanElement>(null);
  const stretches = useMemo(() => stretchesOf(series), [series]);
  const drifts = useMemo(() => new Map(drift.map((row) => [row.column_name, row])), [drift]);
  const strip = useMemo(
    () =>
      anomalies.map(({ timestamp, severity }) => ({
        time: Date.parse(timestamp) / 1000,
        value: null,
        tone: severity,
      })),
    [anomalies],
  );
  const none = useMemo(() => [{ label: "none", values: series.time.map(() => null), colour: "trace" }], [
    series,
  ]);
  const showMoment = (index: number | null) => {
    at.current!.textContent = index === null
      ? `${moment(from * 1000)} – ${moment(to * 1000)} UTC`
      : `${moment(series.time[index] * 1000)} UTC, cycle ${number(series.cycle[index])}`;
  };
  if (series.first === null) {
    return (
      <Nothing title="This engine has not sent a reading">
        <p>Its sensors are shown from the first one on.</p>
      </Nothing>
    );
  }
  const life = predictions.filter(({ cycle }) => series.cycle.some((flown) => flown === cycle));
  return (
    <>
      <section class="panel">
        <div class="row">
          <h2>Sensors</h2>
          <span ref={at} class="soft">{moment(from * 1000)} – {moment(to * 1000)} UTC</span>
          <span class="last row">
            <Conditions series={series} route={route} />
            <Zooms from={from} to={to} series={series} />
          </span>
        </div>
        <TimeChart
          label={describeStrip(charts)}
          times={series.time}
          curves={none}
          from={from}
          to={to}
          height={44}
          group="engine"
          bare
          stretches={stretches}
          gaps={series.gaps}
          marks={strip}
          onZoom={zoomTo}
          onReset={zoomOut}
          onCursor={showMoment}
        />
        <p class="legend">
          {series.conditions.map(({ condition, name }) => (
            <span key={condition}>
              <i class="swatch" style={{ background: `var(--c${Math.min(condition, 6)})` }} />
              {name ?? (condition === 0 ? "no known condition" : `condition ${condition}`)}
            </span>
          ))}
          <span>
            <i class="swatch" style={{ background: "var(--band-edge)" }} />baseline ± 3 SD
          </span>
          <span>
            <i class="swatch" style={{ background: "var(--gap)" }} />
            {plural(series.gaps.length, "gap")}
          </span>
          <span>
            <Shape tone="fail" />
            {plural(anomalies.length, "anomaly", "anomalies")}
          </span>
          <span>
            {plural(series.readings, "reading")}
            {series.slot_seconds !== null && `, least to greatest in ${span(series.slot_seconds)}`}
          </span>
        </p>
      </section>
      <div class="charts">
        {SENSORS.map((sensor) => (
          <SensorChart
            key={sensor}
            sensor={sensor}
            measurement={MEASUREMENTS[sensor]}
            charts={charts}
            drift={drifts.get(sensor)}
            from={from}
            to={to}
            onZoom={zoomTo}
            onReset={zoomOut}
          />
        ))}
      </div>
      <SensorTable series={series} drifts={drifts} predictions={life} />
    </>
  );
}

/** The page. */
export function EnginePage({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const name = route.subject ?? "";
  const zoom = zoomOf(route);
  const condition = route.settings.get("condition") ?? undefined;
  const path = `/quality/engines/${encodeURIComponent(name)}`;
  const health = useLoaded(
    (signal) => access.read<z.output<typeof Answer.health>>(`${path}/health`, { reports: 0 }, signal),
    [access, name],
  );
  const drift = useLoaded(
    (signal) => access.readAll<Drift>("/quality/drift", "sensors", { engine: name }, signal),
    [access, name],
  );
  const charts: Loaded<Charts> = useLoaded(
    (signal) =>
      access.read<Charts>(
        `${path}/series`,
        { since: isoTime(zoom.from), until: isoTime(zoom.to), slots: SLOTS, condition },
        signal,
      ),
    [access, name, zoom.from, zoom.to, condition],
  );
  const reload = () => [health, drift, charts].forEach((part) => part.reload());
  return (
    <>
      <div class="head">
        <nav class="crumbs" aria-label="Above this page">
          <a href={address("fleet")}>Fleet</a>
        </nav>
        <h1>{name}</h1>
        {health.value !== undefined && <span class="soft">{health.value.engine.dataset ?? ""}</span>}
        <button type="button" class="aside" disabled={charts.loading} onClick={reload}>Refresh</button>
      </div>
      <Shown data={health} what={`the health of ${name}`}>
        {({ engine }) => (
          <>
            <Strip figures={figures(engine)} label="The engine in numbers" />
            <Report engine={engine} />
          </>
        )}
      </Shown>
      {health.refusal?.status !== 404 && (
        <Shown data={charts} what={`the sensors of ${name}`}>
          {(value) => <Sensors charts={value} drift={drift.value ?? []} zoom={zoom} route={route} />}
        </Shown>
      )}
    </>
  );
}
