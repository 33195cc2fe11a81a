/** What opens over the page: the keys, the hand-over, a clue. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { DetectionRow, PlanePoint } from "../../../report/view.ts";
import { cancelHold, order, save } from "../actions.ts";
import { bearing, distance } from "../format.ts";
import { HoldButton } from "../parts/hold-button.tsx";
import { toast, update, useMoment, usePage } from "../store.ts";
import { HELP, TEXT } from "../strings.ts";

export function Dialogs(): ReactNode {
  const dialog = usePage((state) => state.dialog);
  switch (dialog) {
    case "help":
      return <Modal title={TEXT.help} content={<Help />} />;
    case "handOver":
      return <Modal title={TEXT.handOverTitle} content={<HandOver />} />;
    case "clue":
      return <Modal title={TEXT.clueTitle} content={<Clue />} />;
    case undefined:
      return null;
    default:
      return dialog satisfies never;
  }
}

interface ModalProps {
  readonly title: string;
  readonly content: ReactNode;
}

function Modal({ title, content }: ModalProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  const close = (): void => {
    cancelHold();
    update({ dialog: undefined });
  };
  return (
    <dialog ref={element} aria-label={title} onClose={close}>
      <header>
        <h2>{title}</h2>
        <button type="button" className="plain" aria-label={TEXT.close} onClick={close}>
          ×
        </button>
      </header>
      {content}
    </dialog>
  );
}

function Help(): ReactNode {
  return (
    <div className="help">
      {HELP.map(({ title, keys }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  {key.split(" ").map((part) => (
                    <kbd key={part}>{part}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function HandOver(): ReactNode {
  const chosen = usePage((state) => state.detection);
  const detections = usePage((state) => state.view?.detections) ?? [];
  const confirmed = detections.filter(({ state }) => state === "confirmed");
  const detection = confirmed.find(({ id }) => id === chosen) ?? confirmed[0];
  if (detection === undefined) return <p className="empty">{TEXT.handOverNone}</p>;
  return <HandOverSheet detection={detection} />;
}

const FORMATS = ["gpx", "kml", "geojson"] as const;
const PLACES = ["mgrs", "utm", "latLon"] as const;

function HandOverSheet({ detection }: { readonly detection: DetectionRow }): ReactNode {
  const units = usePage((state) => state.units);
  const phase = usePage((state) => state.view?.phase);
  const moment = useMoment();
  const { id, place, errorM, atS, finder } = detection;
  return (
    <div className="hand-over" data-testid="hand-over">
      <p>
        {TEXT.seenAt(moment(atS), finder)},{" "}
        {TEXT.handOverError(distance(Math.max(1, errorM), units))}
      </p>
      <dl>
        {PLACES.map((format) => (
          <div key={format}>
            <dt>{TEXT.place[format]}</dt>
            <dd>{place[format]}</dd>
            <button type="button" className="plain" onClick={() => copy(place[format])}>
              {TEXT.copy}
            </button>
          </div>
        ))}
      </dl>
      <p className="files">
        {TEXT.download}
        {FORMATS.map((format) => (
          <button
            key={format}
            type="button"
            className="plain"
            onClick={() => save({ kind: "handOver", format, detection: id })}
          >
            {format.toUpperCase()}
          </button>
        ))}
      </p>
      {phase === "handedOver" ? (
        <p className="handed">✓ {TEXT.handedOver}</p>
      ) : (
        <HoldButton
          id="handOver"
          tone="good"
          label={TEXT.handOver}
          begin={() => () => order({ kind: "handOver", detection: id })}
        />
      )}
    </div>
  );
}

const CLUE_REACHES_M = [50, 150, 400, 1000] as const;

/** What somebody reports: it moves the probability map, it commands nobody. */
function Clue(): ReactNode {
  const place = usePage((state) => state.cluePlace);
  const units = usePage((state) => state.units);
  const known = usePage((state) => state.hello?.mission.lastKnown);
  const [errorM, setErrorM] = useState<number>(CLUE_REACHES_M[1]);
  if (place === undefined || known === undefined) return null;
  const [dn, de] = [place.northM - known.northM, place.eastM - known.eastM];
  return (
    <div className="hand-over" data-testid="clue">
      <p>{TEXT.clueWhere(distance(Math.hypot(dn, de), units), bearing(Math.atan2(de, dn)))}</p>
      <CluePlace awayM={Math.hypot(dn, de)} towardsRad={Math.atan2(de, dn)} known={known} />
      <p className="why">{TEXT.clueWhy}</p>
      <p className="files">
        {TEXT.clueReach}
        {CLUE_REACHES_M.map((reachM) => (
          <button
            key={reachM}
            type="button"
            className={`plain${reachM === errorM ? " chosen" : ""}`}
            aria-pressed={reachM === errorM}
            onClick={() => setErrorM(reachM)}
          >
            {distance(reachM, units)}
          </button>
        ))}
      </p>
      <HoldButton
        id="clue"
        tone="good"
        label={TEXT.clueAdd}
        begin={() => () => {
          order({ kind: "clue", position: place, errorM });
          update({ dialog: undefined });
        }}
      />
    </div>
  );
}

interface CluePlaceProps {
  readonly awayM: number;
  readonly towardsRad: number;
  readonly known: PlanePoint;
}

/** The same place in figures, for whoever has no mouse or is told it by radio. */
function CluePlace({ awayM, towardsRad, known }: CluePlaceProps): ReactNode {
  const degrees = (Math.round((towardsRad * 180) / Math.PI) + 360) % 360;
  const move = (metres: number, deg: number): void => {
    if (!Number.isFinite(metres) || !Number.isFinite(deg)) return;
    const rad = (deg * Math.PI) / 180;
    const northM = known.northM + metres * Math.cos(rad);
    update({ cluePlace: { northM, eastM: known.eastM + metres * Math.sin(rad) } });
  };
  const [metres, setMetres] = useState(String(Math.round(awayM)));
  const [towards, setTowards] = useState(String(degrees));
  return (
    <p className="files">
      <label>
        {TEXT.clueMetres}{" "}
        <input
          id="clue-metres"
          inputMode="numeric"
          value={metres}
          onChange={({ target }) => {
            setMetres(target.value);
            move(Number(target.value), Number(towards));
          }}
        />
      </label>
      <label>
        {TEXT.clueDegrees}{" "}
        <input
          id="clue-degrees"
          inputMode="numeric"
          value={towards}
          onChange={({ target }) => {
            setTowards(target.value);
            move(Number(metres), Number(target.value));
          }}
        />
      </label>
    </p>
  );
}

function copy(text: string): void {
  void navigator.clipboard.writeText(text).then(
    () => toast(true, TEXT.copied, text),
    () => toast(false, text),
  );
}
