/** One sensor of an engine over time, against its baseline. */

import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { z } from "zod";
import type { Measurement } from "../../../shared/sensors.ts";
import type { Answer, Drift as DriftRow } from "../../quality/rows.ts";
import { number, plural, signed } from "../format.ts";
import { Shape, toneOf } from "./status.tsx";
import { type Mark, TimeChart } from "./time_chart.tsx";

type Charts = z.output<typeof Answer.series>;
type Drift = z.output<typeof DriftRow>;

/** Baseline bands reach this many standard deviations to both sides. */
const BAND_SD = 3;

/** Place of the last slot that begins at a moment or before it. */
function slotAt(times: readonly number[], moment: number): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle] <= moment) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A value, or a range of them, in the sensor's decimals. */
function written(low: number | null | undefined, high: number | null | undefined, decimals: number): string {
  if (low === null || low === undefined) return "–";
  return high === null || high === undefined || high === low
    ? number(low, decimals)
    : `${number(low, decimals)}–${number(high, decimals)}`;
}

/** The chart with its heading. */
export function SensorChart(
  { sensor, measurement, charts, drift, from, to, onZoom, onReset }: {
    sensor: string;
    measurement: Measurement;
    charts: Charts;
    drift: Drift | undefined;
    from: number;
    to: number;
    onZoom: (from: number, to: number) => void;
    onReset: () => void;
  },
): JSX.Element {
  const { symbol, meaning, unit, decimals } = measurement;
  const { series, anomalies } = charts;
  const [low, high] = series.sensors[sensor] ?? [series.time.map(() => null), null];
  const shown = useRef<HTMLOutputElement>(null);
  const curves = useMemo(() => [{ label: sensor, values: low, upper: high, colour: "trace" }], [low, high]);
  const band = useMemo(() => {
    const [mean, sd] = series.baselines[sensor] ?? [];
    return mean === undefined || typeof sd !== "number"
      ? undefined
      : { low: mean - BAND_SD * sd, middle: mean, high: mean + BAND_SD * sd };
  }, [series]);
  const marks = useMemo(() =>
    anomalies.flatMap(({ timestamp, severity, sensors }): Mark[] => {
      if (!(sensor in sensors)) return [];
      const time = Date.parse(timestamp) / 1000;
      const place = slotAt(series.time, time);
      return [{ time, value: (high ?? low)[place], tone: severity }];
    }), [charts]);

  const known = low.findLastIndex((value) => value !== null);
  const show = (index: number | null) => {
    const place = index ?? known;
    shown.current!.textContent = written(low[place], high?.[place], decimals);
  };
  const values = low.filter((value) => value !== null);
  const highest = (high ?? low).filter((value) => value !== null);
  // reduce, as a spread of many values overflows the stack
  const least = values.reduce((one, other) => Math.min(one, other), Infinity);
  const most = highest.reduce((one, other) => Math.max(one, other), -Infinity);
  const label = values.length === 0 ? `${symbol}, ${meaning}: no values` : [
    `${symbol}, ${meaning}${unit === null ? "" : ` in ${unit}`}: ${number(least, decimals)} to ${
      number(most, decimals)
    }`,
    `last ${written(low[known], high?.[known], decimals)}`,
    band === undefined
      ? "no baseline"
      : `baseline ${number(band.middle, decimals)} ± ${
        number((band.high - band.middle) / BAND_SD, decimals)
      }`,
    plural(marks.length, "anomaly", "anomalies"),
  ].join("; ");

  return (
    <figure class="panel sensor">
      <figcaption>
        <h3>
          {symbol} <small>{sensor}</small>
        </h3>
        <span class="now">
          <output ref={shown}>{written(low[known], high?.[known], decimals)}</output>
          {unit !== null && <small>{unit}</small>}
        </span>
        {drift !== undefined && drift.mean_shift !== null && (
          <small
            class={`shift ${toneOf(drift.verdict)}`}
            title={`${
              drift.verdict.replaceAll("_", " ")
            }: the mean has moved by so many standard deviations of the baseline`}
          >
            <Shape tone={toneOf(drift.verdict)} />
            {signed(drift.mean_shift)} SD
          </small>
        )}
        <small class="meaning">{meaning}</small>
      </figcaption>
      <TimeChart
        label={label}
        times={series.time}
        curves={curves}
        from={from}
        to={to}
        height={116}
        group="engine"
        band={band}
        marks={marks}
        gaps={series.gaps}
        format={(value) => number(value, Math.min(decimals, 3))}
        onZoom={onZoom}
        onReset={onReset}
        onCursor={show}
      />
    </figure>
  );
}
