/** Curves over time, drawn by uPlot. Charts of a group show the same moment, and zooming in one of them moves all. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { colour, onTheme } from "../theme.ts";

/** What stands for nothing on a chart. */
type Values = readonly (number | null)[];

/** A curve, or the range between two. */
export interface Curve {
  readonly label: string;
  readonly values: Values;
  /** Upper edge of a range; values are its lower one. */
  readonly upper?: Values | null;
  /** Name of a colour in style.css. */
  readonly colour: string;
  /** Filled down to the axis. */
  readonly filled?: boolean;
  /** With a point at each value, so that one between two gaps is seen. */
  readonly points?: boolean;
}

/** A level that values are compared with. */
export interface Band {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Something that happened at a moment. */
export interface Mark {
  /** Seconds since 1970. */
  readonly time: number;
  /** Where it is drawn; at the upper edge when null. */
  readonly value: number | null;
  readonly tone: "warning" | "fail";
}

/** A piece of time in a colour. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

export interface TimeChartProps {
  /** What is seen, for those who do not see it. */
  readonly label: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly curves: readonly Curve[];
  /** What is shown, in seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** px */
  readonly height: number;
  /** Name of the charts whose cursors move together. */
  readonly group: string;
  readonly band?: Band;
  readonly marks?: readonly Mark[];
  readonly gaps?: readonly (readonly [number, number])[];
  readonly stretches?: readonly Stretch[];
  /** Least value that is always shown. */
  readonly floor?: number;
  /** Without an axis of values: there are none. */
  readonly bare?: boolean;
  /** How values are written on the axis. */
  readonly format?: (value: number) => string;
  /** Is told what has been selected. */
  readonly onZoom?: (from: number, to: number) => void;
  /** Is told to show everything again. */
  readonly onReset?: () => void;
  /** Is told which point the cursor is at; null when it is at none. */
  readonly onCursor?: (index: number | null) => void;
}

/** px; the same in all charts, so that their times lie below each other. */
const AXIS_WIDTH = 54;
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** Seconds; a selection below this is a click. */
const LEAST_ZOOM = 1;

function range(props: TimeChartProps, low: number | null, high: number | null): [number, number] {
  const levels = [
    ...low === null ? [] : [low],
    ...high === null ? [] : [high],
    ...props.band === undefined ? [] : [props.band.low, props.band.high],
    ...props.floor === undefined ? [] : [props.floor],
  ].filter(Number.isFinite);
  if (levels.length === 0) return [0, 1];
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  const space = (most - least || Math.abs(most) || 1) * 0.08;
  return [least === props.floor ? least : least - space, most + space];
}

function fillAcross(u: uPlot, from: number, to: number, fill: string): void {
  const { left, top, width, height } = u.bbox;
  const start = Math.max(u.valToPos(from, "x", true), left);
  const end = Math.min(u.valToPos(to, "x", true), left + width);
  if (end <= start) return;
  u.ctx.fillStyle = fill;
  u.ctx.fillRect(start, top, Math.max(end - start, 1), height);
}

/** Times below a chart, in UTC: as much of them as tells neighbours apart. */
function timeTicks(ticks: readonly number[], step: number): string[] {
  return ticks.map((seconds) => {
    const text = new Date(seconds * 1000).toISOString();
    if (step >= 28 * 86_400) return text.slice(0, 7);
    if (step >= 86_400) return text.slice(5, 10);
    if (step >= 60) return text.slice(11, 16) === "00:00" ? text.slice(5, 10) : text.slice(11, 16);
    return text.slice(11, 19);
  });
}

function drawBehind(u: uPlot, { band, gaps = [], stretches = [] }: TimeChartProps): void {
  const { ctx, bbox } = u;
  ctx.save();
  for (const { from, to, colour: name } of stretches) fillAcross(u, from, to, colour(name));
  if (band !== undefined) {
    const [low, middle, high] = [band.low, band.middle, band.high].map((value) =>
      u.valToPos(value, "y", true)
    );
    ctx.fillStyle = colour("band");
    ctx.fillRect(bbox.left, high, bbox.width, low - high);
    ctx.strokeStyle = colour("band-edge");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, middle);
    ctx.lineTo(bbox.left + bbox.width, middle);
    ctx.stroke();
  }
  for (const [from, to] of gaps) fillAcross(u, from, to, colour("gap"));
  ctx.restore();
}

function drawMarks(u: uPlot, { marks = [] }: TimeChartProps): void {
  const { ctx, bbox } = u;
  const size = 3.2 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - size, bbox.top, bbox.width + 2 * size, bbox.height);
  ctx.clip();
  for (const tone of ["warning", "fail"] as const) {
    ctx.fillStyle = colour(tone);
    ctx.beginPath();
    for (const { time, value, tone: own } of marks) {
      if (own !== tone) continue;
      const x = u.valToPos(time, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      if (value === null) ctx.rect(x - devicePixelRatio / 2, bbox.top, devicePixelRatio, bbox.height);
      else {
        const y = u.valToPos(value, "y", true);
        ctx.moveTo(x, y - size);
        ctx.lineTo(x + size, y);
        ctx.lineTo(x, y + size);
        ctx.lineTo(x - size, y);
        ctx.closePath();
      }
    }
    ctx.fill();
  }
  ctx.restore();
}

/** Curves as uPlot wants them; a range is two of its series and a band. */
function seriesOf(curves: readonly Curve[], latest: () => TimeChartProps) {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const { label, upper, colour: name, filled, points } of curves) {
    const common: uPlot.Series = {
      label,
      stroke: () => colour(name),
      width: 1.25,
      points: { show: points ?? false, size: 4, fill: () => colour(name) },
      // where readings are missing, and only there, the curve is broken
      gaps: (u) =>
        (latest().gaps ?? []).map(([from, to]): [number, number] => [
          u.valToPos(from, "x", true),
          u.valToPos(to, "x", true),
        ]),
      ...filled ? { fill: () => colour("range") } : {},
    };
    series.push(common);
    if (upper) {
      series.push(common);
      bands.push({ series: [series.length - 1, series.length - 2], fill: () => colour("range") });
    }
  }
  return { series, bands };
}

function dataOf({ times, curves }: TimeChartProps): uPlot.AlignedData {
  return [
    times,
    ...curves.flatMap(({ values, upper }) => upper ? [values, upper] : [values]),
  ] as uPlot.AlignedData;
}

function optionsOf(width: number, latest: () => TimeChartProps): uPlot.Options {
  const { height, bare, group, curves } = latest();
  const { series, bands } = seriesOf(curves, latest);
  const axis = {
    stroke: () => colour("text-soft"),
    font: FONT,
    ticks: { show: false },
    grid: { stroke: () => colour("grid"), width: 1 },
  };
  return {
    width,
    height,
    series,
    bands,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    padding: [8, bare ? 0 : 8, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => [latest().from, latest().to] },
      y: { range: (_, low, high) => range(latest(), low, high) },
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 4,
        space: 64,
        grid: { ...axis.grid, show: !bare },
        values: (_, ticks, _axis, _space, step) => timeTicks(ticks, step),
      },
      bare ? { show: false } : {
        ...axis,
        size: AXIS_WIDTH,
        gap: 4,
        space: 26,
        values: (_, ticks) => ticks.map((tick) => latest().format?.(tick) ?? String(tick)),
      },
    ],
    cursor: {
      y: false,
      points: { show: !bare, size: 6 },
      drag: { x: latest().onZoom !== undefined, y: false, setScale: false },
      sync: { key: group, setSeries: false, scales: ["x", null] },
      bind: { dblclick: () => () => (latest().onReset?.(), null) },
    },
    hooks: {
      drawClear: [(u) => drawBehind(u, latest())],
      draw: [(u) => drawMarks(u, latest())],
      setCursor: [({ cursor }) => latest().onCursor?.(cursor.left! < 0 ? null : cursor.idx ?? null)],
      setSelect: [(u) => {
        const { left, width: selected } = u.select;
        if (selected === 0) return;
        const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + selected, "x")];
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        if (to - from >= LEAST_ZOOM) latest().onZoom?.(from, to);
      }],
    },
  };
}

/** How a chart is made anew: it cannot be given other curves. */
function shapeOf({ curves, height, bare, group }: TimeChartProps): string {
  return JSON.stringify([
    curves.map(({ label, upper, colour }) => [label, upper ? 2 : 1, colour]),
    height,
    bare,
    group,
  ]);
}

/** The chart. It is as wide as there is room. */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = place.current!;
    const drawn = new uPlot(
      optionsOf(element.clientWidth, () => latest.current),
      dataOf(latest.current),
      element,
    );
    chart.current = drawn;
    const sizes = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width !== drawn.width && width > 0) drawn.setSize({ width, height: latest.current.height });
    });
    sizes.observe(element);
    const ended = onTheme(() => drawn.redraw(false, true));
    return () => {
      ended();
      sizes.disconnect();
      drawn.destroy();
      chart.current = undefined;
    };
  }, [shapeOf(props)]);

  useEffect(() => {
    chart.current?.setData(dataOf(latest.current), true);
  }, [props.times, props.curves, props.from, props.to, props.band, props.marks, props.gaps, props.stretches]);

  return (
    <div
      ref={place}
      class="chart"
      role="img"
      aria-label={props.label}
      style={{ height: `${props.height}px` }}
      data-from={props.from}
      data-to={props.to}
    />
  );
}
