/** The edge of a segment, drawn from its lanes: each stands for a strip as wide as its spacing. */
import type { Lane } from "../../../src/swarm/mod.ts";
import type { PlanePoint } from "../report/view.ts";

interface Strip {
  readonly crossM: number;
  readonly widthM: number;
  fromM: number;
  toM: number;
}

/** A ring around lanes that run side by side; lanes on one line are joined. */
export function outlineOf(lanes: readonly Lane[]): PlanePoint[] {
  const [first] = lanes;
  if (first === undefined) return [];
  const alongNorth = first.a.eastM === first.b.eastM;
  const strips = new Map<number, Strip>();
  for (const { a, b, spacingM } of lanes) {
    const [from, to] = alongNorth ? [a.northM, b.northM] : [a.eastM, b.eastM];
    const crossM = alongNorth ? a.eastM : a.northM;
    const strip = strips.get(crossM) ?? { crossM, widthM: spacingM, fromM: from, toM: to };
    strip.fromM = Math.min(strip.fromM, from, to);
    strip.toM = Math.max(strip.toM, from, to);
    strips.set(crossM, strip);
  }
  const sorted = [...strips.values()].sort((x, y) => x.crossM - y.crossM);
  const corner = (crossM: number, alongM: number): PlanePoint =>
    alongNorth ? { northM: alongM, eastM: crossM } : { northM: crossM, eastM: alongM };
  const near = sorted.flatMap(({ crossM, widthM, fromM }) => [
    corner(crossM - widthM / 2, fromM),
    corner(crossM + widthM / 2, fromM),
  ]);
  const far = sorted
    .toReversed()
    .flatMap(({ crossM, widthM, toM }) => [
      corner(crossM + widthM / 2, toM),
      corner(crossM - widthM / 2, toM),
    ]);
  return [...near, ...far];
}
