/** Who hears whom: the links that the ground uses, and those between vehicles looked at closely. */
import type { ReactNode } from "react";
import type { LinkRow, PageView } from "../../../report/view.ts";
import { select } from "../actions.ts";
import { countdown, percent } from "../format.ts";
import { fleet } from "../frames.ts";
import { page, usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

/** The prediction reaches no further. */
const LASTS_LONG_S = 3600;
/** A break that is predicted this soon is marked. */
const BREAKS_SOON_S = 60;
const SHOWN = 100;
const GRAPH_WIDTH = 560;
const GRAPH_HEIGHT = 300;
const GRAPH_EDGE = 26;

const nameOf = (index: number): string => (fleet.has(index) ? String(index) : TEXT.ground);

export function GroundLinks({ links }: Pick<PageView, "links">): ReactNode {
  const sorted = [...links].sort((x, y) => y.quality - x.quality).slice(0, SHOWN);
  return <LinkTable links={sorted} />;
}

/** As a graph over the ground, and as a list of what breaks first. */
export function MeshLinks(): ReactNode {
  const links = usePage((state) => state.details?.links) ?? NO_LINKS;
  const anyone = usePage((state) => state.selected.length > 0);
  usePage((state) => state.fleetVersion);
  if (links.length === 0) {
    return <p className="empty">{anyone ? TEXT.meshUnknown : TEXT.meshNone}</p>;
  }
  const soonest = [...links].sort((x, y) => x.lifetimeS - y.lifetimeS || x.a - y.a || x.b - y.b);
  const breaking = links.filter(({ lifetimeS }) => lifetimeS < BREAKS_SOON_S).length;
  return (
    <div data-testid="mesh">
      {breaking === 0 ? null : <p className="breaking">{TEXT.breaking(breaking)}</p>}
      <Graph links={links} />
      <LinkTable links={soonest.slice(0, SHOWN)} />
    </div>
  );
}

const NO_LINKS: readonly LinkRow[] = [];

interface Knot {
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

/** Where the vehicles stand on the ground, north up, fitted to the drawing; the base counts. */
function knotsOf(links: readonly LinkRow[]): ReadonlyMap<number, Knot> {
  const base = page().hello?.mission.base ?? { northM: 0, eastM: 0 };
  const places = [...new Set(links.flatMap(({ a, b }) => [a, b]))].map((index) => {
    const slot = fleet.slotOf(index);
    const known = slot >= 0;
    const northM = known ? fleet.northAt(slot) : base.northM;
    return { index, northM, eastM: known ? fleet.eastAt(slot) : base.eastM };
  });
  const norths = places.map(({ northM }) => northM);
  const easts = places.map(({ eastM }) => eastM);
  const [south, west] = [Math.min(...norths), Math.min(...easts)];
  const reach = {
    north: Math.max(1, Math.max(...norths) - south),
    east: Math.max(1, Math.max(...easts) - west),
  };
  const scale = Math.min(
    (GRAPH_WIDTH - 2 * GRAPH_EDGE) / reach.east,
    (GRAPH_HEIGHT - 2 * GRAPH_EDGE) / reach.north,
  );
  const left = (GRAPH_WIDTH - reach.east * scale) / 2;
  const foot = GRAPH_HEIGHT - (GRAPH_HEIGHT - reach.north * scale) / 2;
  return new Map(
    places.map(({ index, northM, eastM }) => [
      index,
      { index, x: left + (eastM - west) * scale, y: foot - (northM - south) * scale },
    ]),
  );
}

/** Width says quality, a broken line a break that is predicted within a minute. */
function Graph({ links }: { readonly links: readonly LinkRow[] }): ReactNode {
  const selected = new Set(usePage((state) => state.selected));
  const knots = knotsOf(links);
  return (
    <svg
      className="graph"
      viewBox={`0 0 ${GRAPH_WIDTH} ${GRAPH_HEIGHT}`}
      role="img"
      aria-label={TEXT.mesh}
    >
      {links.map(({ a, b, quality, lifetimeS }) => {
        const [from, to] = [knots.get(a), knots.get(b)];
        if (from === undefined || to === undefined) return null;
        const soon = lifetimeS < BREAKS_SOON_S;
        return (
          <line
            key={`${a}-${b}`}
            className={soon ? "link breaks" : "link"}
            x1={from.x}
            y1={from.y}
            x2={to.x}
            y2={to.y}
            strokeWidth={1 + 2.5 * quality}
          />
        );
      })}
      {[...knots.values()].map(({ index, x, y }) => (
        <g
          key={index}
          className={selected.has(index) ? "knot chosen" : "knot"}
          transform={`translate(${x} ${y})`}
          onClick={() => {
            if (fleet.has(index)) select([index]);
          }}
        >
          <circle r="11" />
          <text y="4">{fleet.has(index) ? index : "G"}</text>
        </g>
      ))}
    </svg>
  );
}

function LinkTable({ links }: { readonly links: readonly LinkRow[] }): ReactNode {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{TEXT.between}</th>
          <th scope="col">{TEXT.quality}</th>
          <th scope="col">{TEXT.lastsFor}</th>
        </tr>
      </thead>
      <tbody>
        {links.map(({ a, b, quality, lifetimeS }) => (
          <tr key={`${a}-${b}`} className={lifetimeS < BREAKS_SOON_S ? "breaks" : ""}>
            <td>
              <b className="number">{nameOf(a)}</b> – <b className="number">{nameOf(b)}</b>
            </td>
            <td>{percent(quality)}%</td>
            <td>{lifetimeS >= LASTS_LONG_S ? TEXT.lastsLong : countdown(lifetimeS)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
