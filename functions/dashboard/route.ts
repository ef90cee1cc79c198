/**
 * Where the viewer is. Everything about it is in the address, behind the #, so that it can be kept and sent to others,
 * and so that any host of static files will do, also below a path of its own.
 *
 * `#/engine/ENGINE_001?from=1704067200` is the page engine, its subject ENGINE_001, and a setting of the page.
 */

import { useEffect, useState } from "preact/hooks";

/** A place in the dashboard. */
export interface Route {
  readonly page: string;
  /** What the page is about, an engine for example. */
  readonly subject: string | undefined;
  readonly settings: URLSearchParams;
}

/** Settings of a page; undefined takes one away. */
export type Settings = Readonly<Record<string, string | number | undefined>>;

const HOME = "fleet";

/** Reads what is behind the # of an address. */
export function parseRoute(hash: string): Route {
  const [path, query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [page, subject] = path.split("/").map(decodeURIComponent);
  return { page: page || HOME, subject: subject || undefined, settings: new URLSearchParams(query) };
}

/** Address of a place. */
export function address(page: string, subject?: string, settings: Settings | URLSearchParams = {}): string {
  const given = settings instanceof URLSearchParams ? settings : new URLSearchParams(
    Object.entries(settings).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]),
  );
  const path = subject === undefined ? page : `${page}/${encodeURIComponent(subject)}`;
  return `#/${path}${given.size === 0 ? "" : `?${given}`}`;
}

const listeners = new Set<() => void>();
addEventListener("hashchange", () => {
  for (const listener of listeners) listener();
});

/** The place the viewer is at. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listener = () => setHash(location.hash);
    listeners.add(listener);
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return parseRoute(hash);
}

/**
 * Changes settings of the page. What is typed or dragged replaces the address, so that Back leaves the page instead of
 * taking back one letter.
 */
export function change(settings: Settings, options: { readonly keep?: boolean } = {}): void {
  const { page, subject, settings: before } = parseRoute(location.hash);
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || value === "") after.delete(name);
    else after.set(name, String(value));
  }
  const to = address(page, subject, after);
  if (to === location.hash) return;
  if (options.keep) history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  for (const listener of listeners) listener();
}
