/** A node's event as one line for people. */
import type { NodeEventDetail } from "../../src/node/mod.ts";

const v = (index: number): string => (index === 0 ? "the ground" : `vehicle ${String(index)}`);

export function eventText(detail: NodeEventDetail): string {
  switch (detail.kind) {
    case "leaderElected":
      return `${v(detail.leader)} leads in term ${String(detail.term)}`;
    case "leaderLost":
      return `no leader in term ${String(detail.term)}`;
    case "committed":
      return `agreed on entry ${String(detail.index)}: ${detail.entryKind}`;
    case "sessionOpened":
      return `session with ${v(detail.peer)} opened, ${String(detail.bytes)} B`;
    case "epochOpened":
      return `key epoch ${String(detail.epoch)} in use`;
    case "evicted":
      return `${v(detail.member)} expelled`;
    case "segmentClaimed":
      return `segment ${String(detail.segment)} goes to ${v(detail.owner)}`;
    case "segmentSearched":
      return `segment ${String(detail.segment)} searched by ${v(detail.owner)}`;
    case "detection":
      return `${v(detail.finder)} sees something, confidence ${detail.confidence.toFixed(2)}`;
    case "verdict":
      return `detection ${String(detail.id)}: ${detail.verdict}`;
    case "found":
      return `found at ${place(detail.position)}`;
    case "duty":
      return detail.reason === "" ? detail.duty : `${detail.duty}: ${detail.reason}`;
    case "behaviour":
      return `behaviour ${detail.name}: ${detail.state}`;
    case "clipped":
      return `setpoint held back by ${detail.by}`;
    case "order":
      return [`order ${detail.orderId} at ${v(detail.vehicle)}: ${detail.state}`, detail.reason]
        .join(" ")
        .trim();
    case "rung":
      return `now ${detail.rung}: ${detail.reason}`;
    case "suspect":
      return `${v(detail.peer)} is silent, phi ${detail.phi.toFixed(1)}`;
    case "outOfRange":
      return `${v(detail.peer)} is out of range`;
    case "dead":
      return `${v(detail.peer)} is lost`;
    case "back":
      return `${v(detail.peer)} is back`;
    case "lost":
      return `lost: ${detail.what}`;
    case "regained":
      return `regained: ${detail.what}`;
    case "refused":
      return `refused ${detail.code}, ${String(detail.count)} times`;
    default:
      return detail satisfies never;
  }
}

const place = (position: { readonly northM: number; readonly eastM: number }): string =>
  `${position.northM.toFixed(0)} m north, ${position.eastM.toFixed(0)} m east`;
