/** One level down: the clusters, who leads each, what is agreed, who hears whom. */
import type { ReactNode } from "react";
import type { PageCluster, PageView } from "../../../report/view.ts";
import { select } from "../actions.ts";
import { percent } from "../format.ts";
import { fleet } from "../frames.ts";
import { GradeGlyph } from "../parts/glyph.tsx";
import { indicesOf } from "../selection.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";
import { GroundLinks, MeshLinks } from "./links.tsx";

/** Rows of the cluster table; the worst stand first. */
const CLUSTERS_SHOWN = 400;
const MEMBERS_SHOWN = 64;

const nameOf = (index: number): string => (fleet.has(index) ? String(index) : TEXT.ground);

export function SwarmView(): ReactNode {
  const view = usePage((state) => state.view);
  if (view === undefined) return null;
  const { cluster } = view;
  const { leader } = cluster;
  return (
    <div className="sheet" data-testid="swarm">
      <h2>{TEXT.clusters}</h2>
      <Clusters clusters={view.clusters} />
      <h2>{TEXT.cluster}</h2>
      <dl className="tiles">
        <div>
          <dt>{TEXT.head}</dt>
          <dd>{leader === null ? TEXT.nobody : nameOf(leader)}</dd>
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
      <Members cluster={cluster} />
      <h2>{TEXT.mesh}</h2>
      <MeshLinks />
      <h2>{TEXT.links}</h2>
      <GroundLinks links={view.links} />
    </div>
  );
}

type Health = "alarm" | "warning" | "well";

/** Without a quorum nothing is agreed there; with members missing it may soon be so. */
export function healthOf({ quorum, reachable, memberCount }: PageCluster): Health {
  if (!quorum) return "alarm";
  return reachable < memberCount ? "warning" : "well";
}

const RANK = { alarm: 0, warning: 1, well: 2 } as const;

function Clusters({ clusters }: Pick<PageView, "clusters">): ReactNode {
  const selected = usePage((state) => state.selected);
  const chosen = selected.join();
  const sorted = [...clusters]
    .sort((a, b) => RANK[healthOf(a)] - RANK[healthOf(b)] || a.id - b.id)
    .slice(0, CLUSTERS_SHOWN);
  return (
    <>
      <p className="why">{TEXT.clustersWhy}</p>
      <table className="clusters">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{TEXT.health}</th>
            <th scope="col">{TEXT.head}</th>
            <th scope="col">{TEXT.term}</th>
            <th scope="col">{TEXT.reachable}</th>
            <th scope="col">{TEXT.members}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((cluster) => (
            <ClusterLine
              key={cluster.id}
              cluster={cluster}
              chosen={chosen !== "" && chosen === indicesOf(cluster.members).join()}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

interface ClusterLineProps {
  readonly cluster: PageCluster;
  readonly chosen: boolean;
}

function ClusterLine({ cluster, chosen }: ClusterLineProps): ReactNode {
  const { id, head, term, members, memberCount, reachable } = cluster;
  const health = healthOf(cluster);
  const words = { alarm: TEXT.clusterCut, warning: TEXT.clusterThin, well: TEXT.clusterWell };
  return (
    <tr className={`cluster-${health}${chosen ? " chosen" : ""}`} data-cluster={id}>
      <td>
        <button
          type="button"
          className="number"
          aria-pressed={chosen}
          title={TEXT.clusterName(id)}
          onClick={() => select(chosen ? [] : indicesOf(members))}
        >
          {id}
        </button>
      </td>
      <td className="cluster-health">
        <GradeGlyph grade={health} /> {words[health]}
      </td>
      <td>{head === null ? TEXT.nobody : <b className="number">{nameOf(head)}</b>}</td>
      <td>{term}</td>
      <td>
        {TEXT.memberHeard(reachable, memberCount)}{" "}
        <small>{percent(memberCount === 0 ? 0 : reachable / memberCount)}%</small>
      </td>
      <td className="cluster-members" title={members}>
        {members.replaceAll(",", ", ")}
      </td>
    </tr>
  );
}

function Members({ cluster }: Pick<PageView, "cluster">): ReactNode {
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
        {cluster.members.slice(0, MEMBERS_SHOWN).map(({ index, role, reachable, matchIndex }) => {
          const behind = Math.max(0, cluster.commitIndex - (matchIndex ?? 0));
          return (
            <tr key={index} className={reachable ? "" : "muted"}>
              <td>
                <b className="number">{nameOf(index)}</b>
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
