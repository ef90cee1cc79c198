/** What is wrong and who is on it; what was, and what became of it. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { z } from "zod";
import type { Answer } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { AlertDetail } from "../components/alert_detail.tsx";
import { AlertSubject } from "../components/alert_subject.tsx";
import { type Column, DataTable } from "../components/data_table.tsx";
import { words } from "../components/evidence.tsx";
import { Nothing, Shown } from "../components/shown.tsx";
import { Status } from "../components/status.tsx";
import { type Figure, Strip } from "../components/strip.tsx";
import { ago, clock, moment, number, plural } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";

type Alerts = z.output<typeof Answer.alerts>;
type Alert = Alerts["alerts"][number];

/** Alerts that are read at most of each: what is not resolved, and what is. */
const MOST = 1000;
const MOST_RESOLVED = 200;

const DAY_MS = 86_400_000;

/** What is to be done first. */
const STATES = ["open", "acknowledged", "resolved"] as const;
const SEVERITIES = ["fail", "warning"] as const;

function figures(alerts: readonly Alert[]): Figure[] {
  const open = alerts.filter(({ state }) => state === "open");
  const oldest = open.toSorted((one, other) => one.opened_at < other.opened_at ? -1 : 1)[0];
  const lately = alerts.filter(({ resolved_at }) =>
    resolved_at !== null && Date.now() - Date.parse(resolved_at) < DAY_MS
  );
  const only = (state: string) => address("alerts", undefined, { state });
  return [
    {
      label: "Open",
      value: number(open.length),
      tone: open.length === 0 ? "ok" : "fail",
      href: only("open"),
    },
    {
      label: "Of them failures",
      value: number(open.filter(({ severity }) => severity === "fail").length),
      href: address("alerts", undefined, { state: "open", severity: "fail" }),
    },
    {
      label: "Taken on",
      value: number(alerts.filter(({ state }) => state === "acknowledged").length),
      tone: "warning",
      href: only("acknowledged"),
    },
    { label: "Resolved", value: number(lately.length), tone: "ok", note: "in 24 h", href: only("resolved") },
    {
      label: "Oldest open",
      value: oldest === undefined ? "none" : ago(oldest.opened_at),
      note: oldest === undefined ? undefined : `${words(oldest.kind)} of ${oldest.subject}`,
      href: oldest === undefined ? undefined : address("alerts", undefined, { alert: oldest.id }),
    },
  ];
}

function columnsFor(open: number | undefined): readonly Column<Alert>[] {
  return [
    {
      name: "kind",
      title: "Kind",
      by: ({ kind }) => kind,
      cell: ({ id, kind }) => (
        <button
          type="button"
          class="link"
          aria-expanded={id === open}
          onClick={() => change({ alert: id === open ? undefined : id }, { keep: true })}
        >
          {words(kind)}
        </button>
      ),
    },
    {
      name: "severity",
      title: "Severity",
      by: ({ severity }) => SEVERITIES.indexOf(severity),
      cell: ({ severity }) => <Status word={severity} />,
    },
    {
      name: "subject",
      title: "Subject",
      by: ({ subject }) => subject,
      cell: (alert) => <AlertSubject {...alert} />,
    },
    {
      name: "state",
      title: "State",
      by: ({ state }) => STATES.indexOf(state),
      cell: ({ state, acknowledged_by, resolved_by }) => (
        <>
          {state}
          {state === "acknowledged" && <small>{` by ${acknowledged_by}`}</small>}
          {state === "resolved" && resolved_by !== "spool" && <small>{` by ${resolved_by}`}</small>}
        </>
      ),
    },
    {
      name: "since",
      title: "Since",
      by: ({ opened_at }) => opened_at,
      cell: ({ opened_at }) => <span title={`${moment(opened_at)} UTC`}>{ago(opened_at)}</span>,
    },
    {
      name: "seen",
      title: "Seen",
      hint: "How many observations failed",
      numeric: true,
      by: ({ occurrences }) => occurrences,
      cell: ({ occurrences }) => number(occurrences),
    },
    { name: "summary", title: "What fails", wide: true, cell: ({ summary }) => summary },
  ];
}

function AlertsOf({ alerts, route }: { alerts: readonly Alert[]; route: Route }): JSX.Element {
  const [q, state, severity, kind] = ["q", "state", "severity", "kind"].map((name) =>
    route.settings.get(name)
  );
  const open = Number(route.settings.get("alert")) || undefined;
  const kinds = [...new Set(alerts.map((alert) => alert.kind))].sort();
  const columns = useMemo(() => columnsFor(open), [open]);
  const shown = useMemo(
    () =>
      alerts
        .filter((alert) =>
          `${alert.kind} ${alert.subject} ${alert.summary}`.toLowerCase().includes((q ?? "").toLowerCase()) &&
          (state === "all" || (state === null ? alert.state !== "resolved" : alert.state === state)) &&
          (severity === null || alert.severity === severity) &&
          (kind === null || alert.kind === kind)
        )
        .toSorted((one, other) =>
          STATES.indexOf(one.state) - STATES.indexOf(other.state) ||
          SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
          (one.opened_at < other.opened_at ? 1 : -1)
        ),
    [alerts, q, state, severity, kind],
  );
  const choose = (name: string, value: string) => change({ [name]: value || undefined, page: undefined });
  return (
    <section class="panel">
      <div class="row" role="search">
        <input
          type="search"
          aria-label="Search alerts"
          placeholder="Search alerts"
          value={q ?? ""}
          onInput={(event) => choose("q", event.currentTarget.value)}
        />
        <select
          aria-label="State"
          value={state ?? ""}
          onChange={(event) => choose("state", event.currentTarget.value)}
        >
          <option value="">Not resolved</option>
          {STATES.map((word) => <option key={word} value={word}>{word}</option>)}
          <option value="all">Any state</option>
        </select>
        <select
          aria-label="Severity"
          value={severity ?? ""}
          onChange={(event) => choose("severity", event.currentTarget.value)}
        >
          <option value="">Any severity</option>
          {SEVERITIES.map((word) => <option key={word} value={word}>{word}</option>)}
        </select>
        <select
          aria-label="Kind"
          value={kind ?? ""}
          onChange={(event) => choose("kind", event.currentTarget.value)}
        >
          <option value="">Any kind</option>
          {kinds.map((word) => <option key={word} value={word}>{words(word)}</option>)}
        </select>
        <span class="soft last" role="status">{plural(shown.length, "alert")}</span>
      </div>
      {shown.length === 0
        ? <p class="soft">No alert is like this.</p>
        : <DataTable label="Alerts" rows={shown} columns={columns} keyOf={({ id }) => id} route={route} />}
    </section>
  );
}

/** The page. */
export function AlertsPage({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const alerts = useLoaded(async (signal) => {
    const [unresolved, resolved] = await Promise.all([
      access.read<Alerts>("/quality/alerts", { state: "unresolved", limit: MOST }, signal),
      access.read<Alerts>("/quality/alerts", { state: "resolved", limit: MOST_RESOLVED }, signal),
    ]);
    return [...unresolved.alerts, ...resolved.alerts];
  }, [access]);
  const open = Number(route.settings.get("alert")) || undefined;
  return (
    <>
      <div class="head">
        <h1>Alerts</h1>
        {alerts.at !== undefined && <span class="soft">as of {clock(alerts.at)} UTC</span>}
        <button type="button" class="aside" disabled={alerts.loading} onClick={alerts.reload}>Refresh</button>
      </div>
      <Shown data={alerts} what="the alerts">
        {(found) =>
          found.length === 0
            ? (
              <Nothing title="There has been no alert yet">
                <p>Checks, jobs, pipelines and the lake open one when something is wrong.</p>
              </Nothing>
            )
            : (
              <>
                <Strip figures={figures(found)} label="Alerts in numbers" />
                {open !== undefined && <AlertDetail key={open} id={open} onChange={alerts.reload} />}
                <AlertsOf alerts={found} route={route} />
              </>
            )}
      </Shown>
    </>
  );
}
