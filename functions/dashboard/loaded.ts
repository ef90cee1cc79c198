/** Data on its way to a page. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "./access.ts";

/** What is there of it now. While it is loaded again, the last value stays. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly refusal: Refusal | undefined;
  readonly loading: boolean;
  /** When value was read. */
  readonly at: Date | undefined;
  reload(): void;
}

/** What is told of an error. */
export function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal
    ? error
    : new Refusal(-1, "The page could not be shown", error instanceof Error ? error.message : String(error));
}

/**
 * Loads when a page is first shown, and again whenever what it depends on changes. An answer that has been overtaken is
 * dropped, and its request ended.
 *
 * @param load Is given the signal that ends its request.
 * @param dependsOn Values that load uses.
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  dependsOn: readonly unknown[],
): Loaded<Value> {
  const [state, setState] = useState<Omit<Loaded<Value>, "reload">>({
    value: undefined,
    refusal: undefined,
    loading: true,
    at: undefined,
  });
  const [asked, setAsked] = useState(0);
  const current = useRef(load);
  current.current = load;
  useEffect(() => {
    const ending = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    current.current(ending.signal).then(
      (value) => {
        if (!ending.signal.aborted) setState({ value, refusal: undefined, loading: false, at: new Date() });
      },
      (error) => {
        if (ending.signal.aborted) return;
        setState((before) => ({ ...before, refusal: refusalOf(error), loading: false }));
      },
    );
    return () => ending.abort();
  }, [...dependsOn, asked]);
  return { ...state, reload: () => setAsked((times) => times + 1) };
}

/** ms; how long to wait at most after what keeps failing. */
const LONGEST_WAIT = 30_000;

/** Data that is read again and again. */
export interface Polled<Value> extends Loaded<Value> {
  /** Whether it waits for the tab to be looked at. */
  readonly asleep: boolean;
}

/**
 * Loads again and again: after a failure less and less often, and not at all while nobody looks at the tab.
 *
 * @param everyMs From one answer to the next request.
 * @param paused Whether the viewer wants it to stand still.
 */
export function usePolled<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  dependsOn: readonly unknown[],
  everyMs: number,
  paused: boolean,
): Polled<Value> {
  const loaded = useLoaded(load, dependsOn);
  const [asleep, setAsleep] = useState(document.hidden);
  const failures = useRef(0);
  useEffect(() => {
    const look = () => setAsleep(document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  useEffect(() => {
    if (loaded.loading) return;
    failures.current = loaded.refusal === undefined ? 0 : failures.current + 1;
    if (paused || asleep || loaded.refusal?.status === 403) return;
    const wait = Math.min(everyMs * 2 ** failures.current, LONGEST_WAIT);
    const timer = setTimeout(loaded.reload, wait);
    return () => clearTimeout(timer);
  }, [loaded.loading, loaded.at, paused, asleep, everyMs]);
  return { ...loaded, asleep };
}
