/** Breaking the simulated world on purpose. Marked so that nobody takes it for a real control. */
import { useState, type ReactNode } from "react";
import type { PageView } from "../../../report/view.ts";
import { control } from "../actions.ts";
import { fleet } from "../frames.ts";
import { HoldButton } from "../parts/hold-button.tsx";
import { readableOf } from "../selection.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

/** A list of more is no choice: the number is typed. */
const CHOICE_MAX = 100;
const KINDS = ["kill", "reboot", "loseGnss", "lowBattery"] as const;

export function FaultsView(): ReactNode {
  const view = usePage((state) => state.view);
  if (view === undefined) return null;
  if (view.simulation === null) return <div className="sheet">{TEXT.realVehicles}</div>;
  const { ready, charging, waiting } = view.simulation.batteries;
  return (
    <div className="sheet faults" data-testid="faults">
      <h2>
        <span className="sim-tag">SIM</span> {TEXT.faultsTitle}
      </h2>
      <p className="why">{TEXT.faultsWhy}</p>
      <VehicleFaults />
      <LinkFaults />
      <ActiveFaults simulation={view.simulation} />
      <h2>{TEXT.batteries}</h2>
      <p>{TEXT.batteriesAre(ready, charging, waiting)}</p>
    </div>
  );
}

interface PickProps {
  readonly value: number;
  readonly label: string;
  readonly withGround?: boolean;
  readonly onPick: (index: number) => void;
}

function Pick({ value, label, withGround = false, onPick }: PickProps): ReactNode {
  return (
    <label>
      {label}{" "}
      {fleet.count > CHOICE_MAX ? (
        <input
          type="number"
          min={withGround ? 0 : 1}
          value={value}
          onChange={(event) => onPick(Number(event.target.value))}
        />
      ) : (
        <select value={value} onChange={(event) => onPick(Number(event.target.value))}>
          {withGround ? <option value={0}>{TEXT.ground}</option> : null}
          {fleet.indices().map((index) => (
            <option key={index} value={index}>
              {index}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}

function VehicleFaults(): ReactNode {
  const [first] = usePage((state) => state.selected);
  const [picked, setPicked] = useState<number | undefined>(undefined);
  const vehicle = picked ?? first ?? fleet.indices()[0] ?? 1;
  return (
    <div className="fault-line">
      <Pick label={TEXT.faultTarget} value={vehicle} onPick={setPicked} />
      {KINDS.map((kind) => (
        <HoldButton
          key={kind}
          id={`fault-${kind}`}
          tone={kind === "kill" ? "alarm" : "warn"}
          label={TEXT.faultKinds[kind]}
          begin={() => () => control({ kind: "fault", fault: { kind, vehicle } })}
        />
      ))}
    </div>
  );
}

function LinkFaults(): ReactNode {
  const selected = usePage((state) => state.selected);
  const [a, setA] = useState(0);
  const [b, setB] = useState(fleet.indices()[0] ?? 1);
  const nobody = selected.length === 0;
  return (
    <div className="fault-line">
      <Pick label={TEXT.cutBetween} value={a} onPick={setA} withGround />
      <Pick label={TEXT.and} value={b} onPick={setB} withGround />
      <HoldButton
        id="fault-cut"
        tone="warn"
        label={TEXT.cut}
        disabled={a === b}
        begin={() => () => control({ kind: "fault", fault: { kind: "cut", a, b } })}
      />
      <HoldButton
        id="fault-partition"
        tone="warn"
        label={TEXT.partition}
        disabled={nobody}
        begin={() => () =>
          control({ kind: "fault", fault: { kind: "partition", group: selected } })
        }
      />
      <small>{nobody ? TEXT.partitionNeedsSelection : readableOf(selected)}</small>
    </div>
  );
}

interface ActiveProps {
  readonly simulation: NonNullable<PageView["simulation"]>;
}

function ActiveFaults({ simulation }: ActiveProps): ReactNode {
  const { faults } = simulation;
  return (
    <>
      <h2>
        {TEXT.activeFaults}
        {faults.length === 0 ? null : (
          <button
            type="button"
            className="plain"
            onClick={() => control({ kind: "restore", fault: "all" })}
          >
            {TEXT.restoreAll}
          </button>
        )}
      </h2>
      {faults.length === 0 ? <p className="empty">{TEXT.noFaults}</p> : null}
      <ul className="fault-list">
        {faults.map(({ id, text }) => (
          <li key={id}>
            <span>{text}</span>
            <button
              type="button"
              className="plain"
              onClick={() => control({ kind: "restore", fault: id })}
            >
              {TEXT.restore}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
