/** Where the project is whose data is shown: config.json, written beside the page by buildDashboard. */

/** The content of config.json. The publishable key is made to be seen; no other key may be in it. */
export interface Configuration {
  /** Address of the project, `https://REF.supabase.co`; `/` where it serves this page itself. */
  readonly supabaseUrl: string;
  readonly publishableKey: string;
}

/**
 * Reads config.json.
 *
 * @throws {Error} When the page has been published without it.
 */
export async function readConfiguration(): Promise<Configuration> {
  const response = await fetch("config.json");
  if (!response.ok) {
    throw new Error(
      `Cannot start as config.json must be beside this page: the host answered ${response.status}`,
    );
  }
  const { supabaseUrl, publishableKey } = await response.json();
  // relative where the project serves the page, which may have been opened under another of its names
  return { supabaseUrl: new URL(supabaseUrl, location.href).href.replace(/\/$/, ""), publishableKey };
}
