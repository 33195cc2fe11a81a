/** What the steward goes by: the log's facts and what this node hears and has. */
import { agreedFacts } from "./agreed-facts.ts";
import type { PeerVerdict } from "../fault/mod.ts";
import type { NodeIdentity } from "./identity.ts";
import type { Layers } from "./layers.ts";
import type { ClusterFacts } from "./steward.ts";

export function clusterFacts(layers: Layers, identity: NodeIdentity): ClusterFacts {
  const { home } = layers.logs;
  const { grounds, partition, self } = identity;
  const own = partition.members(partition.clusterOf(self));
  const present = [...own, ...grounds].filter((peer) => {
    const row = layers.network.peer(peer);
    return row?.trust === "verified" && row.state === "up";
  });
  const { peers } = layers.fault;
  const judged = (wanted: PeerVerdict): ClusterFacts["dead"] =>
    peers
      .filter(({ verdict }) => verdict === wanted)
      .map(({ peer, sinceMs }) => ({ peer, since: sinceMs }));
  const { members, epochMembers } = home;
  const { isDivided } = partition;
  // Who was moved to another cluster is not to read on, as who has come is to read.
  const hasLost = isDivided && epochMembers.some((one) => !members.includes(one));
  const joinedSinceEpoch = hasLost || members.some((one) => !epochMembers.includes(one));
  const agreed = agreedFacts(layers.consensus);
  const sessions = layers.security.sessionCount;
  const verdicts = { dead: judged("dead"), absent: judged("outOfRange") };
  return { ...agreed, isDivided, grounds, sessions, joinedSinceEpoch, present, ...verdicts };
}
