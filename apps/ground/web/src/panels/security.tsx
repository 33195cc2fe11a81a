/** One level down: who holds keys, what was refused, and the way to take keys away. */
import type { ReactNode } from "react";
import type { GroundView, PageView } from "../../../report/view.ts";
import { order } from "../actions.ts";
import { countdown } from "../format.ts";
import { fleet } from "../frames.ts";
import { HoldButton } from "../parts/hold-button.tsx";
import { readableOf } from "../selection.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

type RefusedRows = GroundView["security"]["refused"];

export function SecurityView(): ReactNode {
  const view = usePage((state) => state.view);
  if (view === undefined) return null;
  const { suite, epoch, handshakes, sessionCount, evicted, refused } = view.security;
  return (
    <div className="sheet" data-testid="security">
      <h2>{TEXT.suite}</h2>
      <p className="suite">{suite}</p>
      <dl className="tiles">
        <div>
          <dt>{TEXT.epoch}</dt>
          <dd>{epoch}</dd>
        </div>
        <div>
          <dt>{TEXT.handshakes}</dt>
          <dd>{handshakes}</dd>
        </div>
        <div>
          <dt>{TEXT.sessions}</dt>
          <dd>{sessionCount}</dd>
        </div>
        <div className={evicted.length > 0 ? "bad" : ""}>
          <dt>{TEXT.evicted}</dt>
          <dd>{evicted.length === 0 ? TEXT.nobody : readableOf(evicted)}</dd>
        </div>
      </dl>
      <h2>{TEXT.refusedPackets}</h2>
      <Refused refused={refused.filter((each) => !isDrop(each))} />
      <Dropped dropped={refused.filter(isDrop)} />
      <h2>{TEXT.sessions}</h2>
      <p className="why">{TEXT.evictWhy}</p>
      <Sessions view={view} />
    </div>
  );
}

const DROP = "drop ";
/** What could not be read at all may be somebody's doing: it stays among the refused. */
const isDrop = ({ reason }: { readonly reason: string }): boolean =>
  reason.startsWith(DROP) && reason !== `${DROP}malformed`;

const DROP_REASONS: Readonly<Record<string, string>> = TEXT.dropReasons;

function Dropped({ dropped }: { readonly dropped: RefusedRows }): ReactNode {
  if (dropped.length === 0) return null;
  const rows = dropped.map(({ reason, count }) => {
    const name = reason.slice(DROP.length);
    return { reason: DROP_REASONS[name] ?? name, count };
  });
  return (
    <>
      <h2>{TEXT.dropped}</h2>
      <p className="why">{TEXT.droppedWhy}</p>
      <Refused refused={rows} />
    </>
  );
}

function Refused({ refused }: Pick<GroundView["security"], "refused">): ReactNode {
  if (refused.length === 0) return <p className="empty">{TEXT.nothingRefused}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{TEXT.reason}</th>
          <th scope="col">{TEXT.count}</th>
        </tr>
      </thead>
      <tbody>
        {refused.map(({ reason, count }) => (
          <tr key={reason}>
            <td>{reason}</td>
            <td>{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** More are reached by selecting them. */
const LISTED_MAX = 64;

/** The selected vehicles, or the first ones: taking keys away is done to few. */
function Sessions({ view }: { readonly view: PageView }): ReactNode {
  const selected = usePage((state) => state.selected);
  usePage((state) => state.fleetVersion);
  const { sessions, evicted } = view.security;
  const listed = selected.length > 0 ? selected : fleet.indices();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{TEXT.member}</th>
          <th scope="col">{TEXT.age}</th>
          <th scope="col" />
        </tr>
      </thead>
      <tbody>
        {listed.slice(0, LISTED_MAX).map((index) => {
          const session = sessions.find(({ peer }) => peer === index);
          return (
            <tr key={index}>
              <td>
                <b className="number">{index}</b>
              </td>
              <td>{session === undefined ? "–" : countdown(session.ageS)}</td>
              <td>
                <HoldButton
                  id={`evict-${index}`}
                  tone="alarm"
                  label={TEXT.evict}
                  disabled={evicted.includes(index)}
                  begin={() => () => order({ kind: "evict", vehicle: index })}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
