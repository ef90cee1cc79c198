/** Light or dark: as the system has it, unless the viewer has chosen. */

const ITEM = "spool.theme";

/** What is shown now. */
export function theme(): "light" | "dark" {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Charts are drawn, not styled: they are told when to draw again. */
const EVENT = "spool:theme";

function apply(chosen: string | null): void {
  if (chosen === null) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  dispatchEvent(new Event(EVENT));
}

/** Takes up the choice of an earlier visit. */
export function restoreTheme(): void {
  apply(localStorage.getItem(ITEM));
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    () => dispatchEvent(new Event(EVENT)),
  );
}

/** Changes from one to the other, for this browser. */
export function toggleTheme(): void {
  const chosen = theme() === "dark" ? "light" : "dark";
  localStorage.setItem(ITEM, chosen);
  apply(chosen);
}

/** Calls a function when colours change; returns what ends that. */
export function onTheme(listener: () => void): () => void {
  addEventListener(EVENT, listener);
  return () => removeEventListener(EVENT, listener);
}

/** A colour of style.css by its name, for what is drawn. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
