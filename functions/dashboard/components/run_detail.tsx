/** One run: its tasks as a graph and as a list, with every attempt; and what can be done about it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { z } from "zod";
import type { Answer } from "../../quality/rows.ts";
import { type Refusal, useAccess } from "../access.ts";
import { ago, clock, moment, number, plural, span } from "../format.ts";
import { type Loaded, refusalOf } from "../loaded.ts";
import { address, type Route } from "../route.ts";
import {
  downstream,
  hasEnded,
  inOrder,
  type Pipeline,
  seconds,
  type TaskRun,
  toneOfState,
} from "../tasks.ts";
import { words } from "./evidence.tsx";
import { Graph } from "./graph.tsx";
import { Shown } from "./shown.tsx";
import { Status } from "./status.tsx";

export type Detail = z.output<typeof Answer.pipelineRun>;

function taskAddress(route: Route, task: string): string {
  const settings = new URLSearchParams(route.settings);
  settings.set("task", task);
  return address(route.page, route.subject, settings);
}

function taskNote(task: TaskRun): string {
  const took = task.state === "skipped" ? null : seconds(task);
  const tries = task.attempt > 1 ? `, ${task.attempt} attempts` : "";
  return `${task.state}${took === null ? "" : `, ${span(took)}`}${tries}`;
}

/** What each task depends on, drawn. */
function RunGraph(
  { pipeline, detail, route }: { pipeline: Pipeline; detail: Detail; route: Route },
): JSX.Element {
  const tasks = inOrder(pipeline.tasks);
  const byName = new Map(detail.run.tasks.map((task) => [task.task, task]));
  const nodes = tasks.flatMap(({ name }) => {
    const task = byName.get(name);
    if (task === undefined) return [];
    const note = taskNote(task);
    return [{
      id: name,
      label: words(name),
      note,
      tone: toneOfState(task.state),
      kind: task.state,
      href: taskAddress(route, name),
      title: `${words(name)}: ${note}`,
      current: route.settings.get("task") === name,
    }];
  });
  const edges = tasks.flatMap(({ name, depends_on }) =>
    depends_on.filter((from) => byName.has(from) && byName.has(name)).map((from) => ({ from, to: name }))
  );
  return <Graph label="Tasks of the run" nodes={nodes} edges={edges} width={196} />;
}

function Attempts({ attempts }: { attempts: Detail["attempts"] }): JSX.Element {
  return (
    <ol class="lines">
      {attempts.map((attempt) => (
        <li key={attempt.attempt}>
          <Status word={attempt.outcome} tone={attempt.outcome === "succeeded" ? "ok" : "fail"} /> attempt
          {" "}
          {attempt.attempt}, {clock(attempt.started_at)}, {span(seconds(attempt))}, by {attempt.executor}
          {attempt.error !== null && <p class="soft">{attempt.error}</p>}
        </li>
      ))}
    </ol>
  );
}

/** The panel. */
export function RunDetail(
  { pipeline, data, route, onChange }: {
    pipeline: Pipeline;
    data: Loaded<Detail | undefined>;
    route: Route;
    /** Is told when something has been started or ended. */
    onChange: () => void;
  },
): JSX.Element {
  const access = useAccess();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<string | Refusal>();
  const chosen = route.settings.get("task");

  async function act(path: string, body: unknown, done: string): Promise<void> {
    setBusy(true);
    setOutcome(undefined);
    try {
      await access.write(path, body);
      setOutcome(done);
      onChange();
    } catch (error) {
      setOutcome(refusalOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section class="panel" aria-label="Run">
      <Shown data={data} what="the run">
        {(detail) => {
          if (detail === undefined) return <p class="soft">This pipeline has not run yet.</p>;
          const { run, attempts } = detail;
          const at = `/quality/pipelines/${pipeline.name}/runs/${run.id}`;
          const ended = hasEnded(run);
          return (
            <>
              <div class="row">
                <h2>Run of {moment(run.logical_time)} UTC</h2>
                <Status word={run.state} tone={toneOfState(run.state)} />
                <span class="soft">
                  {words(run.trigger)},{" "}
                  {run.started_at === null ? "not begun" : `begun ${ago(run.started_at)}`}
                  {run.sla_missed_at !== null && ", later than promised"}
                </span>
                {!ended && (
                  <button
                    type="button"
                    class="last"
                    disabled={busy || access.readOnly !== undefined}
                    title={access.readOnly}
                    onClick={() => act(`${at}/cancel`, {}, "The run has been cancelled.")}
                  >
                    Cancel the run
                  </button>
                )}
              </div>
              <p class="told" role="status">
                {typeof outcome === "string" && outcome}
                {typeof outcome === "object" && <span class="refused">{outcome.detail}</span>}
              </p>
              <RunGraph pipeline={pipeline} detail={detail} route={route} />
              <div class="table" role="region" aria-label="Tasks" tabIndex={0}>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Task</th>
                      <th scope="col">State</th>
                      <th scope="col" class="numeric">Attempts</th>
                      <th scope="col">Began</th>
                      <th scope="col" class="numeric">Duration</th>
                      <th scope="col">Depends on</th>
                      <th scope="col">What it did</th>
                      <th scope="col">
                        <span class="unseen">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {inOrder(pipeline.tasks).map(({ name, description, depends_on, max_attempts }) => {
                      const task = run.tasks.find((row) => row.task === name);
                      if (task === undefined) return null;
                      const own = attempts.filter(({ task_run_id }) => task_run_id === task.id);
                      const following = downstream(pipeline.tasks, name).length - 1;
                      return (
                        <tr key={name} class={chosen === name ? "current" : undefined}>
                          <th scope="row">
                            <a
                              href={taskAddress(route, name)}
                              aria-current={chosen === name ? "true" : undefined}
                            >
                              {words(name)}
                            </a>
                          </th>
                          <td>
                            <Status word={task.state} tone={toneOfState(task.state)} />
                          </td>
                          <td class="numeric">{number(task.attempt)} of {number(max_attempts)}</td>
                          <td>{task.started_at === null ? "–" : clock(task.started_at)}</td>
                          <td class="numeric">{span(task.state === "skipped" ? null : seconds(task))}</td>
                          <td>{depends_on.map(words).join(", ") || "–"}</td>
                          <td class="wide">
                            {task.error === null
                              ? <span class="soft">{description}</span>
                              : <span class="fail">{task.error}</span>}
                            {chosen === name && own.length > 0 && <Attempts attempts={own} />}
                          </td>
                          <td>
                            <button
                              type="button"
                              class="small"
                              disabled={busy || !ended || access.readOnly !== undefined}
                              title={access.readOnly ??
                                (ended
                                  ? `${words(name)} and ${plural(following, "task")} that follow`
                                  : "A run must have ended before a task of it runs again")}
                              onClick={() =>
                                act(
                                  `${at}/rerun`,
                                  { task: name },
                                  `${words(name)} will run again within a minute.`,
                                )}
                            >
                              Run again <span class="unseen">{words(name)}</span>
                            </button>
                          </td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </div>
            </>
          );
        }}
      </Shown>
    </section>
  );
}
