/** Runs side by side, task by task: the later a run, the further right. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { moment, span } from "../format.ts";
import { address, type Route } from "../route.ts";
import { inOrder, type Pipeline, type Run, seconds, toneOfState } from "../tasks.ts";
import { words } from "./evidence.tsx";
import { Shape } from "./status.tsx";

/** px; of the bar of the longest run. */
const MOST_HEIGHT = 40;

function cellAddress(route: Route, run: Run, task?: string): string {
  const settings = new URLSearchParams(route.settings);
  settings.set("run", String(run.id));
  if (task === undefined) settings.delete("task");
  else settings.set("task", task);
  return address(route.page, route.subject, settings);
}

/** The grid. */
export function RunGrid(
  { pipeline, runs, current, route }: {
    pipeline: Pipeline;
    /** Latest first. */
    runs: readonly Run[];
    current: number | undefined;
    route: Route;
  },
): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const ordered = runs.toReversed();
  const longest = Math.max(1, ...runs.map((run) => seconds(run) ?? 0));
  // the latest runs are what one wants to see first
  useEffect(() => place.current!.scrollTo({ left: place.current!.scrollWidth }), [runs.length]);
  return (
    <div ref={place} class="table grid" role="region" aria-label="Runs by task" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col" class="corner">Duration</th>
            {ordered.map((run) => {
              const took = seconds(run);
              const label = `Run of ${moment(run.logical_time)} UTC: ${run.state}${
                took === null ? "" : `, ${span(took)}`
              }${run.trigger === "schedule" ? "" : `, ${words(run.trigger)}`}`;
              return (
                <th key={run.id} scope="col">
                  <a
                    href={cellAddress(route, run)}
                    class={`${toneOfState(run.state)} duration`}
                    aria-label={label}
                    aria-current={run.id === current ? "true" : undefined}
                    title={label}
                  >
                    <i style={{ height: `${3 + (MOST_HEIGHT - 3) * (took ?? 0) / longest}px` }} />
                  </a>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {inOrder(pipeline.tasks).map(({ name }) => (
            <tr key={name}>
              <th scope="row">{words(name)}</th>
              {ordered.map((run) => {
                const task = run.tasks.find((row) => row.task === name);
                if (task === undefined) return <td key={run.id} />;
                const took = seconds(task);
                const label = `${words(name)} of ${moment(run.logical_time)} UTC: ${task.state}${
                  took === null || task.state === "skipped" ? "" : `, ${span(took)}`
                }`;
                return (
                  <td key={run.id} class={run.id === current ? "current" : undefined}>
                    <a
                      href={cellAddress(route, run, name)}
                      class={`${toneOfState(task.state)} ${task.state}`}
                      aria-label={label}
                      title={label}
                      tabIndex={-1}
                    >
                      <Shape tone={toneOfState(task.state)} />
                    </a>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
