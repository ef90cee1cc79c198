/** A real Chromium. */

import process from "node:process";
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package chromium puts it. */
const DEBIAN_CHROMIUM = "/usr/bin/chromium";

async function present(): Promise<boolean> {
  return await Deno.stat(DEBIAN_CHROMIUM).then(() => true, () => false);
}

/** Whether there is one. In CI there must be: there, tests that need it fail instead of being skipped. */
export const hasChromium = process.env.CI !== undefined || await present();
if (!hasChromium) {
  // deno-lint-ignore no-console
  console.warn(
    "Chromium is not installed (Debian: chromium): tests of the dashboard in a browser are skipped",
  );
}

/** Starts it. Close it with `close()`. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: DEBIAN_CHROMIUM,
    // as root, which containers mostly are, it has no sandbox; what it opens here is ours
    args: ["--no-sandbox", "--font-render-hinting=none"],
  });
}
