/** One level down: who leads, what is agreed, who hears whom. */
import type { ReactNode } from "react";
import type { GroundView } from "../../../report/view.ts";
import { countdown, percent } from "../format.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

/** The prediction reaches no further. */
const LASTS_LONG_S = 3600;

const nameOf = (index: number, vehicles: GroundView["vehicles"]): string =>
  vehicles.some((vehicle) => vehicle.index === index) ? String(index) : TEXT.ground;

export function SwarmView(): ReactNode {
  const view = usePage((state) => state.view);
  if (view === undefined) return null;
  const { cluster, vehicles } = view;
  const { leader } = cluster;
  return (
    <div className="sheet" data-testid="swarm">
      <h2>{TEXT.cluster}</h2>
      <dl className="tiles">
        <div>
          <dt>{TEXT.head}</dt>
          <dd>{leader === null ? TEXT.nobody : nameOf(leader, vehicles)}</dd>
        </div>
        <div>
          <dt>{TEXT.term}</dt>
          <dd>{cluster.term}</dd>
        </div>
        <div>
          <dt>{TEXT.agreedUpTo}</dt>
          <dd>{cluster.commitIndex}</dd>
        </div>
        <div className={cluster.quorum ? "good" : "bad"}>
          <dt>{TEXT.quorum}</dt>
          <dd className="words">{cluster.quorum ? TEXT.quorumYes : TEXT.quorumNo}</dd>
        </div>
      </dl>
      <Members view={view} />
      <h2>{TEXT.links}</h2>
      <LinkTable view={view} />
    </div>
  );
}

function Members({ view }: { readonly view: GroundView }): ReactNode {
  const { cluster, vehicles } = view;
  // Only a head knows how far the logs of the others reach.
  const told = cluster.members.filter(({ matchIndex }) => matchIndex !== null).length > 1;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{TEXT.member}</th>
          <th scope="col">{TEXT.role}</th>
          <th scope="col">{TEXT.reachable}</th>
          {told ? <th scope="col">{TEXT.has}</th> : null}
        </tr>
      </thead>
      <tbody>
        {cluster.members.map(({ index, role, reachable, matchIndex }) => {
          const behind = Math.max(0, cluster.commitIndex - (matchIndex ?? 0));
          return (
            <tr key={index} className={reachable ? "" : "muted"}>
              <td>
                <b className="number">{nameOf(index, vehicles)}</b>
              </td>
              <td>{TEXT.roles[role]}</td>
              <td>{reachable ? TEXT.yes : TEXT.no}</td>
              {told ? (
                <td>
                  {matchIndex ?? "–"}{" "}
                  <small>
                    {matchIndex === null ? "" : behind === 0 ? TEXT.upToDate : TEXT.behind(behind)}
                  </small>
                </td>
              ) : null}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function LinkTable({ view }: { readonly view: GroundView }): ReactNode {
  const sorted = [...view.links].sort((x, y) => y.quality - x.quality).slice(0, 100);
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
        {sorted.map(({ a, b, quality, lifetimeS }) => (
          <tr key={`${a}-${b}`}>
            <td>
              <b className="number">{nameOf(a, view.vehicles)}</b> –{" "}
              <b className="number">{nameOf(b, view.vehicles)}</b>
            </td>
            <td>{percent(quality)}%</td>
            <td>{lifetimeS >= LASTS_LONG_S ? TEXT.lastsLong : countdown(lifetimeS)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
