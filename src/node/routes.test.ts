import { describe, expect, test } from "vitest";
import { BROADCAST, monotonicMs, nodeIndex } from "../base/mod.ts";
import { TrafficClass } from "../network/mod.ts";
import { routeConsensus, routeNetwork, routeSecurity, routeSwarm, type Hands } from "./routes.ts";

const PEER = nodeIndex(4);
const BYTES = Uint8Array.of(1, 2, 3);

/** Hands that note what they are given. */
function noting(): { readonly hands: Hands; readonly given: [name: string, value: unknown][] } {
  const given: [string, unknown][] = [];
  const fixed: Record<string, unknown> = {
    now: monotonicMs(1000),
    link: { rssiDbm: -60, snrDb: 25 },
  };
  const hands = new Proxy({} as Hands, {
    get: (_target, name: string) => (value: unknown) => {
      if (name in fixed) return fixed[name];
      given.push([name, value]);
      return undefined;
    },
  });
  return { hands, given };
}

describe("routes", () => {
  test("a datagram's packet goes on to the network with the signal that it came with", () => {
    const { hands, given } = noting();
    routeSecurity({ kind: "packet", from: PEER, bytes: BYTES }, hands);
    const input = { kind: "packet", from: PEER, bytes: BYTES, rssiDbm: -60, snrDb: 25 };
    expect(given).toEqual([["network", input]]);
  });

  test("a key for a peer that cannot open our seal leaves at once, else as a packet", () => {
    const { hands, given } = noting();
    const control = { kind: "control", to: PEER, bytes: BYTES } as const;
    routeSecurity({ ...control, direct: true }, hands);
    routeSecurity({ ...control, direct: false }, hands);
    expect(given.map(([name]) => name)).toEqual(["effect", "network"]);
  });

  test("what consensus says to all is signed, an answer to one says that it is repeated", () => {
    const { hands, given } = noting();
    const send = { kind: "send", bytes: BYTES, sign: false } as const;
    routeConsensus({ ...send, to: BROADCAST, repeated: false }, hands);
    routeConsensus({ ...send, to: PEER, repeated: true }, hands);
    expect(given).toMatchObject([
      ["say", { to: "group", sign: true, repeated: false }],
      ["say", { to: PEER, sign: false, repeated: true }],
    ]);
  });

  test("gossip of the swarm is signed, of class state, and of no use after two seconds", () => {
    const { hands, given } = noting();
    routeSwarm({ kind: "message", bytes: BYTES }, hands);
    const said = { to: "group", sign: true, trafficClass: TrafficClass.state, expiresAt: 3000 };
    expect(given).toMatchObject([["say", said]]);
  });

  test("a dropped packet is counted by its reason, news of links concern nobody", () => {
    const { hands, given } = noting();
    const trafficClass = TrafficClass.state;
    routeNetwork({ kind: "dropped", reason: "ttl", trafficClass, origin: PEER }, hands);
    routeNetwork({ kind: "neighborUp", peer: PEER }, hands);
    expect(given).toEqual([["refused", "drop ttl"]]);
  });
});
