/**
 * Things that a vehicle can lose, each with its own patience both ways, so that a flicker is
 * neither a loss nor a recovery. Pure: `update` says what changed.
 */
import type { ByteReader, ByteWriter, MonotonicMs } from "../base/mod.ts";
import type { LossKind } from "./types.ts";

interface Patience {
  /** Missing for this long before it counts as lost. */
  readonly lostAfterMs: number;
  /** There for this long before it counts as regained. */
  readonly backAfterMs: number;
}

/**
 * Head: an election takes well under a second; three mean that none succeeds. Cluster: quorum
 * checks run over seconds. Ground: a walk behind the car. Position: filters coast through a second
 * or two. Battery is not debounced here: its threshold has hysteresis of its own.
 */
const PATIENCE: Readonly<Record<LossKind, Patience>> = {
  head: { lostAfterMs: 3000, backAfterMs: 1000 },
  cluster: { lostAfterMs: 5000, backAfterMs: 2000 },
  ground: { lostAfterMs: 10_000, backAfterMs: 3000 },
  position: { lostAfterMs: 2000, backAfterMs: 3000 },
  battery: { lostAfterMs: 1000, backAfterMs: 5000 },
};

export const LOSSES: readonly LossKind[] = ["head", "cluster", "ground", "position", "battery"];

export interface Loss {
  lost: boolean;
  /** Since when the present reading contradicts `lost`; Infinity when it does not. */
  contradictedMs: number;
  /** When it was lost; meaningful while `lost`. */
  lostMs: number;
}

export type Losses = Readonly<Record<LossKind, Loss>>;

export function createLosses(): Losses {
  const fresh = (): Loss => ({ lost: false, contradictedMs: Infinity, lostMs: Infinity });
  return { head: fresh(), cluster: fresh(), ground: fresh(), position: fresh(), battery: fresh() };
}

/** Takes a reading; the answer is the transition that it completes, if any. */
export function update(
  losses: Losses,
  what: LossKind,
  reading: { readonly missing: boolean; readonly now: MonotonicMs },
): "lost" | "regained" | undefined {
  const loss = losses[what];
  if (reading.missing === loss.lost) {
    loss.contradictedMs = Infinity;
    return undefined;
  }
  loss.contradictedMs = Math.min(loss.contradictedMs, reading.now);
  const patience = PATIENCE[what];
  const waitMs = loss.lost ? patience.backAfterMs : patience.lostAfterMs;
  if (reading.now - loss.contradictedMs < waitMs) return undefined;
  loss.lost = !loss.lost;
  loss.contradictedMs = Infinity;
  loss.lostMs = loss.lost ? reading.now : Infinity;
  return loss.lost ? "lost" : "regained";
}

export function saveLosses(losses: Losses, to: ByteWriter): void {
  for (const what of LOSSES) {
    const { lost, contradictedMs, lostMs } = losses[what];
    to.bool(lost).f64(contradictedMs).f64(lostMs);
  }
}

export function loadLosses(losses: Losses, from: ByteReader): void {
  for (const what of LOSSES) {
    losses[what].lost = from.bool();
    losses[what].contradictedMs = from.f64();
    losses[what].lostMs = from.f64();
  }
}
