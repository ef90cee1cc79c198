/** Parameters of the endpoints: what each may be. */

import { z } from "zod";
import { limit, name, oneOf, queryNumber, time } from "../../shared/parameters.ts";

/** Text that is compared, not run; longer than any name there can be is a mistake. */
function text(most: number) {
  const error = `1 to ${most} characters`;
  return z.string({ error }).min(1, { error }).max(most, { error });
}

/** Largest value of Postgres' integer. */
const MOST_CYCLES = 2_147_483_647;

const since = time.optional().describe("Events at this moment or later ones");

/** The query parameters of each endpoint. */
export const Query = {
  assets: z.strictObject({
    kind: oneOf(["table", "view", "lake"]).optional(),
    tag: text(100).optional().describe("Only assets with this tag"),
    classification: oneOf(["public", "internal", "confidential", "restricted"]).optional(),
    owner: text(100).optional().describe("Only assets of this owner"),
    q: text(200).optional().describe("Words in the name, the description or the tags"),
  }),
  asset: z.strictObject({}),
  lineage: z.strictObject({
    job: text(200).optional().describe("Only events of this job, run_checks for example"),
    run: z.guid({ error: "a UUID" }).optional().describe("Only events of this run; of a batch, its batch_id"),
    dataset: text(900).optional().describe(
      "Only events that read or wrote it: a table, a file, a stream, a key of the lake",
    ),
    from: since,
    to: time.optional().describe("Events before this moment"),
    limit,
    cursor: z.string().regex(/^\d{1,18}\.[0-9a-f-]{36}\.[1-3][A-Z]+$/, { error: "next of an earlier answer" })
      .optional().describe("next of the page before this one"),
  }),
  readings: z.strictObject({
    engine: name.describe("Engine, by unit_number"),
    cycle: queryNumber(1, MOST_CYCLES).describe("Flight cycle of the reading"),
    timestamp: time.optional().describe("Time of the reading; all readings of the cycle unless given"),
  }),
  graph: z.strictObject({
    from: time.optional().describe("Runs from this moment on; of the last seven days unless given"),
  }),
  lake: z.strictObject({
    prefix: text(900).optional().describe("Only objects whose key begins with this"),
    limit,
    cursor: text(900).optional().describe("next of the page before this one"),
  }),
  object: z.strictObject({}),
} as const;
