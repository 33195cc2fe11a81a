import { describe, expect, test } from "vitest";
import {
  NEVER,
  monotonicMs,
  networkTimeMs,
  nodeId,
  nodeIndex,
  type NodeIndex,
} from "../base/mod.ts";
import {
  encodeOrderState,
  encodeSignedOrder,
  type CheckedOrder,
  type OrderCommand,
  type Verified,
} from "../security/mod.ts";
import { orderKey } from "./order-entry.ts";
import { OrderFlow, type OrderHands } from "./order-flow.ts";

const SELF = nodeIndex(2);
const PEER = nodeIndex(3);

/** Security alone can make a `Verified`; these tests stand in for it. */
function checked(command: OrderCommand): Verified<CheckedOrder> {
  const order = {
    operator: nodeId(9n),
    session: 1,
    sequence: 7,
    issuedAt: networkTimeMs(0),
    validUntil: networkTimeMs(60_000),
    targets: "all",
    missionRevision: 0,
    supersedes: undefined,
    command,
  };
  const body = new Uint8Array(40);
  const signatures = { ed25519: new Uint8Array(64), mldsa: new Uint8Array(3309) };
  return { order, body, ...signatures } as unknown as Verified<CheckedOrder>;
}

const bytesOf = (order: Verified<CheckedOrder>): Uint8Array => encodeSignedOrder(order);

/** A flow, and the names of what it did with its hands. */
function flow(
  station: boolean,
  agreed?: Verified<CheckedOrder>,
): {
  readonly it: OrderFlow;
  readonly did: string[];
  readonly pass: (ms: number) => void;
} {
  const did: string[] = [];
  let nowMs = 1000;
  const hands: OrderHands = {
    now: () => monotonicMs(nowMs),
    say: ({ message, trafficClass }) =>
      void did.push(`say ${String(message[0])} class ${String(trafficClass)}`),
    swarm: (input) => void did.push(`swarm ${input.kind}`),
    event: (detail) => void did.push(`event ${detail.kind}`),
    refused: (code) => void did.push(`refused ${code}`),
    time: () => ({ timeMs: networkTimeMs(1000), errorMs: 10, liars: [] }),
    missionStarted: () => false,
    keep: () => void did.push("keep"),
    divided: ({ revision }) => void did.push(`divided ${String(revision)}`),
    proposeOrder: () => void did.push("consensus propose"),
    proposeBody: ({ kind }) => void did.push(`propose ${kind}`),
  };
  const reader = { read: () => undefined, check: () => agreed };
  const vehicles = (): readonly NodeIndex[] => [SELF, PEER];
  const it = new OrderFlow({ self: SELF, station, vehicles, bootNonce: 5n, reader }, hands);
  const pass = (ms: number): void => void (nowMs += ms);
  return { it, did, pass };
}

describe("an order through a node", () => {
  test("that stops is flooded by the station that signs it, and goes to the log", () => {
    const { it, did } = flow(true);
    const hold = checked({ kind: "hold" });
    it.seen(hold, bytesOf(hold), true);
    expect(did.filter((what) => what.endsWith("class 0"))).toHaveLength(1);
    expect(did).toContain("consensus propose");
    expect(did).not.toContain("swarm order");
  });

  test("that stops is obeyed by a vehicle on receipt, which says so and floods nothing", () => {
    const { it, did } = flow(false);
    const hold = checked({ kind: "hold" });
    it.seen(hold, bytesOf(hold), false);
    expect(did).toContain("swarm order");
    expect(did.some((what) => what.endsWith("class 1"))).toBe(true);
    expect(did.some((what) => what.endsWith("class 0"))).toBe(false);
  });

  test("that comes again is answered again: the first word was lost, and not more often", () => {
    const { it, did, pass } = flow(false);
    const hold = checked({ kind: "hold" });
    const said = (): number => did.filter((what) => what.endsWith("class 1")).length;
    it.seen(hold, bytesOf(hold), false);
    const first = said();
    it.seen(hold, bytesOf(hold), false);
    expect(said()).toBe(first);
    pass(3000);
    it.seen(hold, bytesOf(hold), false);
    it.seen(hold, bytesOf(hold), false);
    expect(said()).toBe(first + 1);
    expect(did.filter((what) => what === "swarm order")).toHaveLength(1);
  });

  test("is told to the log by each vehicle in its slot, and only as it ended", () => {
    const { it, did, pass } = flow(false, checked({ kind: "hold" }));
    const hold = checked({ kind: "hold" });
    it.seen(hold, bytesOf(hold), false);
    it.agreed(orderKey(hold.order), bytesOf(hold));
    it.follow("hold");
    const proposed = (): number => did.filter((what) => what === "propose orderState").length;
    expect(proposed()).toBe(0);
    pass(it.wakeAt() - 1000);
    it.wake();
    expect(proposed()).toBe(1);
    expect(it.wakeAt()).toBe(NEVER);
  });

  test("that starts something waits for the log", () => {
    const { it, did } = flow(false);
    const start = checked({ kind: "start" });
    it.seen(start, bytesOf(start), false);
    expect(did).not.toContain("swarm order");
  });

  test("is spoken of by each vehicle for itself alone", () => {
    const { it, did } = flow(true);
    const name = { operator: nodeId(9n), session: 1, sequence: 7 };
    const word = encodeOrderState({ name, vehicle: PEER, progress: "acting", reason: "" });
    it.word(SELF, word);
    it.word(PEER, word.subarray(1));
    expect(did).toHaveLength(2);
    expect(did[0]).toBe("refused NOD003");
    expect(did[1]).toMatch(/^refused /);
  });
});
