/**
 * Between layers' words: what the swarm proposes as an entry's body, and what an applied entry
 * means to the swarm. Layers do not know one another; these pure functions do.
 */
import type { AgreedDetection, EntryBody, FixedPosition, StateChange } from "../consensus/mod.ts";
import type { NodeIndex } from "../base/mod.ts";
import type { LocalPosition } from "../hal/mod.ts";
import { BeaconFlag, type BeaconClaims } from "../network/mod.ts";
import type { TrustLevel } from "../security/mod.ts";
import type { AgreedChange, Detection, PeerState, Proposal } from "../swarm/mod.ts";

const CM_PER_M = 100;
const CONFIDENCE_FULL = 65_535;

export const toFixed = (position: LocalPosition): FixedPosition => ({
  northCm: Math.round(position.northM * CM_PER_M),
  eastCm: Math.round(position.eastM * CM_PER_M),
  altitudeAmslCm: Math.round(position.altitudeAmslM * CM_PER_M),
});

export const fromFixed = (position: FixedPosition): LocalPosition => ({
  northM: position.northCm / CM_PER_M,
  eastM: position.eastCm / CM_PER_M,
  altitudeAmslM: position.altitudeAmslCm / CM_PER_M,
});

export function toAgreedDetection(detection: Detection): AgreedDetection {
  return {
    id: detection.id,
    finder: detection.finder,
    position: toFixed(detection.position),
    errorCm: Math.round(detection.errorM * CM_PER_M),
    confidence: Math.max(1, Math.round(detection.confidence * CONFIDENCE_FULL)),
    networkTimeMs: Math.max(0, Math.round(detection.networkTimeMs)),
    imageRef: detection.imageRef,
  };
}

export function fromAgreedDetection(detection: AgreedDetection): Detection {
  return {
    id: detection.id,
    finder: detection.finder,
    position: fromFixed(detection.position),
    errorM: detection.errorCm / CM_PER_M,
    confidence: detection.confidence / CONFIDENCE_FULL,
    networkTimeMs: detection.networkTimeMs,
    imageRef: detection.imageRef,
  };
}

/** The entry body of what the swarm layer wants agreed. */
export function bodyOf(proposal: Proposal): EntryBody {
  switch (proposal.kind) {
    case "claim":
      return {
        kind: "lease",
        action: "claim",
        progress: { segment: proposal.segment, pass: proposal.pass, lanes: 0 },
      };
    case "renew":
    case "release":
    case "complete":
      return { kind: "lease", action: proposal.kind, progress: proposal.progress };
    case "detection":
      return { kind: "detection", detection: toAgreedDetection(proposal.detection) };
    case "padClaim":
      return { kind: "pad", pad: proposal.pad, claim: true };
    case "padRelease":
      return { kind: "pad", pad: proposal.pad, claim: false };
    case "value":
      return { kind: "value", key: proposal.key, value: proposal.value };
    default:
      return proposal satisfies never;
  }
}

/** What a change that this node proposed means to the swarm layer, if it is its business. */
export function changeForSwarm(change: StateChange, by: NodeIndex): AgreedChange | undefined {
  switch (change.kind) {
    case "claimed":
      return { kind: "claimed", segment: change.segment, owner: change.owner };
    case "freed":
      return { kind: "freed", segment: change.segment, orphaned: by !== change.owner };
    case "progress":
      return { kind: "progress", progress: change.progress, by: change.by };
    case "detection":
      return { kind: "detection", detection: fromAgreedDetection(change.detection) };
    case "verdict":
      return { kind: "verdict", id: change.id, verdict: change.verdict };
    case "padClaimed":
      return { kind: "padClaimed", pad: change.pad, owner: change.owner };
    case "padFreed":
      return { kind: "padFreed", pad: change.pad };
    case "value":
      return { kind: "value", key: change.key, value: change.value, by: change.by };
    case "clue": {
      const { northM, eastM } = fromFixed(change.position);
      const errorM = change.errorCm / CM_PER_M;
      const likelihoodRatio = change.weightMilli / 1000;
      return { kind: "clue", id: change.id, northM, eastM, errorM, likelihoodRatio };
    }
    case "logTime":
    case "member":
    case "evicted":
    case "mission":
    case "plan":
    case "order":
    case "orderState":
    case "epoch":
    case "latch":
      return undefined;
    default:
      return change satisfies never;
  }
}

/** What a beacon claims of its sender, for the swarm layer; `undefined` without a position. */
export function peerOf(
  index: NodeIndex,
  claims: BeaconClaims,
  trust: TrustLevel,
): PeerState | undefined {
  const { northM, eastM, altitudeAmslM, northMps, eastMps, downMps, positionErrorM, plan } = claims;
  if ((claims.flags & BeaconFlag.positionValid) === 0) return undefined;
  return {
    index,
    position: { northM, eastM, altitudeAmslM },
    velocity: { northMps, eastMps, downMps },
    plan,
    trust,
    ageMs: 0,
    inAir: (claims.flags & BeaconFlag.inAir) !== 0,
    positionErrorM,
  };
}

/** What the head says of a member that has gone or is back, and what one says that leaves. */
export const memberBody = (
  node: NodeIndex,
  action: "lost" | "back" | "left",
  grounds: readonly NodeIndex[],
): EntryBody => ({
  kind: "member",
  node,
  action,
  role: grounds.includes(node) ? "ground" : "vehicle",
  bootNonce: new Uint8Array(8),
});
