/** Making the runs of past periods that have none. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { z } from "zod";
import type { Answer } from "../../quality/rows.ts";
import { type Refusal, useAccess } from "../access.ts";
import { plural } from "../format.ts";
import { refusalOf } from "../loaded.ts";
import type { Pipeline } from "../tasks.ts";

/** The panel. */
export function Backfill({ pipeline, onChange }: { pipeline: Pipeline; onChange: () => void }): JSX.Element {
  const access = useAccess();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<string | Refusal>();

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // what is typed is UTC, like every time on these pages
    const time = (name: string) => `${form.get(name)}:00Z`;
    setBusy(true);
    setOutcome(undefined);
    try {
      const { runs } = await access.write<z.output<typeof Answer.backfill>>(
        `/quality/pipelines/${pipeline.name}/backfill`,
        { from: time("from"), to: time("to") },
      );
      setOutcome(
        runs === 0
          ? "Every period of this time has its run already."
          : `${plural(runs, "run")} made; they begin one after the other, the oldest first.`,
      );
      onChange();
    } catch (error) {
      setOutcome(refusalOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section class="panel">
      <h2>Backfill</h2>
      <p class="soft">
        Makes the runs of past periods that have none. Those that are there stay as they are.
      </p>
      <form class="row fields" onSubmit={submit}>
        <label>
          From (UTC){" "}
          <input type="datetime-local" name="from" required disabled={access.readOnly !== undefined} />
        </label>
        <label>
          To (UTC) <input type="datetime-local" name="to" required disabled={access.readOnly !== undefined} />
        </label>
        <button type="submit" disabled={busy || access.readOnly !== undefined} title={access.readOnly}>
          Backfill {pipeline.name}
        </button>
      </form>
      {access.readOnly !== undefined && <p class="soft">{access.readOnly}.</p>}
      <p class="told" role="status">
        {typeof outcome === "string" && outcome}
        {typeof outcome === "object" && <span class="refused">{outcome.detail}</span>}
      </p>
    </section>
  );
}
