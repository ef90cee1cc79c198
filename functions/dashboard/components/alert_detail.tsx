/** One alert: what it rests on, what happened to it, and taking it on. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { z } from "zod";
import type { Answer } from "../../quality/rows.ts";
import { type Refusal, useAccess } from "../access.ts";
import { moment, plural } from "../format.ts";
import { refusalOf, useLoaded } from "../loaded.ts";
import { change } from "../route.ts";
import { AlertSubject } from "./alert_subject.tsx";
import { EvidenceWords, words } from "./evidence.tsx";
import { Shown } from "./shown.tsx";
import { Status } from "./status.tsx";

/** Where the name of whoever takes alerts on is kept in this browser, so that it is typed once. */
const NAME_ITEM = "spool.name";

function Acknowledge({ id, onDone }: { id: number; onDone: () => void }): JSX.Element {
  const access = useAccess();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    setBusy(true);
    setRefusal(undefined);
    try {
      await access.write(`/quality/alerts/${id}/ack`, { acknowledged_by: name });
      localStorage.setItem(NAME_ITEM, name);
      onDone();
    } catch (error) {
      setRefusal(refusalOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <form class="row fields" onSubmit={submit}>
        <label>
          Your name{" "}
          <input
            name="name"
            required
            maxLength={200}
            autoComplete="name"
            disabled={access.readOnly !== undefined}
            defaultValue={localStorage.getItem(NAME_ITEM) ?? ""}
          />
        </label>
        <button
          type="submit"
          class="primary"
          disabled={busy || access.readOnly !== undefined}
          title={access.readOnly}
        >
          Acknowledge
        </button>
      </form>
      {access.readOnly !== undefined && <p class="soft">{access.readOnly}.</p>}
      {refusal !== undefined && <p class="refused" role="alert">{refusal.detail}</p>}
    </>
  );
}

/** The panel. */
export function AlertDetail({ id, onChange }: { id: number; onChange: () => void }): JSX.Element {
  const access = useAccess();
  const history = useLoaded(
    (signal) => access.read<z.output<typeof Answer.alertHistory>>(`/quality/alerts/${id}`, {}, signal),
    [access, id],
  );
  return (
    <section class="panel" aria-label={`Alert ${id}`}>
      <Shown data={history} what="this alert">
        {({ alert, events }) => (
          <>
            <div class="row">
              <Status word={alert.severity} />
              <h2>{words(alert.kind)}</h2>
              <AlertSubject {...alert} />
              <Status word={alert.state} />
              <button type="button" class="quiet last" onClick={() => change({ alert: undefined })}>
                Close
              </button>
            </div>
            <p>{alert.summary}</p>
            <p class="soft">
              Open since {moment(alert.opened_at)} UTC, last seen {moment(alert.last_seen_at)},{" "}
              {plural(alert.occurrences, "failing observation")}
              {alert.acknowledged_by !== null && `, acknowledged by ${alert.acknowledged_by}`}
              {alert.resolved_by !== null && `, resolved by ${alert.resolved_by}`}
            </p>
            {alert.state === "open" && (
              <Acknowledge
                id={id}
                onDone={() => {
                  history.reload();
                  onChange();
                }}
              />
            )}
            <div class="two">
              <div>
                <h3>Evidence</h3>
                <EvidenceWords evidence={alert.evidence} />
              </div>
              <div>
                <h3>What happened</h3>
                <ol class="lines">
                  {events.map((event) => (
                    <li key={event.number}>
                      <strong>{event.event}</strong> {moment(event.at)} UTC
                      {event.actor !== "spool" && <>{" "}by {event.actor}</>}
                      {event.held_back && <small>, nobody was notified: it comes and goes</small>}
                      <p class="soft">{event.summary}</p>
                    </li>
                  ))}
                </ol>
              </div>
            </div>
          </>
        )}
      </Shown>
    </section>
  );
}
