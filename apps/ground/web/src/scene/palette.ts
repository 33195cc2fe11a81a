/** Colours of the 3D view by theme. Red night has no hue but red: the eye stays dark-adapted. */
import type { SegmentRow, VehicleStatus } from "../../../report/view.ts";
import type { Theme } from "../store.ts";

export interface Palette {
  readonly background: number;
  readonly groundLow: number;
  readonly groundHigh: number;
  readonly contour: number;
  /** Probability density from some to most. */
  readonly density: readonly [number, number, number];
  readonly area: number;
  readonly zone: number;
  readonly feature: number;
  readonly link: number;
  readonly outline: number;
  /** What is selected, as the lists mark it. */
  readonly chosen: number;
  readonly segment: Readonly<Record<SegmentRow["state"], number>>;
  readonly vehicle: Readonly<Record<"work" | "way" | "ground" | "warn" | "lost", number>>;
}

const DARK: Palette = {
  background: 0x0a0e13,
  groundLow: 0x18232c,
  groundHigh: 0x3a4b55,
  contour: 0x5d7381,
  density: [0x27457a, 0x96508f, 0xffc66b],
  area: 0x9fb4c6,
  zone: 0xff7a6b,
  feature: 0x5f9fc4,
  link: 0x6fd69a,
  outline: 0x05080b,
  chosen: 0xffffff,
  segment: { open: 0x46586a, leased: 0x86b6dd, searching: 0x8fd4ff, done: 0x2f5a48 },
  vehicle: { work: 0x8fe3b4, way: 0x7cc8ff, ground: 0xa3b1be, warn: 0xffc857, lost: 0xff7a6b },
};

const RED: Palette = {
  background: 0x050000,
  groundLow: 0x140202,
  groundHigh: 0x3c0b08,
  contour: 0x6a1810,
  density: [0x4a0d08, 0xa02a18, 0xff8a6a],
  area: 0xc04a38,
  zone: 0xff6a55,
  feature: 0x8a2c20,
  link: 0xa03828,
  outline: 0x000000,
  chosen: 0xffd0c4,
  segment: { open: 0x4a140e, leased: 0xb04632, searching: 0xff7a62, done: 0x2c0a07 },
  vehicle: { work: 0xff8f7a, way: 0xe0654f, ground: 0xa84a3a, warn: 0xffb09c, lost: 0xff4530 },
};

const DAY: Palette = {
  background: 0xe9edf0,
  groundLow: 0xb9c4c2,
  groundHigh: 0xf1efe6,
  contour: 0x8a958f,
  density: [0x9fb6e8, 0xc2589a, 0x9a1f3c],
  area: 0x33424f,
  zone: 0xb3261e,
  feature: 0x2f6f9f,
  link: 0x1f7a4a,
  outline: 0xffffff,
  chosen: 0x111a22,
  segment: { open: 0x8593a0, leased: 0x2d6ea8, searching: 0x0b57a0, done: 0x6f9a84 },
  vehicle: { work: 0x0a6b3c, way: 0x0b57a0, ground: 0x4a5864, warn: 0x8a5a00, lost: 0xb3261e },
};

export const PALETTES: Readonly<Record<Theme, Palette>> = { dark: DARK, red: RED, day: DAY };

/** Which of the five colours a status has; the label beside it says the word. */
export function vehicleTone(status: VehicleStatus): keyof Palette["vehicle"] {
  switch (status) {
    case "searching":
    case "lookingAgain":
    case "overhead":
      return "work";
    case "transit":
    case "returning":
    case "landing":
      return "way";
    case "waiting":
    case "ready":
    case "charging":
      return "ground";
    case "holding":
    case "outOfRange":
      return "warn";
    case "lost":
      return "lost";
    default:
      return status satisfies never;
  }
}
