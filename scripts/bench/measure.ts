/** Figures of a benchmark: several runs, compared pair by pair within the same run of the program. */

/** Smallest, middle and largest of several measurements. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** @param values At least one. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted.at(-1)! };
}

/** The ratios a[i] / b[i]: machines drift, so runs are compared with their neighbours. */
export function ratios(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, i) => value / b[i]));
}

/** Milliseconds that `work` takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** CPU time of a process so far, in ms, and its largest resident set so far, in bytes. Linux only. */
export async function processUsage(
  pid: number,
): Promise<{ cpuMs: number; peakRssBytes: number } | undefined> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const peakKiB = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    // utime and stime, fields 14 and 15 of proc_pid_stat(5), in clock ticks, of which Linux has 100 a second
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, peakRssBytes: Number(peakKiB) * 1024 };
  } catch {
    return undefined;
  }
}
