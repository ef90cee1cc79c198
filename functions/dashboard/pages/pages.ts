/** The pages, in the order of the navigation. A page is a component; it reads its settings from the route. */

import type { FunctionComponent } from "preact";
import type { Route } from "../route.ts";
import { AlertsPage } from "./alerts.tsx";
import { DataPage } from "./data.tsx";
import { EnginePage } from "./engine.tsx";
import { FleetPage } from "./fleet.tsx";
import { LivePage } from "./live.tsx";
import { PipelinePage } from "./pipeline.tsx";
import { QualityPage } from "./quality.tsx";

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
  { name: "quality", title: "Quality", component: QualityPage },
  { name: "pipeline", title: "Pipeline", component: PipelinePage },
  { name: "alerts", title: "Alerts", component: AlertsPage },
  { name: "data", title: "Data", component: DataPage },
  { name: "live", title: "Live", component: LivePage },
];
