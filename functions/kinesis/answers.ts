/** How each sender is answered: what it takes for success, and what tells it to send the same again. */

import type { IntakeResult } from "../../shared/intake.ts";
import { Problem } from "../../shared/problem.ts";

/** The answers that one sender understands. */
export interface Answers {
  /** Everything is stored: now, or when the same request came before. */
  stored(result: IntakeResult | undefined): Response;
  /** Nothing is stored, and the sender has to keep it. */
  failed(problem: Problem): Response;
}

/**
 * 413 tells Firehose that the records can never be delivered: it drops them, and does not even write them to the
 * bucket of failed ones. After any other status it tries again for as long as it is configured to, and then writes
 * them there. So nobody is ever answered 413.
 */
function neverTooLarge(problem: Problem): Problem {
  const { status, type, title, detail, extension, headers } = problem;
  return status === 413 ? new Problem(400, type, title, detail, extension, headers) : problem;
}

/** Longest errorMessage that Firehose takes. */
const LONGEST_MESSAGE = 8192;

/**
 * Firehose's: only 200 is success, and only with the request's own identifier and a whole number of milliseconds.
 *
 * @param requestId The request's identifier; empty where it could not be read.
 */
export function firehoseAnswers(requestId: string): Answers {
  const answer = (status: number, errorMessage?: string, headers: Readonly<Record<string, string>> = {}) =>
    Response.json({ requestId, timestamp: Date.now(), errorMessage }, {
      status,
      // no-transform: Content-Encoding must not be used, and nobody on the way may think otherwise
      headers: { ...headers, "content-type": "application/json", "cache-control": "no-transform" },
    });
  return {
    stored: () => answer(200),
    failed: (problem) => {
      const { status, detail, headers, extension: { request_id } } = neverTooLarge(problem);
      // Firehose writes its own log, and this line is all that is there
      const message = request_id === undefined ? detail : `${detail} (request ${request_id})`;
      return answer(status, message.slice(0, LONGEST_MESSAGE), headers);
    },
  };
}

/**
 * Those that a Lambda function can return as they are. One bad record is a dead letter and no failure of its batch, so
 * either none has failed or all have; Lambda then begins again at the lowest sequence number.
 */
export function lambdaAnswers(sequenceNumbers: readonly string[]): Answers {
  return {
    stored: () => Response.json({ batchItemFailures: [] }),
    failed: (problem) => {
      const { status, type, title, detail, extension, headers } = neverTooLarge(problem);
      const batchItemFailures = sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier }));
      return new Problem(status, type, title, detail, { ...extension, batchItemFailures }, headers)
        .toResponse();
    },
  };
}

/** Errors listed in one answer; the count of rejected readings is exact whatever this is. */
const MOST_ERRORS = 100;

/** EventBridge's, which looks at the status only; the rest is for people, and as POST /ingest has it. */
export const PIPES_ANSWERS: Answers = {
  stored: (result) =>
    Response.json({
      batch_id: result?.batchId,
      accepted: result?.accepted,
      duplicates: result?.duplicates,
      rejected: result?.rejections.length,
      errors: result?.rejections.slice(0, MOST_ERRORS),
    }),
  failed: (problem) => neverTooLarge(problem).toResponse(),
};
