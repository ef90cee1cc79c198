/** `deno task dead-letters`: lists and replays what could not be accepted. */

import { connect } from "../shared/database.ts";
import { listDeadLetters, replayDeadLetters, type ReplayResult } from "../shared/dead_letters.ts";
import { DATABASE_OPTION, databaseUrl, Exit, print, run, task, UsageError, wholeNumber } from "./cli.ts";
import { table } from "./table.ts";

/** Characters of a payload or reason that a line shows; --json shows all. */
const EXCERPT = 60;

function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}

function replayText({ passed, failed, withheld }: ReplayResult): string {
  const text = `${passed} passed, ${failed} failed and stay open`;
  if (withheld === 0) return text;
  return `${text}; ${withheld} that the loader refused were not tried: correct them, or name their IDs`;
}

export const deadLettersTask = task({
  usage: "deno task dead-letters list|replay [ID…] [--all] [--limit N] [--database URL] [--json]",
  summary: "Lists the readings that could not be accepted, or sends them through the intake again. " +
    "Write dead_letters.correction to replay something else than what came.",
  options: {
    all: { type: "boolean", help: "list: those that a replay has stored, too" },
    limit: { type: "string", value: "N", help: "list: at most N (default 50)" },
    database: DATABASE_OPTION,
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  positionals: [1, Infinity],
  actions: ["list", "replay"],
  examples: [
    ["deno task dead-letters list", "The latest 50 that wait"],
    [
      "deno task dead-letters replay 17 18",
      "Sends two of them through the intake again, with their corrections",
    ],
  ],
}, async (given, [action, ...rest]) => {
  const ids = rest.map((id) => wholeNumber(id, "ID"));
  const limit = wholeNumber(given.limit ?? "50", "--limit");
  if (action === "list" && ids.length > 0) {
    throw new UsageError(
      "Cannot list single dead letters as IDs are for replay: leave them out, or use replay",
    );
  }

  const sql = connect(databaseUrl(given.database), 1);
  try {
    if (action === "replay") {
      const result = await replayDeadLetters(sql, "deno task dead-letters", ids.length > 0 ? ids : undefined);
      print(given.json ? JSON.stringify(result) : replayText(result));
      return result.failed > 0 ? Exit.dataFailed : Exit.done;
    }
    const letters = await listDeadLetters(sql, { all: given.all, limit });
    if (given.json) print(JSON.stringify({ dead_letters: letters }));
    else if (letters.length === 0) print("There are no dead letters.");
    else {
      print(table(
        ["id", "source", "seen", "path", "reason", "payload"],
        letters.map((
          { id, source, seen, path, reason, replay_error, payload },
        ) => [id, source, seen, path, excerpt(replay_error ?? reason), excerpt(payload)]),
      ));
    }
  } finally {
    await sql.end();
  }
});

if (import.meta.main) await run(deadLettersTask);
