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
