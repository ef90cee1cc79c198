/** One check: its values over time, what its latest verdict rests on, and the engines that broke it. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { z } from "zod";
import type { Metric } from "../../../shared/checks.ts";
import { thresholdText, valueText } from "../../../shared/verdict_text.ts";
import type { Answer } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { ago, moment, number, plural } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { address, change } from "../route.ts";
import { EvidenceWords, words } from "./evidence.tsx";
import { Shown } from "./shown.tsx";
import { Status } from "./status.tsx";
import { type Curve, TimeChart } from "./time_chart.tsx";

type Verdict = z.output<typeof Metric>;

/** Engines that broke the rule and are named. */
const MOST_ENGINES = 100;

function constant(value: number | null, length: number): (number | null)[] {
  return new Array<number | null>(length).fill(value);
}

function History({ verdicts }: { verdicts: readonly Verdict[] }): JSX.Element {
  const ordered = useMemo(() => verdicts.toReversed(), [verdicts]);
  const times = useMemo(
    () => ordered.map(({ check_timestamp }) => Date.parse(check_timestamp) / 1000),
    [ordered],
  );
  const latest = verdicts[0];
  const { threshold_min: least, threshold_max: most } = latest;
  const curves = useMemo((): Curve[] => [
    {
      label: "Value",
      values: ordered.map(({ metric_value }) => metric_value),
      colour: "trace",
      points: true,
    },
    ...least === null ? [] : [{ label: "Least", values: constant(least, ordered.length), colour: "fail" }],
    ...most === null ? [] : [{ label: "Most", values: constant(most, ordered.length), colour: "fail" }],
  ], [ordered]);
  const marks = useMemo(
    () =>
      ordered.flatMap(({ status, metric_value }, index) =>
        status === "warning" || status === "fail"
          ? [{ time: times[index], value: metric_value, tone: status } as const]
          : []
      ),
    [ordered],
  );
  const [from, to] = [times[0], times.at(-1)!];
  // one verdict is a point in the middle of an hour
  const margin = from === to ? 1800 : 0;
  return (
    <TimeChart
      label={`${plural(verdicts.length, "verdict")} from ${moment(from * 1000)} to ${
        moment(to * 1000)
      }: latest value ${valueText(latest)}, asked is ${thresholdText(latest) || "nothing"}`}
      times={times}
      curves={curves}
      marks={marks}
      from={from - margin}
      to={to + margin}
      height={180}
      group="check"
      format={(value) => value.toLocaleString("en-US", { maximumSignificantDigits: 4 })}
    />
  );
}

function Latest({ verdict, engines }: { verdict: Verdict; engines: readonly Verdict[] }): JSX.Element {
  const asked = thresholdText(verdict);
  const failing = engines.filter(({ run_id, unit_number }) =>
    run_id === verdict.run_id && unit_number !== null
  );
  return (
    <div class="two">
      <div>
        <h3>Latest verdict</h3>
        <p>
          <Status word={verdict.status} /> {valueText(verdict)}
          {asked !== "" && <>{" "}where {asked} is asked</>}
          {verdict.rows_checked !== null && <>, of {plural(verdict.rows_checked, "row")}</>}.{" "}
          <small title={`${moment(verdict.check_timestamp)} UTC`}>{ago(verdict.check_timestamp)}</small>
        </p>
        <EvidenceWords evidence={verdict.evidence} />
      </div>
      <div>
        <h3>
          Engines that broke it <small>{number(failing.length)}</small>
        </h3>
        {failing.length === 0 ? <p class="soft">None in the latest run.</p> : (
          <ul class="lines">
            {failing.map((row) => (
              <li key={row.id}>
                <Status word={row.status} />{" "}
                <a href={address("engine", row.unit_number!)}>{row.unit_number}</a> {valueText(row)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/**
 * The panel.
 *
 * @param check Name of the check, and after a colon its column, as the address has it.
 */
export function CheckDetail({ check, hours }: { check: string; hours: number }): JSX.Element {
  const access = useAccess();
  const [metric, column] = check.split(":");
  const detail = useLoaded(async (signal) => {
    const since = new Date(Date.now() - hours * 3_600_000).toISOString();
    const asked = { metric, column, since };
    const [table, failed, warned] = await Promise.all([
      access.read<z.output<typeof Answer.metrics>>(
        "/quality/metrics",
        { ...asked, of: "table", limit: 1000 },
        signal,
      ),
      ...(["fail", "warning"] as const).map((status) =>
        access.read<z.output<typeof Answer.metrics>>(
          "/quality/metrics",
          { ...asked, of: "engines", status, limit: MOST_ENGINES },
          signal,
        )
      ),
    ]);
    return {
      verdicts: table.metrics.filter(({ column_name }) => column_name === (column ?? null)),
      engines: [...failed.metrics, ...warned.metrics].filter(({ column_name }) =>
        column === undefined || column_name === column
      ),
    };
  }, [access, check, hours]);
  return (
    <section class="panel" aria-label={`Check ${check}`}>
      <div class="row">
        <h2>{words(metric)}{column !== undefined && <>{" "}of {column}</>}</h2>
        <button type="button" class="quiet last" onClick={() => change({ check: undefined })}>Close</button>
      </div>
      <Shown data={detail} what="this check">
        {({ verdicts, engines }) =>
          verdicts.length === 0 ? <p class="soft">It has no verdict in this time.</p> : (
            <>
              <History verdicts={verdicts} />
              <Latest verdict={verdicts[0]} engines={engines} />
            </>
          )}
      </Shown>
    </section>
  );
}
