/** A button that acts only when it has been held: by pointer, by Enter or Space, or by its key. */
import type { KeyboardEvent, ReactNode } from "react";
import { beginHold, cancelHold, endHold } from "../actions.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

export interface HoldButtonProps {
  readonly id: string;
  readonly label: string;
  readonly keyName?: string;
  /** What it does, where the label is too short to say it. */
  readonly title?: string;
  readonly tone?: "plain" | "good" | "warn" | "alarm";
  readonly disabled?: boolean;
  /** Called when the hold begins: fixes what the command is about and gives what runs. */
  readonly begin: () => () => void;
  readonly children?: ReactNode;
}

export function HoldButton(props: HoldButtonProps): ReactNode {
  const { id, label, keyName, title, tone = "plain", disabled = false, begin, children } = props;
  const holding = usePage((state) => state.holding === id);
  const replay = usePage((state) => state.hello?.replay !== undefined);
  const tapped = usePage((state) => state.tapped === id);
  const presses = (event: KeyboardEvent): boolean =>
    (event.key === "Enter" || event.key === " ") && !event.repeat;
  return (
    <button
      type="button"
      className={`hold tone-${tone}${holding ? " holding" : ""}${tapped ? " tapped" : ""}`}
      disabled={disabled || replay}
      data-command={id}
      title={`${title ?? label}: ${TEXT.holdHint}`}
      onPointerDown={(event) => {
        if (event.button === 0) beginHold(id, begin());
      }}
      onPointerUp={endHold}
      onPointerLeave={cancelHold}
      onPointerCancel={cancelHold}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!presses(event)) return;
        event.preventDefault();
        beginHold(id, begin());
      }}
    >
      <span className="hold-fill" />
      <span className="hold-label">{tapped ? TEXT.holdLonger : label}</span>
      {children}
      {keyName === undefined ? null : <kbd>{keyName}</kbd>}
    </button>
  );
}
