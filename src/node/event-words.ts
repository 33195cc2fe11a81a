/** What layers report, in the node's own words; and directives of fault in the swarm's. */
import type { NodeIndex } from "../base/mod.ts";
import type { FaultDirective as FaultsDirective, FaultEvent } from "../fault/mod.ts";
import type { FaultDirective as SwarmsDirective, SwarmEvent } from "../swarm/mod.ts";
import type { NodeEventDetail } from "./events.ts";

export function swarmsEvent(event: SwarmEvent): NodeEventDetail {
  switch (event.kind) {
    case "detection": {
      const { id, finder, position, confidence } = event.detection;
      return { kind: "detection", id, finder, position, confidence };
    }
    case "refused":
      return { kind: "refused", code: event.code, count: 1 };
    case "duty":
    case "segmentClaimed":
    case "segmentSearched":
    case "verdict":
    case "found":
    case "behaviour":
    case "clipped":
      return event;
    default:
      return event satisfies never;
  }
}

export function faultsEvent(event: FaultEvent): NodeEventDetail {
  switch (event.kind) {
    case "suspect":
      return { kind: "suspect", peer: event.peer, phi: event.phi };
    case "outOfRange":
    case "dead":
    case "back":
      return { kind: event.kind, peer: event.peer };
    case "lost":
      return { kind: "lost", what: event.what };
    case "regained":
      return { kind: "regained", what: event.what };
    default:
      return event satisfies never;
  }
}

export const headsEvent = (leader: NodeIndex | undefined, term: number): NodeEventDetail =>
  leader === undefined ? { kind: "leaderLost", term } : { kind: "leaderElected", leader, term };

/** What a directive of the fault layer asks of this vehicle. */
export function forSwarm(directive: FaultsDirective): SwarmsDirective | undefined {
  switch (directive.kind) {
    case "leaseOrphaned":
      return { kind: "leaseOrphaned", segment: directive.segment };
    case "declareDead":
      return { kind: "peerLost", index: directive.peer, dead: true };
    case "loseGround":
      return { kind: "ground", reachable: false };
    case "holdNow":
    case "returnNow":
    case "landNow":
      return { kind: directive.kind, reason: directive.reason };
    case "retractDead":
    case "headLost":
      return undefined;
    default:
      return directive satisfies never;
  }
}

/** What the swarm layer is told when the fault layer reports a change. */
export function eventForSwarm(event: FaultEvent): SwarmsDirective | undefined {
  if (event.kind === "outOfRange") return { kind: "peerLost", index: event.peer, dead: false };
  if (event.kind !== "regained") return undefined;
  if (event.what === "ground") return { kind: "ground", reachable: true };
  return event.what === "position" ? { kind: "goOn" } : undefined;
}
