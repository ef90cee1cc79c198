/**
 * What the checks and detectors found in a flight, held against what the simulator had put into it. The definitions are
 * those of docs/decisions/0022-detection-measured.md.
 */

import type postgres from "postgres";
import { type Fault, type FaultLabel, FAULTS } from "../../scripts/simulation/faults.ts";
import { type Flight, type FlownEngine, HOUR_MS } from "./labelled_fleet.ts";

const DAY_MS = 24 * HOUR_MS;

/** Something that was said of an engine at a moment. */
export interface Finding {
  readonly unitNumber: string;
  /** Moment of the run that found it. */
  readonly atMs: number;
  /** The check, or `anomaly`. */
  readonly source: string;
  /** The sensors that it names; null where it is about whole readings. */
  readonly sensors: readonly string[] | null;
  /** The time that it is about; null: the window of the run. */
  readonly about: readonly { readonly fromMs: number; readonly toMs: number }[] | null;
}

/** An alert as it was opened or reopened. */
export interface OpenedAlert {
  readonly kind: string;
  readonly subject: string;
  readonly severity: "warning" | "fail";
  readonly atMs: number;
  readonly summary: string;
}

/** Readings that a drifting sensor is compared over (quality_settings.drift_readings): so long after its end it shows. */
const DRIFT_READINGS = 100;

/** Which findings can speak of a fault. */
const SPEAKERS: Readonly<Record<Fault, readonly string[]>> = {
  dropout: ["nulls"],
  stuck: ["stuck"],
  spike: ["spikes", "range", "anomaly"],
  drift: ["drift", "levels", "range", "anomaly"],
  late: ["arrival", "completeness"],
  duplicate: ["copies"],
  out_of_order: ["arrival", "completeness"],
};

/** Faults of a sensor that its engine's end, or the flight's, has cut shorter than the simulator makes them. */
const LEAST_READINGS: Partial<Record<Fault, number>> = { dropout: 5, stuck: 25, drift: 40 };

/** What is printed of a kind of fault. */
export interface KindScore {
  readonly kind: Fault;
  readonly injected: number;
  /** Of those, how many were cut short; they are not in `counted`. */
  readonly cutShort: number;
  readonly counted: number;
  readonly found: number;
  /** By source, how many it has found; one fault may be found by several. */
  readonly foundBy: ReadonlyMap<string, number>;
  /** Engine-days without a fault in reach, and those of them with a finding that could have spoken of such a fault. */
  readonly cleanDays: number;
  readonly falseDays: number;
  readonly falseBy: ReadonlyMap<string, number>;
  readonly missed: readonly FaultLabel[];
}

const count = (sources: Iterable<string>) => {
  const counts = new Map<string, number>();
  for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
};

/** (TPR + TNR) / 2. */
export function balancedAccuracy({ found, counted, falseDays, cleanDays }: KindScore): number {
  return (found / counted + 1 - falseDays / cleanDays) / 2;
}

/** Between which shares the true one lies, with 95 %, where `count` of `total` were seen (Wilson 1927). */
export function shareInterval(count: number, total: number): readonly [number, number] {
  const z = 1.959964;
  const share = count / total;
  const centre = share + z * z / (2 * total);
  const margin = z * Math.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2);
  return [(centre - margin) / (1 + z * z / total), (centre + margin) / (1 + z * z / total)];
}

/**
 * Reads what was found. What is only suspected alerts nobody, and is no finding; nor is an anomaly that is not far above
 * the threshold, which one healthy reading in a thousand is by the threshold's own calibration.
 */
export async function findingsOf(sql: postgres.Sql): Promise<Finding[]> {
  const verdicts = await sql<
    { unit: string; at: Date; metric: string; sensors: string[] | null; about: [Date, Date][] | null }[]
  >`
    select
      engines.unit_number as unit,
      metrics.check_timestamp as at,
      metrics.metric_name as metric,
      case
        when evidence ? 'columns' then (select jsonb_agg(key) from jsonb_object_keys(evidence -> 'columns') as key)
        when evidence ? 'sensors' then (select jsonb_agg(sensor ->> 'column') from jsonb_array_elements(evidence -> 'sensors') as sensor)
      end as sensors,
      case
        when evidence ? 'gaps' then (
          select jsonb_agg(jsonb_build_array(gap -> 'after', coalesce(gap ->> 'before', evidence ->> 'window_end')))
          from jsonb_array_elements(evidence -> 'gaps') as gap
        )
        when metrics.metric_name = 'arrival' then (
          select jsonb_agg(jsonb_build_array(failing -> 'timestamp', failing -> 'timestamp'))
          from jsonb_array_elements(evidence -> 'failing') as failing
        )
        when metrics.metric_name = 'spikes' then (
          select jsonb_agg(jsonb_build_array(reading -> 'timestamp', reading -> 'timestamp'))
          from jsonb_array_elements(evidence -> 'sensors') as sensor
          cross join jsonb_array_elements(sensor -> 'readings') as reading
        )
      end as about
    from data_quality_metrics as metrics
    join engines on engines.id = metrics.engine_id
    where metrics.metric_name not in ('degradation') and not evidence ? 'suspected'
      and (metrics.status in ('warning', 'fail') or metrics.metric_name = 'copies')
    order by metrics.check_timestamp, metrics.id`;
  const anomalies = await sql<{ unit: string; at: Date; sensors: string[] }[]>`
    select
      unit_number as unit, "timestamp" as at,
      array(select key from jsonb_each_text(sensors) order by abs(value::float8) desc, key limit 1) as sensors
    from anomalies join engines on engines.id = engine_id
    where severity = 'fail' order by "timestamp"`;
  return [
    ...verdicts.map(({ unit, at, metric, sensors, about }) => ({
      unitNumber: unit,
      atMs: at.getTime(),
      source: metric,
      sensors,
      about: about?.map(([from, to]) => ({
        fromMs: new Date(from).getTime(),
        toMs: new Date(to).getTime(),
      })) ?? null,
    })),
    ...anomalies.map(({ unit, at, sensors }) => ({
      unitNumber: unit,
      atMs: at.getTime(),
      source: "anomaly",
      sensors,
      about: [{ fromMs: at.getTime(), toMs: at.getTime() }],
    })),
  ];
}

/** Reads the alerts that were opened or came back. */
export async function alertsOf(sql: postgres.Sql): Promise<OpenedAlert[]> {
  const rows = await sql<
    { kind: string; subject: string; severity: "warning" | "fail"; at: Date; summary: string }[]
  >`
    select kind, subject, event.severity, at, event.summary
    from alert_events as event join alerts on alerts.id = alert_id
    where event in ('opened', 'reopened') order by at, kind, subject`;
  return rows.map(({ at, ...alert }) => ({ ...alert, atMs: at.getTime() }));
}

/** Cycles that an engine has left at a moment, by the simulator's own truth. */
export function remainingLife({ life, timesMs }: FlownEngine, atMs: number): number {
  const flown = timesMs.findLastIndex((ms) => ms <= atMs) + 1;
  return life - flown;
}

/** The time in which a fault may be found: from its beginning until it is out of everything that looks back. */
function reach(flight: Flight, label: FaultLabel): { readonly fromMs: number; readonly toMs: number } {
  const { fleet: { intervalMs }, runEveryMs } = flight.options;
  const { kind, size } = label;
  const endMs = Date.parse(label.to_timestamp!);
  // what is late, or comes a second time, comes later than it was taken; a copy at most three cycles
  const delayMs = kind === "late" ? size * intervalMs : intervalMs * (kind === "duplicate" ? 3 : 1);
  const afterMs = kind === "drift" ? DRIFT_READINGS * intervalMs : DAY_MS + delayMs;
  return { fromMs: Date.parse(label.from_timestamp!), toMs: endMs + afterMs + runEveryMs };
}

/** Whether a finding tells of a fault: its kind, its engine, its sensor, its reading, and in time. */
function tellsOf(flight: Flight, finding: Finding, label: FaultLabel): boolean {
  if (finding.unitNumber !== label.engine_id || !SPEAKERS[label.kind].includes(finding.source)) return false;
  const { fromMs, toMs } = reach(flight, label);
  if (finding.atMs < fromMs || finding.atMs > toMs) return false;
  if (label.column !== null && !(finding.sensors?.includes(label.column) ?? false)) return false;
  const endMs = Date.parse(label.to_timestamp!);
  return finding.about?.some((about) => about.fromMs <= endMs && about.toMs >= fromMs) ?? true;
}

/** Blocks of 24 hours of each engine's flight, from its first reading on, while it has more than `least` cycles left. */
function* engineDays(flight: Flight, least: number): Generator<{ unitNumber: string; fromMs: number }> {
  const endMs = flight.runsMs.at(-1)!;
  for (const engine of flight.engines.values()) {
    const lastMs = engine.timesMs.at(-1)!;
    for (let fromMs = engine.timesMs[0]; fromMs + DAY_MS <= Math.min(endMs, lastMs + 1); fromMs += DAY_MS) {
      if (remainingLife(engine, fromMs + DAY_MS) <= least) break;
      yield { unitNumber: engine.unitNumber, fromMs };
    }
  }
}

/** Cycles left above which an engine is healthy. */
export const HEALTHY_LIFE = 50;

/** A flight with what was found in it. */
export interface Judged {
  readonly flight: Flight;
  readonly findings: readonly Finding[];
}

/**
 * Scores each kind of fault over flights: faults that were found in them, and engine-days of healthy engines that no
 * fault can have touched.
 */
export function scores(judged: readonly Judged[]): KindScore[] {
  return FAULTS.map((kind): KindScore => {
    const missed: FaultLabel[] = [];
    const foundBy: string[] = [];
    const falseBy: string[] = [];
    let [injected, cutShort, counted, found, cleanDays, falseDays] = [0, 0, 0, 0, 0, 0];
    for (const { flight, findings } of judged) {
      const ofEngine = Map.groupBy(findings, ({ unitNumber }) => unitNumber);
      for (const label of flight.labels.filter((label) => label.kind === kind)) {
        injected++;
        if (label.to_cycle - label.from_cycle + 1 < (LEAST_READINGS[kind] ?? 1)) {
          cutShort++;
          continue;
        }
        counted++;
        const telling = (ofEngine.get(label.engine_id) ?? []).filter((finding) =>
          tellsOf(flight, finding, label)
        );
        if (telling.length > 0) found++;
        else missed.push(label);
        foundBy.push(...new Set(telling.map(({ source }) => source)));
      }

      const reaches = Map.groupBy(
        flight.labels.map((label) => ({ unitNumber: label.engine_id, ...reach(flight, label) })),
        ({ unitNumber }) => unitNumber,
      );
      for (const { unitNumber, fromMs } of engineDays(flight, HEALTHY_LIFE)) {
        const toMs = fromMs + DAY_MS;
        if (reaches.get(unitNumber)?.some((touched) => touched.fromMs < toMs && touched.toMs >= fromMs)) {
          continue;
        }
        cleanDays++;
        const speaking = (ofEngine.get(unitNumber) ?? []).filter(({ atMs, source }) =>
          atMs >= fromMs && atMs < toMs && SPEAKERS[kind].includes(source)
        );
        if (speaking.length > 0) falseDays++;
        falseBy.push(...new Set(speaking.map(({ source }) => source)));
      }
    }
    return {
      kind,
      injected,
      cutShort,
      counted,
      found,
      foundBy: count(foundBy),
      cleanDays,
      falseDays,
      falseBy: count(falseBy),
      missed,
    };
  });
}

/** The table that is printed: a line for each kind. */
export function scoreLines(scores: readonly KindScore[]): string[] {
  const by = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([source, number]) => `${source} ${number}`).join(", ") || "nothing";
  return scores.map((score) => {
    const { kind, injected, cutShort, counted, found, foundBy, cleanDays, falseDays, falseBy } = score;
    const [least, most] = shareInterval(found, counted);
    return `${kind}: ${injected} injected, ${cutShort} cut short, ${found} of ${counted} found (${
      by(foundBy)
    }; 95 %: ${least.toFixed(2)} to ${most.toFixed(2)}), ` +
      `false on ${falseDays} of ${cleanDays} engine-days (${by(falseBy)}), ` +
      `balanced accuracy ${balancedAccuracy(score).toFixed(3)}`;
  });
}

/** An alert with the cycles that its engine has left; Infinity where it is about no engine. */
export type AlertInLife = OpenedAlert & { readonly left: number };

/** Alerts of a flight without faults, told apart by whether they are about an engine that wears out. */
export function alertCounts(
  flight: Flight,
  alerts: readonly OpenedAlert[],
): {
  readonly engineDays: number;
  readonly false: readonly AlertInLife[];
  readonly worn: readonly AlertInLife[];
} {
  const endMs = flight.runsMs.at(-1)!;
  let ms = 0;
  for (const { timesMs } of flight.engines.values()) {
    ms += Math.min(endMs, timesMs.at(-1)! + flight.options.fleet.intervalMs) - timesMs[0];
  }
  const told = alerts.map((alert) => {
    const engine = flight.engines.get(alert.subject);
    return { ...alert, left: engine === undefined ? Infinity : remainingLife(engine, alert.atMs) };
  });
  return {
    engineDays: ms / DAY_MS,
    false: told.filter(({ left }) => left > HEALTHY_LIFE),
    worn: told.filter(({ left }) => left <= HEALTHY_LIFE),
  };
}
