/** What a page shows of data on its way: that it is coming, why it is not, that there is none, or the data. */

import type { ComponentChildren, JSX } from "preact";
import type { Refusal } from "../access.ts";
import type { Loaded } from "../loaded.ts";

/** Why something could not be shown, and what can be done about it. */
export function Refused(
  { refusal, what, onRetry }: { refusal: Refusal; what: string; onRetry: () => void },
): JSX.Element {
  const denied = refusal.status === 403;
  return (
    <div class="note refused" role="alert">
      <h2>{denied ? `You may not see ${what}` : `Cannot show ${what}`}</h2>
      <p>{refusal.detail}</p>
      {!denied && <button type="button" onClick={onRetry}>Try again</button>}
    </div>
  );
}

/** That there is nothing, and what would put something here. */
export function Nothing(
  { title, children }: { title: string; children?: ComponentChildren },
): JSX.Element {
  return (
    <div class="note">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/**
 * Shows data when it is there. An error after that is told above it: what was read last is better than nothing.
 *
 * @param what What is being shown, as in "Cannot show the fleet".
 */
export function Shown<Value>(
  { data, what, children }: {
    data: Loaded<Value>;
    what: string;
    children: (value: Value) => ComponentChildren;
  },
): JSX.Element {
  const { value, refusal, loading, reload } = data;
  return (
    <div aria-busy={loading}>
      {refusal !== undefined && <Refused refusal={refusal} what={what} onRetry={reload} />}
      {value !== undefined
        ? children(value)
        : loading && refusal === undefined && <p class="loading" role="status">Loading {what} …</p>}
    </div>
  );
}
