/** The pages, in the order of the navigation. A page is a component; it reads its settings from the route. */

import type { FunctionComponent } from "preact";
import type { Route } from "../route.ts";
import { EnginePage } from "./engine.tsx";
import { FleetPage } from "./fleet.tsx";
import { LivePage } from "./live.tsx";

/** A page of the dashboard. */
export interface Page {
  /** Its name in the address. */
  readonly name: string;
  readonly title: string;
  /** Name of the page that the navigation shows instead of it. */
  readonly under?: string;
  readonly component: FunctionComponent<{ readonly route: Route }>;
}

export const PAGES: readonly Page[] = [
  { name: "fleet", title: "Fleet", component: FleetPage },
  { name: "engine", title: "Engine", under: "fleet", component: EnginePage },
  { name: "live", title: "Live", component: LivePage },
];
