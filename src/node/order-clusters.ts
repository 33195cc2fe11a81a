/**
 * In which clusters' logs an order belongs: those of its targets, or of what it is about. What
 * concerns everybody (a start, an eviction, a clue) goes into each.
 */
import type { Order } from "../security/mod.ts";
import type { Partition } from "../swarm/mod.ts";
import type { ClusterLog } from "./cluster-logs.ts";

export function concerned(
  order: Order,
  logs: readonly ClusterLog[],
  partition: Partition,
): readonly ClusterLog[] {
  if (logs.length <= 1) return logs;
  const { command, targets } = order;
  switch (command.kind) {
    case "confirm":
    case "dismiss":
    case "lookAgain": {
      const { detectionId } = command;
      const holds = ({ consensus }: ClusterLog): boolean =>
        consensus.state.detections.get(detectionId) !== undefined;
      return logs.filter(holds);
    }
    default: {
      if (targets === "all" || command.kind === "evict") return logs;
      const clusters = new Set(targets.map((target) => partition.clusterOf(target)));
      return logs.filter(({ cluster }) => clusters.has(cluster));
    }
  }
}
