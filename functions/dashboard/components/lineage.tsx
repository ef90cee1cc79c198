/** What is made of what, drawn and as a list: as the catalogue declares it, and as runs have done it. */

import type { JSX } from "preact";
import type { z } from "zod";
import type { Answer } from "../../catalog/rows.ts";
import { useAccess } from "../access.ts";
import { ago, number, plural } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";
import { words } from "./evidence.tsx";
import { Graph } from "./graph.tsx";
import { Nothing, Shown } from "./shown.tsx";

type Lineage = z.output<typeof Answer.graph>;
type Node = Lineage["nodes"][number];

/** What is looked at first: what everything else is made of. */
const USUAL = "dataset:sensor_data";

/** Steps from the node that is looked at; a dataset and a job are one each. */
const STEPS = [2, 4, 6] as const;
const USUAL_STEPS = 2;

/** How large the drawing can be made. */
const SCALES = [0.5, 0.75, 1, 1.25, 1.5] as const;

/** Nodes that lead to a node, or that it leads to, in so many steps. */
function around({ edges }: Lineage, centre: string, steps: number): ReadonlySet<string> {
  const found = new Set([centre]);
  for (const [start, end] of [["from", "to"], ["to", "from"]] as const) {
    let border = new Set([centre]);
    for (let step = 0; step < steps && border.size > 0; step++) {
      const next = new Set<string>();
      for (const edge of edges) if (border.has(edge[start]) && !found.has(edge[end])) next.add(edge[end]);
      for (const id of next) found.add(id);
      border = next;
    }
  }
  return found;
}

function nodeAddress(route: Route, id: string): string {
  const settings = new URLSearchParams(route.settings);
  settings.set("around", id);
  return address("data", "lineage", settings);
}

function describe({ name, type, kind, classification }: Node): string {
  if (type === "job") return `job ${name}`;
  return [kind === "outside" ? "from outside" : kind, name.replace(/^outside: /, ""), classification]
    .filter((part) => part !== null).join(" ");
}

/** The edges as a list: for those who do not see them, and for those who want numbers. */
function Edges({ lineage, shown, route }: {
  lineage: Lineage;
  shown: ReadonlySet<string>;
  route: Route;
}): JSX.Element {
  const names = new Map(lineage.nodes.map((node) => [node.id, node.name.replace(/^outside: /, "")]));
  const edges = lineage.edges.filter(({ from, to }) => shown.has(from) && shown.has(to));
  return (
    <details class="panel">
      <summary>As a list: {plural(edges.length, "step")}</summary>
      <div class="table" role="region" aria-label="Lineage as a list" tabIndex={0}>
        <table class="compact">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Known from</th>
              <th scope="col" class="numeric">Runs</th>
              <th scope="col">Last run</th>
            </tr>
          </thead>
          <tbody>
            {edges.map(({ from, to, declared, runs, last_run_at }) => (
              <tr key={`${from} ${to}`}>
                <td>
                  <a href={nodeAddress(route, from)}>{names.get(from)}</a>
                </td>
                <td>
                  <a href={nodeAddress(route, to)}>{names.get(to)}</a>
                </td>
                <td>{declared ? runs > 0 ? "catalogue and runs" : "catalogue" : "runs"}</td>
                <td class="numeric">{number(runs)}</td>
                <td>{ago(last_run_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The part of the page. */
export function LineagePart({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const lineage = useLoaded(
    (signal) => access.read<Lineage>("/catalog/lineage/graph", {}, signal),
    [access],
  );
  const centre = route.settings.get("around") ?? USUAL;
  const asked = Number(route.settings.get("steps"));
  const steps = STEPS.find((number) => number === asked) ?? USUAL_STEPS;
  const scale = SCALES.find((number) => String(number) === route.settings.get("scale")) ?? 1;
  const resize = (by: number) => {
    const next = SCALES[SCALES.indexOf(scale) + by];
    change({ scale: next === 1 ? undefined : next });
  };
  return (
    <Shown data={lineage} what="the lineage">
      {(lineage) => {
        if (lineage.nodes.length === 0) {
          return <Nothing title="Nothing is in the catalogue" />;
        }
        const whole = centre === "all";
        const shown = whole ? new Set(lineage.nodes.map(({ id }) => id)) : around(lineage, centre, steps);
        const nodes = lineage.nodes.filter(({ id }) => shown.has(id)).map((node) => ({
          id: node.id,
          label: node.name.replace(/^outside: /, ""),
          note: node.type === "job" ? "job" : node.kind === "outside" ? "outside" : node.kind,
          kind: node.type === "job"
            ? "job"
            : node.kind === "table" || node.kind === "view"
            ? "asset"
            : node.kind,
          href: node.id === centre && node.type === "dataset" && node.kind !== "outside"
            ? address("data", "catalogue", { asset: node.name })
            : nodeAddress(route, node.id),
          title: describe(node),
          current: node.id === centre,
        }));
        const edges = lineage.edges.filter(({ from, to }) => shown.has(from) && shown.has(to))
          .map(({ from, to, declared, runs }) => ({
            from,
            to,
            kind: runs > 0 ? "taken" : declared ? "declared" : "",
          }));
        return (
          <>
            <section class="panel">
              <div class="row">
                <label class="grow">
                  <span class="unseen">Around</span>
                  <select
                    aria-label="Around"
                    value={centre}
                    onChange={(event) =>
                      change({
                        around: event.currentTarget.value === USUAL ? undefined : event.currentTarget.value,
                      }, { keep: true })}
                  >
                    <option value="all">Everything</option>
                    {(["dataset", "job"] as const).map((type) => (
                      <optgroup key={type} label={type === "job" ? "Jobs" : "Data"}>
                        {lineage.nodes.filter((node) =>
                          node.type === type
                        ).map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
                      </optgroup>
                    ))}
                  </select>
                </label>
                {!whole && (
                  <fieldset class="choice">
                    <legend class="unseen">How far</legend>
                    {STEPS.map((number) => (
                      <label key={number}>
                        <input
                          type="radio"
                          name="steps"
                          checked={number === steps}
                          onChange={() => change({ steps: number === USUAL_STEPS ? undefined : number })}
                        />
                        {number} steps
                      </label>
                    ))}
                  </fieldset>
                )}
                <div class="row zooms last">
                  <button
                    type="button"
                    aria-label="Smaller"
                    disabled={scale === SCALES[0]}
                    onClick={() => resize(-1)}
                  >
                    −
                  </button>
                  <button
                    type="button"
                    aria-label="Larger"
                    disabled={scale === SCALES.at(-1)}
                    onClick={() => resize(1)}
                  >
                    +
                  </button>
                  <span class="soft">{scale * 100} %</span>
                </div>
              </div>
              {shown.size === 1 ? <p class="soft">{`${words(centre)} stands alone.`}</p> : (
                <Graph
                  label="Lineage"
                  nodes={nodes}
                  edges={edges}
                  width={188}
                  height={40}
                  scale={scale}
                />
              )}
              <p class="legend">
                <span>
                  <i class="line taken" />runs have done it in seven days
                </span>
                <span>
                  <i class="line" />the catalogue says so
                </span>
                <span>Choose a node to look at what is around it</span>
                <span role="status">{plural(nodes.length, "node")}</span>
              </p>
            </section>
            <Edges lineage={lineage} shown={shown} route={route} />
          </>
        );
      }}
    </Shown>
  );
}
