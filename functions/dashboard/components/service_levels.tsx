/** What was promised, and what was measured of it. */

import type { JSX } from "preact";
import type { z } from "zod";
import type { Answer, ServiceLevel } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { number, percent, span } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { EvidenceLine, EvidenceWords, hasTables, words } from "./evidence.tsx";
import { Shown } from "./shown.tsx";
import { Status, type Tone } from "./status.tsx";

type Level = z.output<typeof ServiceLevel>;

const TONES: Readonly<Record<Level["status"], Tone>> = {
  met: "ok",
  missed: "fail",
  not_measured: "unknown",
};

/** What each measure means. */
const MEANINGS: Readonly<Record<string, string>> = {
  completeness: "Expected readings that are there",
  accuracy: "Values within their ranges",
  schema_compliance: "Runs that found every table as declared",
  anomaly_detection_accuracy: "Balanced accuracy of the detector on the test set",
  ingestion_latency: "From measurement to storage, for 95 % of the batches",
  check_duration: "Slowest run of all checks",
  availability: "Minutes with a heartbeat",
  recovery: "Longest outage until the next heartbeat",
  alert_response: "From an alert to its delivery or acknowledgement",
  lineage: "What is stored that can be traced to where it came from",
};

function measured({ unit }: Level, value: number | null): string {
  if (unit === "seconds") return span(value);
  return percent(value, value !== null && value > 0.99 && value < 1 ? 3 : 1);
}

function target({ unit, operator, target }: Level): string {
  const asked = unit === "seconds"
    ? span(target)
    : `${number(target * 100, target * 100 % 1 === 0 ? 0 : 1)} %`;
  if (operator === ">=" && unit === "ratio" && target === 1) return asked;
  return `${operator === ">=" ? "≥" : operator} ${asked}`;
}

/** The panel. */
export function ServiceLevels({ hours }: { hours: number }): JSX.Element {
  const access = useAccess();
  const levels = useLoaded(
    (signal) => access.read<z.output<typeof Answer.slo>>("/quality/slo", { hours }, signal),
    [access, hours],
  );
  return (
    <section class="panel" id="service-levels">
      <h2>Service levels</h2>
      <Shown data={levels} what="the service levels">
        {({ levels }) => (
          <div class="table" role="region" aria-label="Service levels" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Measure</th>
                  <th scope="col" class="numeric">Target</th>
                  <th scope="col" class="numeric">Measured</th>
                  <th scope="col">Status</th>
                  <th scope="col">Evidence</th>
                </tr>
              </thead>
              <tbody>
                {levels.map((level) => (
                  <tr key={level.measure}>
                    <th scope="row">
                      <span class="named">
                        {words(level.measure)}
                        <small>{MEANINGS[level.measure]}</small>
                      </span>
                    </th>
                    <td class="numeric">{target(level)}</td>
                    <td class="numeric strong">{measured(level, level.value)}</td>
                    <td>
                      <Status word={level.status} tone={TONES[level.status]} />
                    </td>
                    <td class="wide">
                      {level.reason !== null && <p>{level.reason}</p>}
                      <p class="soft">
                        <EvidenceLine evidence={level.evidence} />
                      </p>
                      {hasTables(level.evidence) && (
                        <details>
                          <summary>What was looked at</summary>
                          <EvidenceWords evidence={level.evidence} />
                        </details>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Shown>
    </section>
  );
}
