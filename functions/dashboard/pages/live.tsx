/** What arrives, while it does. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { z } from "zod";
import type { Answer } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { Nothing, Shown } from "../components/shown.tsx";
import { type Figure, Strip } from "../components/strip.tsx";
import { TimeChart } from "../components/time_chart.tsx";
import { ago, clock, number, span } from "../format.ts";
import { usePolled } from "../loaded.ts";
import { change, type Route } from "../route.ts";

type Arrivals = z.output<typeof Answer.arrivals>;

/** Windows that can be watched. */
const WINDOWS = [
  { seconds: 300, title: "5 min" },
  { seconds: 900, title: "15 min" },
  { seconds: 3600, title: "1 h" },
  { seconds: 21_600, title: "6 h" },
] as const;
const USUAL_WINDOW = 900;
const SLOTS = 90;

/** ms; quick enough to be live, slow enough for a hundred viewers. */
const EVERY = 2000;

/** Seconds; ingestion within five minutes is what was promised. */
const LATENCY_TARGET = 300;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function figures(arrivals: Arrivals): Figure[] {
  const { accepted, duplicates, rejected, slot_seconds, since, until, latency, last_at } = arrivals;
  const slots = Math.max(1, Math.round(60 / slot_seconds));
  const lately = sum(accepted.slice(-slots)) / (slots * slot_seconds);
  const length = span(until - since);
  return [
    {
      label: "Readings per second",
      value: number(lately, lately < 10 ? 2 : 0),
      note: `over ${span(slots * slot_seconds)}`,
    },
    { label: "Stored", value: number(sum(accepted)), note: `in ${length}` },
    { label: "Duplicates", value: number(sum(duplicates)), note: `in ${length}` },
    {
      label: "Rejected",
      value: number(sum(rejected)),
      note: `in ${length}`,
      tone: sum(rejected) > 0 ? "warning" : undefined,
    },
    { label: "Median latency", value: span(latency.p50) },
    {
      label: "95 % within",
      value: span(latency.p95),
      note: `target ${span(LATENCY_TARGET)}`,
      tone: latency.p95 === null ? undefined : latency.p95 <= LATENCY_TARGET ? "ok" : "fail",
    },
    { label: "Last arrival", value: last_at === null ? "never" : ago(last_at, until * 1000) },
  ];
}

function Charts({ arrivals }: { arrivals: Arrivals }): JSX.Element {
  const { since, until, slot_seconds, accepted, rejected, p50, p95, latency } = arrivals;
  const times = useMemo(() => accepted.map((_, place) => since + place * slot_seconds), [arrivals]);
  const rates = useMemo(() => {
    const perSecond = (count: number) => count / slot_seconds;
    return [
      { label: "Stored", values: accepted.map(perSecond), colour: "trace", filled: true },
      { label: "Rejected", values: rejected.map(perSecond), colour: "fail" },
    ];
  }, [arrivals]);
  const latencies = useMemo(() => [
    { label: "Median", values: p50, colour: "trace", points: true },
    { label: "95 %", values: p95, colour: "second", points: true },
  ], [arrivals]);
  const most = Math.max(...rates[0].values);
  return (
    <div class="pair">
      <figure class="panel">
        <figcaption class="row">
          <h2>Readings per second</h2>
          <p class="legend">
            <span>
              <i class="swatch" style={{ background: "var(--trace)" }} />stored
            </span>
            <span>
              <i class="swatch" style={{ background: "var(--fail)" }} />rejected
            </span>
          </p>
        </figcaption>
        <TimeChart
          label={`Readings per second over ${span(until - since)}: at most ${number(most, 1)}, last ${
            number(rates[0].values.at(-2), 1)
          }`}
          times={times}
          curves={rates}
          from={since}
          to={until}
          height={220}
          group="live"
          floor={0}
          format={(value) => number(value, most < 10 ? 1 : 0)}
        />
      </figure>
      <figure class="panel">
        <figcaption class="row">
          <h2>Latency</h2>
          <p class="legend">
            <span>
              <i class="swatch" style={{ background: "var(--trace)" }} />median
            </span>
            <span>
              <i class="swatch" style={{ background: "var(--second)" }} />95 %
            </span>
            <span>from measurement to storage; measured at most an hour before</span>
          </p>
        </figcaption>
        <TimeChart
          label={`Latency over ${span(until - since)}: median ${span(latency.p50)}, 95 % within ${
            span(latency.p95)
          }`}
          times={times}
          curves={latencies}
          from={since}
          to={until}
          height={220}
          group="live"
          floor={0}
          format={span}
        />
      </figure>
    </div>
  );
}

function Doors({ arrivals }: { arrivals: Arrivals }): JSX.Element {
  return (
    <section class="panel">
      <h2>Doors</h2>
      {arrivals.sources.length === 0
        ? <p class="soft">Nothing came through any of them in this time.</p>
        : (
          <div class="table" role="region" aria-label="Doors" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Door</th>
                  <th scope="col" class="numeric">Batches</th>
                  <th scope="col" class="numeric">Stored</th>
                  <th scope="col" class="numeric">Duplicates</th>
                  <th scope="col" class="numeric">Rejected</th>
                  <th scope="col">Last batch</th>
                </tr>
              </thead>
              <tbody>
                {arrivals.sources.map(({ source, batches, accepted, duplicates, rejected, last_at }) => (
                  <tr key={source}>
                    <th scope="row">{source}</th>
                    <td class="numeric">{number(batches)}</td>
                    <td class="numeric">{number(accepted)}</td>
                    <td class="numeric">{number(duplicates)}</td>
                    <td class="numeric">{number(rejected)}</td>
                    <td>{ago(last_at, arrivals.until * 1000)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

/** The page. */
export function LivePage({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const [paused, setPaused] = useState(false);
  const asked = Number(route.settings.get("seconds"));
  const seconds = WINDOWS.find((window) => window.seconds === asked)?.seconds ?? USUAL_WINDOW;
  const arrivals = usePolled(
    (signal) => access.read<Arrivals>("/quality/arrivals", { seconds, slots: SLOTS }, signal),
    [access, seconds],
    EVERY,
    paused,
  );
  const state = paused || arrivals.asleep
    ? "stands still"
    : arrivals.refusal === undefined
    ? "live"
    : "trying again";
  return (
    <>
      <div class="head">
        <h1>Live</h1>
        <span class={`pulse ${state === "live" ? "on" : ""}`}>
          {state}
          {arrivals.at !== undefined && `, ${clock(arrivals.at)} UTC`}
        </span>
        <div class="aside row">
          <fieldset class="choice">
            <legend class="unseen">How far back</legend>
            {WINDOWS.map((window) => (
              <label key={window.seconds}>
                <input
                  type="radio"
                  name="window"
                  checked={window.seconds === seconds}
                  onChange={() =>
                    change({ seconds: window.seconds === USUAL_WINDOW ? undefined : window.seconds })}
                />
                {window.title}
              </label>
            ))}
          </fieldset>
          <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? "Go on" : "Pause"}
          </button>
        </div>
      </div>
      <Shown data={arrivals} what="what arrives">
        {(value) =>
          value.last_at === null
            ? (
              <Nothing title="Nothing has arrived yet">
                <p>Let a simulated fleet fly, and watch:</p>
                <pre>deno task simulate --target ingest</pre>
              </Nothing>
            )
            : (
              <>
                <Strip figures={figures(value)} label="Arrivals in numbers" />
                <Charts arrivals={value} />
                <Doors arrivals={value} />
              </>
            )}
      </Shown>
    </>
  );
}
