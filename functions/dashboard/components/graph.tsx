/** A directed graph, drawn from left to right. Nodes are links: Tab leads from one to the next. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { layOut, type Point } from "../layers.ts";
import { SHAPES, type Tone } from "./status.tsx";

/** A node. */
export interface GraphNode {
  readonly id: string;
  readonly label: string;
  /** Second line. */
  readonly note?: string;
  readonly tone?: Tone;
  /** Decides how the box looks: class of style.css. */
  readonly kind?: string;
  readonly href: string;
  /** What is told to those who point at it: all of what the box may have had to shorten. */
  readonly title: string;
  readonly current?: boolean;
}

/** An edge. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Class of style.css. */
  readonly kind?: string;
}

/** px */
const MARGIN = 4;
/** px; of a letter of the label and of the second line, as wide as most are. */
const [LETTER, SMALL_LETTER] = [7.3, 6.3];

function shortened(text: string, room: number, letter = LETTER): string {
  const letters = Math.floor(room / letter);
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

function curve(points: readonly Point[]): string {
  return points.map(({ x, y }, index) => {
    if (index === 0) return `M${x} ${y}`;
    const bend = (points[index - 1].x + x) / 2;
    return `C${bend} ${points[index - 1].y} ${bend} ${y} ${x} ${y}`;
  }).join("");
}

/**
 * The drawing. What does not fit is scrolled to; the whole of it can be made smaller or larger.
 *
 * @param scale 1: as it is meant to be read.
 */
export function Graph({ label, nodes, edges, width = 176, height = 44, scale = 1 }: {
  label: string;
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  width?: number;
  height?: number;
  scale?: number;
}): JSX.Element {
  const shape = JSON.stringify([nodes.map(({ id }) => id), edges.map(({ from, to }) => [from, to])]);
  const layout = useMemo(
    () => layOut(nodes.map(({ id }) => ({ id, width, height })), edges),
    [shape, width, height],
  );
  const place = useRef<HTMLDivElement>(null);
  const current = nodes.find((node) => node.current)?.id;
  // what is looked at is seen first, also where the drawing is larger than its place
  useEffect(() => {
    const at = current === undefined ? undefined : layout.places.get(current);
    if (at === undefined) return;
    const { clientWidth, clientHeight } = place.current!;
    place.current!.scrollTo({
      left: (at.x + width / 2) * scale - clientWidth / 2,
      top: (at.y + height / 2) * scale - clientHeight / 2,
    });
  }, [layout, current, scale]);
  const [across, down] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  return (
    <div ref={place} class="graph" role="region" aria-label={label} tabIndex={0}>
      <svg
        width={across * scale}
        height={down * scale}
        viewBox={`${-MARGIN} ${-MARGIN} ${across} ${down}`}
        role="group"
        aria-label={label}
      >
        <g aria-hidden="true">
          {edges.map(({ from, to, kind }, index) => (
            <path key={`${from} ${to}`} class={`edge ${kind ?? ""}`} d={curve(layout.routes[index])} />
          ))}
        </g>
        {nodes.map(({ id, label, note, tone, kind, href, title, current }) => {
          const { x, y } = layout.places.get(id)!;
          const inset = tone === undefined ? 10 : 28;
          const middle = note === undefined ? height / 2 + 4 : height / 2 - 4;
          return (
            <g key={id} transform={`translate(${x} ${y})`}>
              <a href={href} class={`node ${kind ?? ""}`} aria-current={current ? "true" : undefined}>
                <rect width={width} height={height} rx="6">
                  <title>{title}</title>
                </rect>
                {tone !== undefined && (
                  <g class={tone} fill="currentColor" transform={`translate(10 ${middle - 10})`}>
                    {SHAPES[tone]}
                  </g>
                )}
                <text x={inset} y={middle}>{shortened(label, width - inset - 8)}</text>{" "}
                {note !== undefined && (
                  <text class="second" x={inset} y={middle + 15}>
                    {shortened(note, width - inset - 2, SMALL_LETTER)}
                  </text>
                )}
              </a>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
