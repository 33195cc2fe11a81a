/**
 * Links between vehicles: what the nodes of those that are looked at closely say of their
 * neighbors. A simulated world can ask them; on the air nobody tells their tables to the ground,
 * and there the page shows only the links that the ground uses.
 *
 * Bounds: `LINKS_MAX` links; each pair once, by the end that hears the other worse.
 */
import type { NodeIndex } from "../../../src/base/mod.ts";
import type { PeerRow } from "../../../src/network/mod.ts";
import type { LinkRow } from "../report/view.ts";

const LINKS_MAX = 512;
/** What JSON can carry of a link without a predicted end. */
const LASTS_MAX_S = 3600;

export interface Neighbors {
  readonly peers: readonly Pick<PeerRow, "peer" | "state" | "inRatio" | "outRatio" | "lifetimeS">[];
}

export function meshLinksOf(
  watched: readonly number[],
  tableOf: (vehicle: number) => Neighbors | undefined,
  vehicles: ReadonlySet<NodeIndex>,
): LinkRow[] {
  const found = new Map<number, LinkRow>();
  for (const vehicle of watched) {
    for (const { peer, state, inRatio, outRatio, lifetimeS } of tableOf(vehicle)?.peers ?? []) {
      if (state !== "up" || !vehicles.has(peer)) continue;
      const [a, b] = vehicle < peer ? [vehicle, peer] : [peer, vehicle];
      const key = a * 0x10000 + b;
      const known = found.get(key);
      if (known === undefined && found.size >= LINKS_MAX) return [...found.values()];
      const quality = Math.max(0, Math.min(1, inRatio, outRatio, known?.quality ?? 1));
      const lastsS = Math.max(0, Math.min(LASTS_MAX_S, lifetimeS, known?.lifetimeS ?? Infinity));
      found.set(key, { a, b, quality, lifetimeS: lastsS });
    }
  }
  return [...found.values()];
}
