/** The words for how tasks and runs of pipelines stand. */

import type { z } from "zod";
import type { Pipeline as PipelineRow, PipelineRun, TaskRun as TaskRow } from "../quality/rows.ts";
import type { Tone } from "./components/status.tsx";

export type Pipeline = z.output<typeof PipelineRow>;
export type Run = z.output<typeof PipelineRun>;
export type TaskRun = z.output<typeof TaskRow>;

/** What a state amounts to. */
const TONES: Readonly<Record<Run["state"] | TaskRun["state"], Tone>> = {
  queued: "unknown",
  waiting: "unknown",
  ready: "unknown",
  running: "warning",
  retrying: "warning",
  succeeded: "ok",
  failed: "fail",
  skipped: "unknown",
  cancelled: "unknown",
};

/** Tone of a state. */
export function toneOfState(state: Run["state"] | TaskRun["state"]): Tone {
  return TONES[state];
}

/** Whether a run has come to an end. */
export function hasEnded({ finished_at }: Pick<Run, "finished_at">): boolean {
  return finished_at !== null;
}

/** Seconds from start to end; to now while it goes on, null before it began. */
export function seconds(
  { started_at, finished_at }: Pick<TaskRun, "started_at" | "finished_at">,
  now = Date.now(),
): number | null {
  if (started_at === null) return null;
  return ((finished_at === null ? now : Date.parse(finished_at)) - Date.parse(started_at)) / 1000;
}

/** Tasks in the order of their dependencies, those of the same rank by name. */
export function inOrder(tasks: Pipeline["tasks"]): Pipeline["tasks"] {
  const rank = new Map<string, number>();
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const rankOf = (name: string): number => {
    const known = rank.get(name);
    if (known !== undefined) return known;
    const upstream = byName.get(name)?.depends_on ?? [];
    const found = upstream.length === 0 ? 0 : 1 + Math.max(...upstream.map(rankOf));
    rank.set(name, found);
    return found;
  };
  return tasks.toSorted((one, other) =>
    rankOf(one.name) - rankOf(other.name) || one.name.localeCompare(other.name, "en")
  );
}

/** A task and all that follow it. */
export function downstream(tasks: Pipeline["tasks"], name: string): readonly string[] {
  const found = new Set([name]);
  for (const task of inOrder(tasks)) {
    if (task.depends_on.some((upstream) => found.has(upstream))) found.add(task.name);
  }
  return [...found];
}
