/**
 * The channel plan: which channel each cluster speaks on, by where the clusters are.
 *
 * A pure function of what the division says, so that all nodes come to the same plan without a word
 * on the air, and whoever signs a division signs its channels. Graph colouring with few colours,
 * where two clusters may share one when they are far enough apart (frequency assignment by
 * distance; Hale, "Frequency assignment: theory and applications", 1980). How far is not given but
 * made as large as may be: from the middle outwards each cluster takes the channel whose nearest
 * user is farthest; then those that gain by it change, until none does.
 *
 * Bounds: 4,094 clusters; `PASSES_MAX` rounds of changes, each O(clusters^2).
 */
import { invariant } from "../base/mod.ts";

/** Beside the common channel, in the 5.8 GHz band at 20 MHz. */
export const CLUSTER_CHANNELS = 7;
const PASSES_MAX = 8;

export interface Centre {
  readonly northM: number;
  readonly eastM: number;
}

/** A channel from 1 to `channels` for each cluster, in the order given. */
export function planChannels(
  centres: readonly Centre[],
  channels: number = CLUSTER_CHANNELS,
): readonly number[] {
  invariant(channels >= 1 && channels <= 250, "there are 1 to 250 cluster channels");
  const plan = new Uint8Array(centres.length);
  for (const cluster of outwards(centres))
    plan[cluster] = bestFor(centres, plan, cluster, channels);
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    let changes = 0;
    for (let cluster = 0; cluster < centres.length; cluster += 1) {
      const best = bestFor(centres, plan, cluster, channels);
      if (best !== plan[cluster]) changes += 1;
      plan[cluster] = best;
    }
    if (changes === 0) break;
  }
  return [...plan];
}

/** From the middle of all, by distance and then by order. */
function outwards(centres: readonly Centre[]): readonly number[] {
  const count = Math.max(1, centres.length);
  const middle = {
    northM: centres.reduce((sum, { northM }) => sum + northM, 0) / count,
    eastM: centres.reduce((sum, { eastM }) => sum + eastM, 0) / count,
  };
  const squares = centres.map((centre) => squareM2(centre, middle));
  return [...centres.keys()].sort((a, b) => squares[a]! - squares[b]! || a - b);
}

/** The channel whose nearest user is farthest; its own stays unless another is really better. */
function bestFor(
  centres: readonly Centre[],
  plan: Uint8Array,
  cluster: number,
  channels: number,
): number {
  const nearest = new Float64Array(channels + 1).fill(Infinity);
  for (let other = 0; other < centres.length; other += 1) {
    const channel = plan[other]!;
    if (other === cluster || channel === 0) continue;
    nearest[channel] = Math.min(nearest[channel]!, squareM2(centres[other]!, centres[cluster]!));
  }
  let best = plan[cluster] === 0 ? 1 : plan[cluster]!;
  for (let channel = 1; channel <= channels; channel += 1) {
    if (nearest[channel]! > nearest[best]!) best = channel;
  }
  return best;
}

function squareM2(a: Centre, b: Centre): number {
  const [dn, de] = [a.northM - b.northM, a.eastM - b.eastM];
  return dn * dn + de * de;
}
