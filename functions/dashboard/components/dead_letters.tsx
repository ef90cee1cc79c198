/** What could not be accepted: why, what it was, what to replay in its place. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { z } from "zod";
import type { Answer, DeadLetter } from "../../quality/rows.ts";
import { type Refusal, useAccess } from "../access.ts";
import { ago, moment, number, plural } from "../format.ts";
import { refusalOf, useLoaded } from "../loaded.ts";
import { change, type Route } from "../route.ts";
import { type Column, DataTable } from "./data_table.tsx";
import { Nothing, Shown } from "./shown.tsx";
import { Status } from "./status.tsx";

type Letter = z.output<typeof DeadLetter>;
type Replay = z.output<typeof Answer.replay>;

/** Dead letters that are read at most. */
const MOST = 1000;

function stateOf({ replayed_at, replay_error, correction }: Letter): JSX.Element {
  if (replayed_at !== null) return <Status word="replayed" tone="ok" />;
  if (replay_error !== null) return <Status word="replay failed" tone="fail" />;
  return <Status word={correction === null ? "open" : "corrected"} tone="warning" />;
}

function columnsFor(open: number | undefined): readonly Column<Letter>[] {
  return [
    {
      name: "id",
      title: "Letter",
      by: ({ id }) => id,
      cell: ({ id }) => (
        <button
          type="button"
          class="link"
          aria-expanded={id === open}
          onClick={() => change({ letter: id === open ? undefined : id }, { keep: true })}
        >
          {id}
        </button>
      ),
    },
    {
      name: "state",
      title: "State",
      by: ({ replayed_at, replay_error }) => replayed_at !== null ? 2 : replay_error !== null ? 0 : 1,
      cell: stateOf,
    },
    { name: "source", title: "Door", by: ({ source }) => source, cell: ({ source }) => source },
    {
      name: "path",
      title: "Where",
      by: ({ path }) => path,
      cell: ({ path }) => path === "" ? "whole" : <code>{path}</code>,
    },
    { name: "reason", title: "Why", wide: true, cell: ({ reason }) => reason },
    {
      name: "seen",
      title: "Seen",
      hint: "How often it has arrived",
      numeric: true,
      by: ({ seen }) => seen,
      cell: ({ seen }) => number(seen),
    },
    {
      name: "first",
      title: "First",
      by: ({ first_seen_at }) => first_seen_at,
      cell: ({ first_seen_at }) => <span title={`${moment(first_seen_at)} UTC`}>{ago(first_seen_at)}</span>,
    },
    {
      name: "replays",
      title: "Replays",
      numeric: true,
      by: ({ replay_attempts }) => replay_attempts,
      cell: ({ replay_attempts }) => number(replay_attempts),
    },
  ];
}

/** JSON laid out to be read, unless that would change a number in it. */
function laidOut(text: string): string {
  try {
    const value = JSON.parse(text);
    const same = JSON.stringify(value).replace(/\s/g, "") === text.replace(/\s/g, "");
    return same ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

function replayed({ passed, failed, withheld }: Replay): string {
  return [
    `${plural(passed, "letter")} replayed`,
    ...failed > 0 ? [`${number(failed)} still refused`] : [],
    ...withheld > 0 ? [`${number(withheld)} of the loader wait for a correction`] : [],
  ].join(", ");
}

function LetterDetail(
  { letter, onChange }: { letter: Letter; onChange: (outcome: string) => void },
): JSX.Element {
  const access = useAccess();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const open = letter.replayed_at === null;

  async function act(work: () => Promise<string>): Promise<void> {
    setBusy(true);
    setRefusal(undefined);
    try {
      onChange(await work());
    } catch (error) {
      setRefusal(refusalOf(error));
    } finally {
      setBusy(false);
    }
  }

  async function replay(): Promise<string> {
    return `${replayed(await access.write<Replay>("/quality/dead-letters/replay", { ids: [letter.id] }))}.`;
  }

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("correction"));
    await act(async () => {
      await access.write(`/quality/dead-letters/${letter.id}/correction`, { correction: text });
      return await replay();
    });
  }

  return (
    <section class="panel" aria-label={`Dead letter ${letter.id}`}>
      <div class="row">
        <h2>Dead letter {letter.id}</h2>
        {stateOf(letter)}
        <button type="button" class="quiet last" onClick={() => change({ letter: undefined })}>Close</button>
      </div>
      <p>{letter.reason}</p>
      {letter.replay_error !== null && <p class="refused">Last replay: {letter.replay_error}</p>}
      <p class="soft">
        Through {letter.source}
        {letter.reference !== null && ` (${letter.reference})`}, place {number(letter.position)}{" "}
        of its batch, first {moment(letter.first_seen_at)} UTC, last {moment(letter.last_seen_at)}
        {letter.replayed_at !== null && `, replayed ${moment(letter.replayed_at)}`}
      </p>
      <div class="two">
        <div>
          <h3>As it came</h3>
          <pre class="payload" tabIndex={0} role="region" aria-label="Payload">{laidOut(letter.payload)}</pre>
        </div>
        <form onSubmit={submit}>
          <h3>
            <label for="correction">What is replayed in its place</label>
          </h3>
          <textarea
            id="correction"
            name="correction"
            rows={12}
            spellcheck={false}
            disabled={!open || access.readOnly !== undefined}
            defaultValue={laidOut(letter.correction ?? letter.payload)}
          />
          <div class="row">
            <button
              type="submit"
              class="primary"
              disabled={!open || busy || access.readOnly !== undefined}
              title={access.readOnly}
            >
              Correct and replay
            </button>
            <button
              type="button"
              disabled={!open || busy || access.readOnly !== undefined}
              title={access.readOnly}
              onClick={() => act(replay)}
            >
              Replay as it is
            </button>
          </div>
          {refusal !== undefined && <p class="refused" role="alert">{refusal.detail}</p>}
        </form>
      </div>
    </section>
  );
}

/** The part of the page. */
export function DeadLetters({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const state = route.settings.get("state") ?? "open";
  const open = Number(route.settings.get("letter")) || undefined;
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<string | Refusal>();
  const letters = useLoaded(
    (signal) =>
      access.read<z.output<typeof Answer.deadLetters>>(
        "/quality/dead-letters",
        { state, limit: MOST },
        signal,
      ),
    [access, state],
  );
  const columns = useMemo(() => columnsFor(open), [open]);
  const q = route.settings.get("q") ?? "";

  async function replayAll(): Promise<void> {
    setBusy(true);
    setOutcome(undefined);
    try {
      setOutcome(`${replayed(await access.write<Replay>("/quality/dead-letters/replay"))}.`);
      letters.reload();
    } catch (error) {
      setOutcome(refusalOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <p class="told" role="status">
        {typeof outcome === "string" && outcome}
        {typeof outcome === "object" && <span class="refused">{outcome.detail}</span>}
      </p>
      <Shown data={letters} what="the dead letters">
        {({ dead_letters, next }) => {
          const chosen = dead_letters.find(({ id }) => id === open);
          const shown = dead_letters.filter(({ reason, source, path, payload }) =>
            [reason, source, path, payload].join(" ").toLowerCase().includes(q.toLowerCase())
          );
          return (
            <>
              {chosen !== undefined && (
                <LetterDetail
                  key={`${chosen.id} ${chosen.replay_attempts}`}
                  letter={chosen}
                  onChange={(told) => {
                    setOutcome(told);
                    letters.reload();
                  }}
                />
              )}
              <section class="panel">
                <div class="row" role="search">
                  <input
                    type="search"
                    aria-label="Search dead letters"
                    placeholder="Search dead letters"
                    value={q}
                    onInput={(event) => change({ q: event.currentTarget.value, page: undefined })}
                  />
                  <select
                    aria-label="State"
                    value={state}
                    onChange={(event) =>
                      change({
                        state: event.currentTarget.value === "open" ? undefined : event.currentTarget.value,
                      })}
                  >
                    <option value="open">Open</option>
                    <option value="replayed">Replayed</option>
                    <option value="all">All</option>
                  </select>
                  <span class="soft" role="status">
                    {plural(shown.length, "dead letter")}
                    {next !== null && `, the latest ${number(MOST)}`}
                  </span>
                  <button
                    type="button"
                    class="last"
                    disabled={busy || access.readOnly !== undefined || dead_letters.length === 0}
                    title={access.readOnly}
                    onClick={replayAll}
                  >
                    Replay all that are open
                  </button>
                </div>
                {shown.length === 0
                  ? state === "open" && q === ""
                    ? (
                      <Nothing title="Nothing waits to be replayed">
                        <p>Readings that cannot be accepted come here, whole, with the reason.</p>
                      </Nothing>
                    )
                    : <p class="soft">No dead letter is like this.</p>
                  : (
                    <DataTable
                      label="Dead letters"
                      rows={shown}
                      columns={columns}
                      keyOf={({ id }) => id}
                      route={route}
                    />
                  )}
              </section>
            </>
          );
        }}
      </Shown>
    </>
  );
}
