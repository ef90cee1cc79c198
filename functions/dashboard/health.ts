/** The words for how an engine stands. */

import type { z } from "zod";
import type { Engine } from "../quality/rows.ts";

/** How an engine stands, as the database has it. */
export type Health = z.output<typeof Engine>["health"];

/** The worst first. */
export const HEALTHS: readonly Health[] = ["fail", "warning", "ok", "unknown"];

/** As people read them. */
export const HEALTH_NAMES: Readonly<Record<Health, string>> = {
  fail: "Failing",
  warning: "Warning",
  ok: "Healthy",
  unknown: "Not judged",
};
