/** A button that acts only when it has been held: by pointer, by Enter or Space, or by its key. */
import type { KeyboardEvent, ReactNode } from "react";
import { beginHold, endHold } from "../actions.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

export interface HoldButtonProps {
  readonly id: string;
  readonly label: string;
  readonly keyName?: string;
  readonly tone?: "plain" | "good" | "warn" | "alarm";
  readonly disabled?: boolean;
  readonly onHeld: () => void;
  readonly children?: ReactNode;
}

export function HoldButton(props: HoldButtonProps): ReactNode {
  const { id, label, keyName, tone = "plain", disabled = false, onHeld, children } = props;
  const holding = usePage((state) => state.holding === id);
  const presses = (event: KeyboardEvent): boolean =>
    (event.key === "Enter" || event.key === " ") && !event.repeat;
  return (
    <button
      type="button"
      className={`hold tone-${tone}${holding ? " holding" : ""}`}
      disabled={disabled}
      data-command={id}
      title={`${label}: ${TEXT.holdHint}`}
      onPointerDown={(event) => {
        if (event.button === 0) beginHold(id, onHeld);
      }}
      onPointerUp={endHold}
      onPointerLeave={endHold}
      onPointerCancel={endHold}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!presses(event)) return;
        event.preventDefault();
        beginHold(id, onHeld);
      }}
    >
      <span className="hold-fill" />
      <span className="hold-label">{label}</span>
      {children}
      {keyName === undefined ? null : <kbd>{keyName}</kbd>}
    </button>
  );
}
