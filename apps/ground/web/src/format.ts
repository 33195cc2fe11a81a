/** Numbers as an operator reads them. Units are the page's choice; inside all is SI. */
import type { PlaceText } from "../../report/view.ts";

export type Units = "metric" | "imperial";
export type PlaceFormat = keyof PlaceText;

const FEET_PER_M = 3.28084;
const KNOTS_PER_MPS = 1.943844;
const MILES_PER_M = 1 / 1609.344;

/** `1:04:09`; hours only where there are any. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A moment as time since the search began; before it with a minus: `−00:40`. */
export function sinceStart(atS: number, startedAtS: number | null): string {
  if (startedAtS === null) return `−${clock(0)}`;
  // Go is given a moment before it is agreed on: that moment is the beginning, too.
  return atS < startedAtS - 1 ? `−${clock(startedAtS - atS)}` : clock(atS - startedAtS);
}

/** `3 min 05 s`, `40 s`: a time that runs down. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** `8 s`, `4 min`, `2 h`: an age at a glance. */
export function age(seconds: number): string {
  if (seconds < 100) return `${Math.round(Math.max(0, seconds))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export function percent(ratio: number, digits = 0): string {
  return (ratio * 100).toFixed(digits);
}

export function height(metres: number | null, units: Units): string {
  if (metres === null) return "–";
  return units === "metric" ? `${Math.round(metres)} m` : `${Math.round(metres * FEET_PER_M)} ft`;
}

export function speed(metresPerSecond: number, units: Units): string {
  if (units === "metric") return `${metresPerSecond.toFixed(1)} m/s`;
  return `${(metresPerSecond * KNOTS_PER_MPS).toFixed(1)} kt`;
}

export function distance(metres: number, units: Units): string {
  if (units === "metric") {
    return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`;
  }
  const miles = metres * MILES_PER_M;
  return miles < 0.2 ? `${Math.round(metres * FEET_PER_M)} ft` : `${miles.toFixed(1)} mi`;
}

/** Three figures, as bearings are spoken: `007°`. */
export function bearing(radians: number): string {
  const degrees = Math.round((radians * 180) / Math.PI);
  return `${String(((degrees % 360) + 360) % 360).padStart(3, "0")}°`;
}

/** A round length for a scale bar that fits into `maxM`. */
export function roundLengthM(maxM: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, maxM)));
  const lead = maxM / power;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}
