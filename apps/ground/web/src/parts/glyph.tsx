/** Small shapes that say what a colour also says. */
import type { ReactNode } from "react";
import type { VehicleStatus } from "../../../report/view.ts";
import { vehicleTone } from "../scene/palette.ts";
import type { VehicleSeverity } from "../severity.ts";

const SHAPES: Readonly<Record<ReturnType<typeof vehicleTone>, ReactNode>> = {
  work: <path d="M6 1 L11 11 L6 8.4 L1 11 Z" />,
  way: <path d="M2.2 2 L8 6 L2.2 10 M6.4 2 L10.6 6 L6.4 10" className="stroke" />,
  ground: <rect x="2" y="2" width="8" height="8" rx="1.5" className="stroke" />,
  warn: <path d="M6 1 L11 6 L6 11 L1 6 Z" />,
  lost: <path d="M2 2 L10 10 M10 2 L2 10" className="stroke" />,
};

export function StatusGlyph({ status }: { readonly status: VehicleStatus }): ReactNode {
  const tone = vehicleTone(status);
  return (
    <svg className={`glyph glyph-${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  );
}

type Grade = VehicleSeverity | "info" | "notice";

const GRADES: Readonly<Record<Grade, ReactNode>> = {
  alarm: <path d="M6 0.8 L11.6 11 L0.4 11 Z" />,
  warning: <path d="M6 0.6 L11.4 6 L6 11.4 L0.6 6 Z" />,
  notice: <circle cx="6" cy="6" r="4" />,
  info: <circle cx="6" cy="6" r="3" className="stroke" />,
  well: <path d="M1.5 6.5 L4.6 9.6 L10.5 2.8" className="stroke" />,
};

export function GradeGlyph({ grade }: { readonly grade: Grade }): ReactNode {
  return (
    <svg className={`glyph grade-${grade}`} viewBox="0 0 12 12" aria-hidden="true">
      {GRADES[grade]}
    </svg>
  );
}
