/** How far long work has come: a bar on a terminal, plain lines elsewhere, on standard error. */

import { Presets, SingleBar } from "cli-progress";
import { complain } from "./cli.ts";

/** One piece of work with a known or unknown end. */
export interface Stage {
  /**
   * Says that `amount` more is done.
   *
   * @param note What else there is to say at the moment, in a few words; stays until the next one.
   */
  advance(amount: number, note?: string): void;
  /** Says that it is over, however far it came. */
  end(): void;
}

/** Reports stages, one after another. */
export interface Progress {
  /**
   * Begins a stage.
   *
   * @param label What is worked on.
   * @param total How much there is to do; null where that is unknown.
   * @param unit What is counted, in the plural: `rows`.
   */
  stage(label: string, total: number | null, unit: string): Stage;
}

/** Says nothing: for `--json` and for tests. */
export const silent: Progress = { stage: () => ({ advance() {}, end() {} }) };

/** At least this many milliseconds between two plain lines: they end up in logs. */
const LINE_INTERVAL_MS = 5_000;

function count(amount: number): string {
  return Math.round(amount).toLocaleString("en-US");
}

/** Amount per second since `startedMs`, from `performance.now()`. */
function speed(done: number, startedMs: number): number {
  return done / Math.max(performance.now() - startedMs, 1) * 1000;
}

/**
 * Plain lines: one every few seconds, and one at the end.
 *
 * @param write Takes each line.
 */
export function lineProgress(write: (line: string) => void): Progress {
  return {
    stage(label, total, unit) {
      const startedMs = performance.now();
      let done = 0;
      let lastMs = startedMs;
      let said = "";
      return {
        advance(amount, note) {
          done += amount;
          if (note !== undefined) said = `, ${note}`;
          if (performance.now() - lastMs < LINE_INTERVAL_MS) return;
          lastMs = performance.now();
          const perSecond = speed(done, startedMs);
          const left = total === null || done === 0
            ? ""
            : ` of ${count(total)} (${Math.floor(done / total * 100)} %), ${
              count((total - done) / perSecond)
            } s left`;
          write(`${label}: ${count(done)} ${unit}${left}, ${count(perSecond)} ${unit}/s${said}`);
        },
        end() {
          const seconds = (performance.now() - startedMs) / 1000;
          write(
            `${label}: ${count(done)} ${unit} in ${seconds.toFixed(1)} s, ${
              count(speed(done, startedMs))
            } ${unit}/s${said}`,
          );
        },
      };
    },
  };
}

/** A bar that is drawn over itself. */
function barProgress(): Progress {
  return {
    stage(label, total, unit) {
      const startedMs = performance.now();
      let done = 0;
      let said = "";
      const bar = new SingleBar({
        format: total === null
          ? `${label}  {count} ${unit}  {speed} ${unit}/s{said}`
          : `${label}  {bar} {percentage} %  {count} of {all} ${unit}  {speed} ${unit}/s  {eta_formatted} left{said}`,
        // Ctrl-C ends the process at once, and nobody would switch these on again
        hideCursor: false,
        linewrap: true,
        etaBuffer: 50,
      }, Presets.shades_classic);
      const shown = () => ({
        count: count(done),
        all: count(total ?? 0),
        speed: count(speed(done, startedMs)),
        said,
      });
      bar.start(total ?? 0, 0, shown());
      return {
        advance(amount, note) {
          done += amount;
          if (note !== undefined) said = `  ${note}`;
          bar.update(done, shown());
        },
        end() {
          bar.update(done, shown());
          bar.stop();
        },
      };
    },
  };
}

/**
 * The reporter for where the command runs: a bar when standard error is a terminal, plain lines when not.
 *
 * @param options.quiet Nothing at all, as with `--json`.
 */
export function createProgress(options: { readonly quiet: boolean }): Progress {
  if (options.quiet) return silent;
  return Deno.stderr.isTerminal() ? barProgress() : lineProgress(complain);
}
