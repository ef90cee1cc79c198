/** Sensors compared with the baseline of their engine. */

import type { JSX } from "preact";
import type { z } from "zod";
import { MEASUREMENTS, SENSORS } from "../../../shared/sensors.ts";
import type { Answer, Drift } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { number, plural, signed } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";
import { type Column, DataTable } from "./data_table.tsx";
import { Shown } from "./shown.tsx";
import { Status } from "./status.tsx";

type Row = z.output<typeof Drift>;

/** Rows that are read at most. */
const MOST = 1000;

const VERDICTS = ["drift", "degradation", "stable", "insufficient_data"] as const;

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "engine",
    title: "Engine",
    by: ({ unit_number }) => unit_number,
    cell: ({ unit_number }) => <a href={address("engine", unit_number)}>{unit_number}</a>,
  },
  {
    name: "sensor",
    title: "Sensor",
    by: ({ column_name }) => column_name,
    cell: ({ column_name }) => (
      <>
        {column_name} <small>{MEASUREMENTS[column_name as typeof SENSORS[number]]?.symbol}</small>
      </>
    ),
  },
  {
    name: "verdict",
    title: "Verdict",
    by: ({ verdict }) => VERDICTS.indexOf(verdict),
    cell: ({ verdict }) => <Status word={verdict} />,
  },
  {
    name: "D",
    title: "D",
    hint: "Kolmogorov-Smirnov statistic: the largest distance between the two distributions",
    numeric: true,
    by: ({ ks_statistic }) => ks_statistic,
    cell: ({ ks_statistic }) => number(ks_statistic, 3),
  },
  {
    name: "q",
    title: "q",
    hint: "p of that distance, corrected for the number of comparisons",
    numeric: true,
    by: ({ q_value }) => q_value,
    cell: ({ q_value }) => q_value !== null && q_value < 0.0001 ? "< 0.0001" : number(q_value, 4),
  },
  {
    name: "shift",
    title: "Mean shift",
    hint: "In standard deviations of the baseline",
    numeric: true,
    by: ({ mean_shift }) => mean_shift === null ? null : Math.abs(mean_shift),
    cell: ({ mean_shift }) => signed(mean_shift, 2),
  },
  {
    name: "wearshift",
    title: "By wear",
    hint: "The part of the shift that wear explains",
    numeric: true,
    by: ({ wear_shift }) => wear_shift === null ? null : Math.abs(wear_shift),
    cell: ({ wear_shift }) => signed(wear_shift, 2),
  },
  {
    name: "wear",
    title: "Wear",
    numeric: true,
    by: ({ wear }) => wear,
    cell: ({ wear }) => number(wear, 2),
  },
  {
    name: "baseline",
    title: "Baseline",
    hint: "Readings of the baseline",
    numeric: true,
    by: ({ baseline_readings }) => baseline_readings,
    cell: ({ baseline_readings }) => number(baseline_readings),
  },
  {
    name: "window",
    title: "Window",
    hint: "Readings that were compared with them",
    numeric: true,
    by: ({ window_readings }) => window_readings,
    cell: ({ window_readings }) => number(window_readings),
  },
];

/** The panel. */
export function DriftPanel({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const [verdict, sensor, engine] = ["drift", "sensor", "engine"].map((name) =>
    route.settings.get(name) ?? undefined
  );
  const drift = useLoaded((signal) =>
    access.read<z.output<typeof Answer.drift>>("/quality/drift", {
      verdict: verdict === "any" ? undefined : verdict ?? "drift",
      column: sensor,
      limit: MOST,
    }, signal), [access, verdict, sensor]);
  const choose = (name: string, value: string) => change({ [name]: value || undefined, dpage: undefined });
  return (
    <section class="panel">
      <div class="row">
        <h2>Drift</h2>
        <div class="row last" role="search" aria-label="Drift">
          <input
            type="search"
            aria-label="Engine"
            placeholder="Engine"
            value={engine ?? ""}
            onInput={(event) => choose("engine", event.currentTarget.value)}
          />
          <select
            aria-label="Sensor"
            value={sensor ?? ""}
            onChange={(event) => choose("sensor", event.currentTarget.value)}
          >
            <option value="">All sensors</option>
            {SENSORS.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
          <select
            aria-label="Verdict on drift"
            value={verdict ?? "drift"}
            onChange={(event) =>
              choose("drift", event.currentTarget.value === "drift" ? "" : event.currentTarget.value)}
          >
            {VERDICTS.map((word) => <option key={word} value={word}>{word.replace("_", " ")}</option>)}
            <option value="any">Any verdict</option>
          </select>
        </div>
      </div>
      <Shown data={drift} what="the drift">
        {({ sensors, next }) => {
          const shown = sensors.filter(({ unit_number }) =>
            unit_number.toLowerCase().includes((engine ?? "").toLowerCase())
          );
          return shown.length === 0
            ? <p class="soft" role="status">No sensor of any engine is like this.</p>
            : (
              <>
                <DataTable
                  label="Drift by engine and sensor"
                  rows={shown}
                  columns={COLUMNS}
                  keyOf={({ unit_number, column_name }) => `${unit_number} ${column_name}`}
                  route={route}
                  id="d"
                  order="-shift"
                  size={20}
                />
                <p class="legend" role="status">
                  {plural(shown.length, "comparison")}
                  {next !== null && `: the first ${number(MOST)}, choose a sensor or a verdict to see others`}
                </p>
              </>
            );
        }}
      </Shown>
    </section>
  );
}
