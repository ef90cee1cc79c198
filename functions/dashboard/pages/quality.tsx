/** What the checks say, on what grounds, and whether the service is as promised. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { z } from "zod";
import { thresholdText, valueText } from "../../../shared/verdict_text.ts";
import type { Answer, Check as CheckRow, CheckHistory } from "../../quality/rows.ts";
import { type Refusal, useAccess } from "../access.ts";
import { CheckDetail } from "../components/check_detail.tsx";
import { type Column, DataTable } from "../components/data_table.tsx";
import { DriftPanel } from "../components/drift_table.tsx";
import { words } from "../components/evidence.tsx";
import { ServiceLevels } from "../components/service_levels.tsx";
import { Shown } from "../components/shown.tsx";
import { Status, toneOf } from "../components/status.tsx";
import { type Figure, Strip } from "../components/strip.tsx";
import { VerdictStrip } from "../components/verdict_strip.tsx";
import { ago, clock, moment, number, percent, plural, span } from "../format.ts";
import { refusalOf, useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";

type Check = z.output<typeof CheckRow>;
type History = z.output<typeof CheckHistory>;
type Summary = z.output<typeof Answer.summary>;
type Run = z.output<typeof Answer.runs>["runs"][number];

/** Stretches of time that can be looked at; hours. */
const WINDOWS = [
  { hours: 24, title: "24 h" },
  { hours: 168, title: "7 d" },
  { hours: 720, title: "30 d" },
] as const;
const USUAL_HOURS = 24;

/** The worst first. */
const STATUSES = ["fail", "warning", "not_evaluated", "pass"] as const;

/** A check as the address names it. */
function nameOf({ metric_name, column_name }: Pick<Check, "metric_name" | "column_name">): string {
  return column_name === null ? metric_name : `${metric_name}:${column_name}`;
}

/** A name as people may type it. */
function spoken(name: string): string {
  return name.toLowerCase().replaceAll(/[_:]/g, " ").trim();
}

function passShare({ runs_passed, runs_warned, runs_failed }: Check): number | null {
  const judged = runs_passed + runs_warned + runs_failed;
  return judged === 0 ? null : runs_passed / judged;
}

function figures({ status, checks }: Summary, run: Run | undefined, route: Route): Figure[] {
  const count = (word: string) => checks.filter((check) => check.status === word).length;
  const only = (word: string) => {
    const settings = new URLSearchParams(route.settings);
    settings.set("status", word);
    settings.delete("page");
    return address("quality", undefined, settings);
  };
  const rows = Math.max(0, ...checks.map(({ rows_checked }) => rows_checked ?? 0));
  return [
    {
      label: "Verdict",
      value: words(status),
      tone: toneOf(status),
      note: plural(checks.length, "check"),
    },
    { label: "Passed", value: number(count("pass")), tone: "ok", href: only("pass") },
    { label: "Warnings", value: number(count("warning")), tone: "warning", href: only("warning") },
    { label: "Failed", value: number(count("fail")), tone: "fail", href: only("fail") },
    {
      label: "Not evaluated",
      value: number(count("not_evaluated")),
      tone: "unknown",
      href: only("not_evaluated"),
    },
    { label: "Readings looked at", value: number(rows), note: "by the latest run" },
    {
      label: "Last run",
      value: run === undefined ? "never" : ago(run.as_of),
      note: run?.finished_at == null
        ? undefined
        : `took ${span((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000)}`,
    },
  ];
}

function columnsFor(
  histories: ReadonlyMap<string, History>,
  open: string | null,
): readonly Column<Check>[] {
  return [
    {
      name: "check",
      title: "Check",
      by: (check) => nameOf(check),
      cell: (check) => {
        const name = nameOf(check);
        return (
          <button
            type="button"
            class="link"
            aria-expanded={open === name}
            onClick={() => change({ check: open === name ? undefined : name }, { keep: true })}
          >
            {words(check.metric_name)}
            {check.column_name !== null && <small>{check.column_name}</small>}
          </button>
        );
      },
    },
    {
      name: "verdict",
      title: "Verdict",
      by: ({ status }) => STATUSES.indexOf(status),
      cell: ({ status }) => <Status word={status} />,
    },
    {
      name: "value",
      title: "Value",
      numeric: true,
      by: ({ metric_value }) => metric_value,
      cell: (check) => valueText(check),
    },
    {
      name: "asked",
      title: "Asked",
      numeric: true,
      cell: (check) => thresholdText(check) || "–",
    },
    {
      name: "rows",
      title: "Rows",
      hint: "Rows that the latest verdict looked at",
      numeric: true,
      by: ({ rows_checked }) => rows_checked,
      cell: ({ rows_checked }) => number(rows_checked),
    },
    {
      name: "share",
      title: "Passed",
      hint: "Share of the runs whose verdict was a pass, of those that came to one",
      numeric: true,
      by: (check) => passShare(check),
      cell: (check) => {
        const share = passShare(check);
        return (
          <>
            {share !== null && (
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${share * 100}%` }} />
              </span>
            )}
            {percent(share, 0)}
          </>
        );
      },
    },
    {
      name: "history",
      title: "Last day",
      cell: (check) => <VerdictStrip history={histories.get(nameOf(check))} />,
    },
    {
      name: "engines",
      title: "Engines",
      hint: "Engines that broke the rule in the latest run",
      numeric: true,
      by: ({ engines_failing }) => engines_failing,
      cell: ({ engines_failing }) => number(engines_failing),
    },
    {
      name: "since",
      title: "Since",
      hint: "Since when every verdict has been this one",
      by: ({ state_since }) => state_since,
      cell: ({ state_since }) => (
        <span title={state_since === null ? undefined : `${moment(state_since)} UTC`}>
          {ago(state_since)}
        </span>
      ),
    },
  ];
}

function Checks(
  { summary, histories, route }: { summary: Summary; histories: readonly History[]; route: Route },
): JSX.Element {
  const [q, status, open] = ["q", "status", "check"].map((name) => route.settings.get(name));
  const byName = useMemo(
    () => new Map(histories.map((history) => [nameOf(history), history])),
    [histories],
  );
  const columns = useMemo(() => columnsFor(byName, open), [byName, open]);
  const shown = useMemo(
    () =>
      summary.checks
        .filter((check) =>
          spoken(nameOf(check)).includes(spoken(q ?? "")) &&
          (status === null || check.status === status)
        )
        .toSorted((one, other) => STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status)),
    [summary, q, status],
  );
  const choose = (name: string, value: string) => change({ [name]: value || undefined, page: undefined });
  return (
    <section class="panel">
      <div class="row">
        <h2>Checks</h2>
        <div class="row last" role="search" aria-label="Checks">
          <input
            type="search"
            aria-label="Search checks"
            placeholder="Search checks"
            value={q ?? ""}
            onInput={(event) => choose("q", event.currentTarget.value)}
          />
          <select
            aria-label="Verdict"
            value={status ?? ""}
            onChange={(event) => choose("status", event.currentTarget.value)}
          >
            <option value="">Any verdict</option>
            {STATUSES.map((word) => <option key={word} value={word}>{words(word)}</option>)}
          </select>
        </div>
      </div>
      {shown.length === 0 ? <p class="soft" role="status">No check is like this.</p> : (
        <DataTable
          label="Checks"
          rows={shown}
          columns={columns}
          keyOf={nameOf}
          route={route}
          size={25}
        />
      )}
    </section>
  );
}

/** The page. */
export function QualityPage({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const asked = Number(route.settings.get("hours"));
  const hours = WINDOWS.find((window) => window.hours === asked)?.hours ?? USUAL_HOURS;
  const [running, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<string | Refusal>();
  const quality = useLoaded(async (signal) => {
    const [summary, history, { runs }] = await Promise.all([
      access.read<Summary>("/quality/summary", { hours }, signal),
      access.read<z.output<typeof Answer.history>>("/quality/history", { hours: 24 }, signal),
      access.read<z.output<typeof Answer.runs>>("/quality/runs", { limit: 1 }, signal),
    ]);
    return { summary, histories: history.checks, run: runs[0] };
  }, [access, hours]);
  const check = route.settings.get("check");

  async function run(): Promise<void> {
    setRunning(true);
    setOutcome(undefined);
    try {
      const { run } = await access.write<z.output<typeof Answer.run>>("/quality/run");
      setOutcome(
        `${number(run.passed)} passed, ${number(run.warned)} warned, ${number(run.failed)} failed, ${
          number(run.not_evaluated)
        } not evaluated`,
      );
      quality.reload();
    } catch (error) {
      setOutcome(refusalOf(error));
    } finally {
      setRunning(false);
    }
  }

  return (
    <>
      <div class="head">
        <h1>Quality</h1>
        {quality.at !== undefined && <span class="soft">as of {clock(quality.at)} UTC</span>}
        <div class="aside row">
          <fieldset class="choice">
            <legend class="unseen">How far back</legend>
            {WINDOWS.map((window) => (
              <label key={window.hours}>
                <input
                  type="radio"
                  name="hours"
                  checked={window.hours === hours}
                  onChange={() => change({ hours: window.hours === USUAL_HOURS ? undefined : window.hours })}
                />
                {window.title}
              </label>
            ))}
          </fieldset>
          <button
            type="button"
            class="primary"
            disabled={running || access.readOnly !== undefined}
            title={access.readOnly}
            onClick={run}
          >
            {running ? "Running …" : "Run the checks now"}
          </button>
        </div>
      </div>
      <p class="told" role="status">
        {typeof outcome === "string" && `The checks have run: ${outcome}.`}
        {typeof outcome === "object" && (
          <span class="refused">The checks could not be run: {outcome.detail}</span>
        )}
      </p>
      <Shown data={quality} what="the quality">
        {({ summary, histories, run }) => (
          <>
            <Strip figures={figures(summary, run, route)} label="Quality in numbers" />
            {check !== null && <CheckDetail key={check} check={check} hours={hours} />}
            <Checks summary={summary} histories={histories} route={route} />
          </>
        )}
      </Shown>
      <DriftPanel route={route} />
      <ServiceLevels hours={hours} />
    </>
  );
}
