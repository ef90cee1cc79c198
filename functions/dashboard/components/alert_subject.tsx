/** What an alert is about, with the way to it. */

import type { JSX } from "preact";
import { SENSORS } from "../../../shared/sensors.ts";
import { address } from "../route.ts";

/** Kinds of alerts about a pipeline, named by it. */
const OF_PIPELINES = ["run", "sla"];

/** Checks: their alerts are about a table, a column of it, or an engine. */
const OF_CHECKS = [
  "arrival",
  "clock",
  "completeness",
  "conditions",
  "copies",
  "cycles",
  "degradation",
  "drift",
  "duplicates",
  "fleet_drift",
  "freshness",
  "levels",
  "nulls",
  "range",
  "rejected",
  "schema",
  "spikes",
  "stuck",
  "types",
  "volume",
];

/**
 * Where more is said about the subject; undefined where nothing is.
 *
 * @param evidence Of a run it has the run's id.
 */
export function subjectAddress(
  kind: string,
  subject: string,
  evidence: Readonly<Record<string, unknown>>,
): string | undefined {
  if (subject === "*") return undefined;
  if (kind === "lake_object") {
    return address("data", "lake", { prefix: subject.slice(0, subject.lastIndexOf("/") + 1) });
  }
  if (OF_PIPELINES.includes(kind)) {
    return address("pipeline", subject, {
      run: typeof evidence.run_id === "number" ? evidence.run_id : undefined,
    });
  }
  if (kind === "anomaly") return address("engine", subject);
  if (kind === "check_error") return address("quality", undefined, { check: subject });
  if (kind === "lake") return address("data", "lake");
  if (!OF_CHECKS.includes(kind)) return undefined;
  if (subject === "sensor_data") return address("quality", undefined, { check: kind });
  if ((SENSORS as readonly string[]).includes(subject) || /^(altitude|mach_number|tra)$/.test(subject)) {
    return address("quality", undefined, { check: `${kind}:${subject}` });
  }
  return address("engine", subject);
}

/** The subject. */
export function AlertSubject(
  { kind, subject, evidence }: {
    kind: string;
    subject: string;
    evidence: Readonly<Record<string, unknown>>;
  },
): JSX.Element {
  const to = subjectAddress(kind, subject, evidence);
  if (subject === "*") return <>many</>;
  return to === undefined ? <>{subject}</> : <a href={to}>{subject}</a>;
}
