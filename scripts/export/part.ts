/** A part of `deno task export`: what each of them is given, and what it gives back. */

import type postgres from "postgres";
import type { Lake } from "../../shared/lake/lake.ts";
import type { Exit, Given, Option } from "../cli.ts";
import type { Progress } from "../progress.ts";

/** What the command gives to each part. */
export interface ExportContext {
  /** Connection string of the database, for connections of a part's own (COPY). */
  readonly url: string;
  readonly sql: postgres.Sql;
  readonly lake: Lake;
  /** First and last UTC day, `2024-01-01`, where they were given. */
  readonly from?: string;
  readonly to?: string;
  /** Whether what is there already is written again. */
  readonly force: boolean;
  readonly progress: Progress;
}

/** What a part has done. */
export interface ExportResult {
  /** Goes into the document of `--json` under the part's name. */
  readonly json: unknown;
  /** Is printed without `--json`. */
  readonly text: string;
  /** Exit code, where it is not 0. */
  readonly exit?: Exit;
}

/** A part: its own options beside the common ones, and its work. */
export interface ExportPart<Options extends Record<string, Option>> {
  /** Half a sentence for the command's help. */
  readonly summary: string;
  readonly options: Options;
  /** Refuses wrong values before any part has begun. @throws {UsageError} */
  check?(given: Given<Options>): void;
  run(context: ExportContext, given: Given<Options>): Promise<ExportResult>;
}
