/** The charts of an engine in numbers: for those who do not see them, and for those who want to copy them. */

import type { JSX } from "preact";
import type { z } from "zod";
import { MEASUREMENTS, SENSORS } from "../../../shared/sensors.ts";
import type { Answer, Drift as DriftRow } from "../../quality/rows.ts";
import { number, signed } from "../format.ts";
import { Status } from "./status.tsx";

type Charts = z.output<typeof Answer.series>;
type Drift = z.output<typeof DriftRow>;

function extremes(
  [low, high]: Charts["series"]["sensors"][string],
): { least: number | null; most: number | null; last: number | null } {
  let [least, most, last]: (number | null)[] = [null, null, null];
  low.forEach((value, place) => {
    if (value === null) return;
    const upper = high?.[place] ?? value;
    least = least === null ? value : Math.min(least, value);
    most = most === null ? upper : Math.max(most, upper);
    last = value;
  });
  return { least, most, last };
}

/** Both tables. */
export function SensorTable(
  { series, drifts, predictions }: {
    series: Charts["series"];
    drifts: ReadonlyMap<string, Drift>;
    predictions: Charts["predictions"];
  },
): JSX.Element {
  return (
    <section class="panel">
      <h2>In numbers</h2>
      <div class="table" role="region" aria-label="Sensors in numbers" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Sensor</th>
              <th scope="col">Measures</th>
              <th scope="col">Unit</th>
              <th scope="col" class="numeric">Last</th>
              <th scope="col" class="numeric">Least</th>
              <th scope="col" class="numeric">Greatest</th>
              <th scope="col" class="numeric">Baseline</th>
              <th scope="col" class="numeric">SD</th>
              <th scope="col" class="numeric">Moved by</th>
              <th scope="col" class="numeric" title="Of which wear explains">By wear</th>
              <th scope="col" class="numeric" title="Kolmogorov-Smirnov statistic">D</th>
              <th scope="col" class="numeric" title="p, corrected for the number of tests">q</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {SENSORS.map((sensor) => {
              const { symbol, meaning, unit, decimals } = MEASUREMENTS[sensor];
              const { least, most, last } = extremes(series.sensors[sensor] ?? [[], null]);
              const [mean, sd] = series.baselines[sensor] ?? [null, null];
              const drift = drifts.get(sensor);
              return (
                <tr key={sensor}>
                  <th scope="row">
                    {symbol} <small>{sensor}</small>
                  </th>
                  <td>{meaning}</td>
                  <td>{unit ?? "–"}</td>
                  <td class="numeric">{number(last, decimals)}</td>
                  <td class="numeric">{number(least, decimals)}</td>
                  <td class="numeric">{number(most, decimals)}</td>
                  <td class="numeric">{number(mean, decimals)}</td>
                  <td class="numeric">{number(sd, Math.max(decimals, 2))}</td>
                  <td class="numeric">{signed(drift?.mean_shift, 2)}</td>
                  <td class="numeric">{signed(drift?.wear_shift, 2)}</td>
                  <td class="numeric">{number(drift?.ks_statistic, 3)}</td>
                  <td class="numeric">{number(drift?.q_value, 4)}</td>
                  <td>{drift === undefined ? "–" : <Status word={drift.verdict} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {predictions.length > 0 && (
        <>
          <h2 class="next">Predicted lives</h2>
          <div class="table" role="region" aria-label="Predicted lives" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col" class="numeric">After cycle</th>
                  <th scope="col" class="numeric">Cycles left</th>
                  <th scope="col" class="numeric">From</th>
                  <th scope="col" class="numeric">To</th>
                  <th scope="col" class="numeric">Turned out</th>
                  <th scope="col">Model</th>
                </tr>
              </thead>
              <tbody>
                {predictions.slice(-20).toReversed().map((row) => (
                  <tr key={row.id}>
                    <th scope="row" class="numeric">{number(row.cycle)}</th>
                    <td class="numeric">{number(row.predicted_rul)}</td>
                    <td class="numeric">{number(row.lower_bound)}</td>
                    <td class="numeric">{number(row.upper_bound)}</td>
                    <td class="numeric">{number(row.actual_rul)}</td>
                    <td>{row.model_name} {row.model_version}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
