/** The bodies that POST /ingest takes, decoded into candidates: JSON, NDJSON and CSV. */

import { CsvError, parse as parseCsv } from "csv-parse/sync";
import { type Candidates, Undecodable } from "../../shared/candidates.ts";
import { Problem } from "../../shared/problem.ts";
import { jsonReadings, ndjsonReadings, UnreadableReadings } from "../../shared/readings_text.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";

function unreadable(detail: string): Problem {
  return new Problem(400, "unreadable-body", detail);
}

/** A reading, an array of readings, or `{"readings": […]}`. */
export function decodeJson(text: string): Candidates {
  try {
    const { values, payload } = jsonReadings(text, "the body");
    return { values, payload };
  } catch (error) {
    if (error instanceof UnreadableReadings) throw unreadable(error.message);
    throw error;
  }
}

/** One JSON value a line; empty lines are skipped. A line that is not JSON is that line's fault alone. */
export function decodeNdjson(text: string): Candidates {
  const { values, payload } = ndjsonReadings(text);
  return { values, payload };
}

const REQUIRED_COLUMNS = ["engine_id", "cycle", "timestamp", ...VALUE_COLUMNS];
const TEXT_COLUMNS = new Set(["engine_id", "timestamp"]);

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** An empty cell is null, a decimal number a number; anything else stays text, for validation to refuse. */
function cellValue(column: string, cell: string): string | number | null {
  if (TEXT_COLUMNS.has(column)) return cell;
  if (cell === "") return null;
  return DECIMAL.test(cell) ? Number(cell) : cell;
}

/** The row as a JSON object that keeps each number's own digits. */
function rowPayload(row: Record<string, string>): string {
  const members = Object.entries(row).map(([column, cell]) => {
    const value = !TEXT_COLUMNS.has(column) && JSON_NUMBER.test(cell)
      ? cell
      : JSON.stringify(cellValue(column, cell));
    return `${JSON.stringify(column)}:${value}`;
  });
  return `{${members.join(",")}}`;
}

/** CSV with a header line (RFC 4180, or with plain line feeds). A row of the wrong length is that row's fault alone. */
export function decodeCsv(text: string): Candidates {
  const skipped = new Map<number, string>(); // line in the file -> its text
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  let header: string[] = [];
  try {
    rows = parseCsv(text, {
      columns: (names: string[]) => {
        header = names;
        return names;
      },
      bom: true,
      trim: true,
      info: true,
      raw: true,
      record_delimiter: ["\r\n", "\n", "\r"], // left to itself, it takes the first line's for all
      relax_quotes: true, // a quote inside a cell is a character, and that cell's fault alone
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error, raw) => {
        if (!(error instanceof CsvError) || error.code !== "CSV_RECORD_INCONSISTENT_COLUMNS") throw error;
        skipped.set(error.lines as number, (raw ?? "").trim());
      },
    }) as unknown as typeof rows;
  } catch (error) {
    throw unreadable(`Cannot read the body as it must be CSV: ${(error as Error).message}`);
  }
  const missing = REQUIRED_COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw unreadable(
      `Cannot read the body as its first line must name every column: missing ${missing.join(", ")}`,
    );
  }
  const repeated = header.find((column, index) => header.indexOf(column) !== index);
  if (repeated !== undefined) {
    throw unreadable(
      `Cannot read the body as its first line must name each column once: repeated ${repeated}`,
    );
  }

  // rows and skipped lines in the order of the file
  const entries: { line: number; row?: Record<string, string>; text?: string }[] = [
    ...rows.map(({ record, info }) => ({ line: info.lines, row: record })),
    ...[...skipped].map(([line, text]) => ({ line, text })),
  ].sort((a, b) => a.line - b.line);
  return {
    values: entries.map(({ row, line }) =>
      row === undefined
        ? new Undecodable(
          `Cannot read line ${line} as it must have ${header.length} cells, as the first line has`,
        )
        : Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, cellValue(column, cell)]))
    ),
    payload: (index) => {
      const { row, text } = entries[index];
      return row === undefined ? JSON.stringify(text) : rowPayload(row);
    },
  };
}

const DECODERS = new Map([
  ["application/json", decodeJson],
  ["application/x-ndjson", decodeNdjson],
  ["application/ndjson", decodeNdjson],
  ["application/jsonl", decodeNdjson],
  ["application/x-jsonlines", decodeNdjson],
  ["text/csv", decodeCsv],
]);

/** The content types that {@link decoderFor} knows. */
export const CONTENT_TYPES: readonly string[] = [...DECODERS.keys()];

/**
 * Chooses the decoder for a Content-Type; JSON where there is none.
 *
 * @throws {Problem} 415 for any other type, or a charset that is not UTF-8.
 */
export function decoderFor(contentType: string | undefined): (text: string) => Candidates {
  const [type, ...parameters] = (contentType || "application/json").toLowerCase().split(";").map((part) =>
    part.trim()
  );
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  const decoder = DECODERS.get(type);
  if (decoder === undefined || !/^"?(utf-?8|us-ascii)"?$/.test(charset ?? "utf-8")) {
    throw new Problem(
      415,
      "unsupported-content-type",
      `Cannot read the body as its Content-Type must be ${CONTENT_TYPES.join(", ")} in UTF-8: ` +
        `current value is ${contentType}`,
    );
  }
  return decoder;
}
