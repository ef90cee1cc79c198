/** A verdict as a word with a shape: colour alone does not tell it to everybody. */

import type { JSX } from "preact";

/** How good or bad something is; decides shape and colour. */
export type Tone = "ok" | "warning" | "fail" | "unknown";

/** What each tone looks like, in a square of 12. */
export const SHAPES: Readonly<Record<Tone, JSX.Element>> = {
  ok: <circle cx="6" cy="6" r="4.2" />,
  warning: <path d="M6 1 11.4 10.6H.6z" />,
  fail: <path d="M3.4 1h5.2L11 3.4v5.2L8.6 11H3.4L1 8.6V3.4z" />,
  unknown: <circle cx="6" cy="6" r="3.7" fill="none" stroke="currentColor" stroke-width="1.6" />,
};

const TONES: Readonly<Record<string, Tone>> = {
  ok: "ok",
  pass: "ok",
  success: "ok",
  resolved: "ok",
  stable: "ok",
  warning: "warning",
  degradation: "warning",
  acknowledged: "warning",
  fail: "fail",
  failed: "fail",
  open: "fail",
  drift: "fail",
};

/** Tone of a word that the database uses. */
export function toneOf(word: string): Tone {
  return TONES[word] ?? "unknown";
}

/** The shape of a tone. */
export function Shape({ tone }: { tone: Tone }): JSX.Element {
  return (
    <svg
      class={`shape ${tone}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      fill="currentColor"
      aria-hidden="true"
    >
      {SHAPES[tone]}
    </svg>
  );
}

/**
 * A verdict.
 *
 * @param word As the database has it: pass, fail, stable, open and so on.
 * @param tone Unless the word says it.
 */
export function Status({ word, tone = toneOf(word) }: { word: string; tone?: Tone }): JSX.Element {
  return (
    <span class={`status ${tone}`}>
      <Shape tone={tone} />
      {word.replaceAll("_", " ")}
    </span>
  );
}
