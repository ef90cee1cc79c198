/** What runs, and how it went: the tasks of a run, the runs before it, and starting parts of them again. */

import type { JSX } from "preact";
import type { z } from "zod";
import type { Answer } from "../../quality/rows.ts";
import { useAccess } from "../access.ts";
import { Backfill } from "../components/backfill.tsx";
import { words } from "../components/evidence.tsx";
import { type Detail, RunDetail } from "../components/run_detail.tsx";
import { RunGrid } from "../components/run_grid.tsx";
import { Nothing, Shown } from "../components/shown.tsx";
import { Shape } from "../components/status.tsx";
import { type Figure, Strip } from "../components/strip.tsx";
import { ago, clock, number, percent, plural, span } from "../format.ts";
import { useLoaded, usePolled } from "../loaded.ts";
import { address, type Route } from "../route.ts";
import { hasEnded, type Pipeline, type Run, seconds, toneOfState } from "../tasks.ts";

/** Runs that the grid shows. */
const MOST_RUNS = 60;

/** ms; a task seldom takes less. */
const EVERY = 5000;

/** The pipeline that is shown first: the one that does most. */
const USUAL = "hourly";

function figures(pipeline: Pipeline, runs: readonly Run[]): Figure[] {
  const [last] = runs;
  const ended = runs.filter(({ state }) => state === "succeeded" || state === "failed");
  const succeeded = ended.filter(({ state }) => state === "succeeded");
  const times = ended.flatMap((run) => seconds(run) ?? []).sort((one, other) => one - other);
  const open = runs.filter((run) => !hasEnded(run)).length;
  return [
    {
      label: "Latest run",
      value: last === undefined ? "none" : last.state,
      tone: last === undefined ? "unknown" : toneOfState(last.state),
      note: last === undefined ? undefined : ago(last.started_at ?? last.created_at),
    },
    {
      label: "Succeeded",
      value: percent(ended.length === 0 ? null : succeeded.length / ended.length, 0),
      note: `of the last ${plural(ended.length, "run")}`,
    },
    { label: "Median duration", value: span(times[Math.floor(times.length / 2)]) },
    { label: "Longest", value: span(times.at(-1)) },
    { label: "Under way", value: number(open), note: "queued or running" },
    {
      label: "Later than promised",
      value: number(runs.filter(({ sla_missed_at }) => sla_missed_at !== null).length),
      note: pipeline.sla === null ? "nothing is promised" : `promised within ${pipeline.sla}`,
    },
    {
      label: "Next run",
      value: pipeline.active ? ago(pipeline.next_logical_time) : "none",
      note: pipeline.active ? `every ${pipeline.period}` : "switched off",
    },
  ];
}

function PipelineOf({ pipeline, route }: { pipeline: Pipeline; route: Route }): JSX.Element {
  const access = useAccess();
  const path = `/quality/pipelines/${pipeline.name}/runs`;
  const runs = usePolled(
    (signal) => access.read<z.output<typeof Answer.pipelineRuns>>(path, { limit: MOST_RUNS }, signal),
    [access, path],
    EVERY,
    false,
  );
  const asked = Number(route.settings.get("run")) || undefined;
  const latest = runs.value?.runs[0]?.id;
  const shown = asked ?? latest;
  const detail = usePolled(
    async (signal) => {
      if (shown === undefined) return undefined;
      return await access.read<Detail>(`${path}/${shown}`, {}, signal);
    },
    [access, path, shown],
    EVERY,
    shown === undefined,
  );
  const reload = () => {
    runs.reload();
    detail.reload();
  };
  return (
    <>
      <p class="soft said">{pipeline.description}</p>
      <Shown data={runs} what="the runs">
        {({ runs }) => (
          <>
            <Strip figures={figures(pipeline, runs)} label="The pipeline in numbers" />
            {runs.length === 0
              ? (
                <Nothing title={`The pipeline ${pipeline.name} has not run yet`}>
                  <p>
                    Its first run is due {ago(pipeline.next_logical_time)}. Past periods can be backfilled.
                  </p>
                </Nothing>
              )
              : (
                <>
                  <RunDetail pipeline={pipeline} data={detail} route={route} onChange={reload} />
                  <section class="panel">
                    <h2>Runs</h2>
                    <RunGrid pipeline={pipeline} runs={runs} current={shown} route={route} />
                    <p class="legend">
                      {(["succeeded", "failed", "running", "skipped"] as const).map((state) => (
                        <span key={state}>
                          <Shape tone={toneOfState(state)} />
                          {state === "running" ? "running or retrying" : state}
                          {state === "skipped" && ", cancelled or waiting"}
                        </span>
                      ))}
                      <span>Choose a cell to see its run</span>
                    </p>
                  </section>
                </>
              )}
          </>
        )}
      </Shown>
      <Backfill pipeline={pipeline} onChange={reload} />
    </>
  );
}

/** The page. */
export function PipelinePage({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const pipelines = useLoaded(
    (signal) => access.read<z.output<typeof Answer.pipelines>>("/quality/pipelines", {}, signal),
    [access],
  );
  const names = pipelines.value?.pipelines.map(({ name }) => name) ?? [];
  const chosen = route.subject ?? (names.includes(USUAL) ? USUAL : names[0]);
  return (
    <>
      <div class="head">
        <h1>Pipeline</h1>
        {pipelines.at !== undefined && <span class="soft">as of {clock(pipelines.at)} UTC</span>}
        <nav class="tabs aside" aria-label="Pipelines">
          {names.map((name) => (
            <a
              key={name}
              href={address("pipeline", name)}
              aria-current={name === chosen ? "page" : undefined}
            >
              {words(name)}
            </a>
          ))}
        </nav>
      </div>
      <Shown data={pipelines} what="the pipelines">
        {({ pipelines }) => {
          const pipeline = pipelines.find(({ name }) => name === chosen);
          return pipeline === undefined
            ? (
              <Nothing title={chosen === undefined ? "There is no pipeline" : "There is no such pipeline"}>
                <p>Pipelines are rows of the table pipelines.</p>
              </Nothing>
            )
            : <PipelineOf key={pipeline.name} pipeline={pipeline} route={route} />;
        }}
      </Shown>
    </>
  );
}
