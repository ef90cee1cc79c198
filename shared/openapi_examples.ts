/** Requests that the OpenAPI documents show, and what they are answered. Tests send every one of them. */

/** A request of an operation. */
export interface Example {
  /** Short and without spaces: its key in the document. */
  readonly name: string;
  /** What it shows. */
  readonly summary: string;
  /** Members of the path, in braces there. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Of the body; JSON unless given. */
  readonly contentType?: string;
  /** The body breaks the document's schema, to show what comes of that. */
  readonly breaks?: true;
  /** Status of its answer; 200 unless given. */
  readonly status?: number;
}

/** What an example was answered when its answer was recorded. */
export interface RecordedAnswer {
  readonly contentType: string;
  readonly body: unknown;
}

/** The examples of a function, by operation: `GET /quality/summary`. */
export interface Examples {
  readonly examples: Readonly<Record<string, readonly Example[]>>;
  /** By operation and name; written by `deno task test tests/functions/examples_test.ts -- --update`. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, RecordedAnswer>>>>;
}

/** The recorded answer of an example, if there is one. */
export function exampleAnswer(
  answers: Examples["answers"],
  place: string,
  name: string,
): RecordedAnswer | undefined {
  return answers[place]?.[name];
}
