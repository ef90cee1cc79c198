/**
 * npx, which the README starts Spool with, ends on SIGTERM without telling the command it runs: Postgres and the
 * port would be left behind. Ctrl-C needs none of this, because a terminal sends it to all of them.
 */

import process from "node:process";

/** How often to look, in ms: soon enough for somebody who starts it again. */
const INTERVAL = 500;

/** The npx among this process' ancestors; nothing when it was started otherwise. */
async function findLauncher(): Promise<number | undefined> {
  let listing: string;
  try {
    const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,ppid=,args="] }).output();
    listing = new TextDecoder().decode(stdout);
  } catch {
    return undefined; // no ps: Windows
  }
  const processes = new Map(
    [...listing.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map((
      [, pid, parent, args],
    ) => [Number(pid), { parent: Number(parent), args }]),
  );
  for (let pid = processes.get(Deno.pid)?.parent; pid !== undefined; pid = processes.get(pid)?.parent) {
    if (/^npm exec |\/npx(-cli\.js)? /.test(processes.get(pid)?.args ?? "")) return pid;
  }
  return undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // sends nothing
    return true;
  } catch {
    return false;
  }
}

/** Settles when the npx that started this process has ended; never when there is none. */
export async function launcherEnded(): Promise<void> {
  const launcher = await findLauncher();
  await new Promise<void>((resolve) => {
    if (launcher === undefined) return;
    const timer = setInterval(() => {
      if (isRunning(launcher)) return;
      clearInterval(timer);
      resolve();
    }, INTERVAL);
    Deno.unrefTimer(timer);
  });
}
