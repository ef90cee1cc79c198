/** Corrections of dead letters: what is replayed in the place of what could not be accepted. */

import type { Context, Hono } from "hono";
import type postgres from "postgres";
import type { z } from "zod";
import { recordAudit } from "../../shared/audit.ts";
import { transaction } from "../../shared/database.ts";
import { methodNotAllowed, requireKey } from "../../shared/http.ts";
import type { KeyRing } from "../../shared/keys.ts";
import { bodyOf, pathId } from "../../shared/parameters.ts";
import { Problem } from "../../shared/problem.ts";
import { Body } from "./parameters.ts";
import type { Answer } from "./rows.ts";

/**
 * Adds the endpoint to the app.
 *
 * @param dependencies.sql As the database's owner.
 * @param dependencies.keys Who may correct.
 */
export function addCorrections(app: Hono, { sql, keys }: {
  readonly sql: postgres.Sql;
  readonly keys: KeyRing;
}): void {
  const path = "/dead-letters/:id/correction";

  app.post(path, requireKey(keys), async (c: Context) => {
    const id = pathId(c);
    const { correction } = await bodyOf(c, Body.correction);
    const outcome = await transaction(sql, async (tx) => {
      const [letter] = await tx<{ open: boolean }[]>`
        select replayed_at is null as open from public.dead_letters where id = ${id} for update`;
      if (letter?.open !== true) return letter === undefined ? "unknown" : "replayed";
      await tx`update public.dead_letters set correction = ${correction}::text::json where id = ${id}`;
      await recordAudit(tx, "function quality", "dead_letters.correct", String(id), {
        corrected: correction !== null,
      });
      return "corrected";
    });
    if (outcome === "unknown") {
      throw new Problem(
        404,
        "not-found",
        `Cannot find the dead letter ${id}: no dead letter has this id`,
      );
    }
    if (outcome === "replayed") {
      throw new Problem(
        409,
        "dead-letter-not-open",
        `Cannot correct the dead letter ${id} as it must be open: it has been replayed`,
      );
    }
    return c.json({ id, correction } satisfies z.output<typeof Answer.correction>);
  });

  app.all(path, methodNotAllowed("POST"));
}
