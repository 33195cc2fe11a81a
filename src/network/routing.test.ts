/** Sections named are those of RFC 8966 (Babel). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RouteEntry, RouteRequest } from "./beacon.ts";
import {
  createPeers,
  INFINITE,
  LinkState,
  obtainRow,
  rowOf,
  setBit,
  type PeerTable,
} from "./peers.ts";
import {
  ageRoutes,
  askForAllVia,
  createRouting,
  forgetVia,
  hearRequest,
  hearRoute,
  isFeasible,
  linkChanged,
  ownSequence,
  selectRoute,
  takeAnnouncements,
  takeRequests,
  type RoutingState,
} from "./routing.ts";

interface Node {
  readonly table: PeerTable;
  readonly state: RoutingState;
}

function createNode(self: number, sequence = 0): Node {
  return { table: createPeers(32), state: createRouting(self, sequence) };
}

/** Sets the cost of the link from `node` to `peer`; INFINITE is down. */
function setCost(node: Node, peer: number, cost: number, nowMs: number): void {
  const row = obtainRow(node.table, peer, nowMs);
  node.table.cost[row] = cost;
  node.table.state[row] = cost === INFINITE ? LinkState.down : LinkState.up;
  linkChanged(node.table, node.state, row, nowMs);
}

function hear(node: Node, from: number, entry: RouteEntry, nowMs: number): void {
  const viaRow = obtainRow(node.table, from, nowMs);
  hearRoute(node.table, node.state, { crowded: false, viaRow, nowMs, ...entry });
}

const nextHop = (node: Node, destination: number): number | undefined => {
  const row = rowOf(node.table, destination);
  const via = row < 0 ? -1 : node.table.via[row]!;
  return via < 0 ? undefined : node.table.peers[via];
};

const entry = (destination: number, sequence: number, metric: number): RouteEntry => ({
  destination,
  sequence,
  metric,
});

/** Everything a node would announce now, itself included. */
function announce(node: Node, nowMs: number): RouteEntry[] {
  const own = entry(node.state.self, ownSequence(node.state, nowMs), 0);
  const options = { max: 32, urgentOnly: false, nowMs };
  return [own, ...takeAnnouncements(node.table, node.state, options)];
}

describe("feasibility (3.5.1)", () => {
  test("newer sequences, or the same with a smaller metric than was ever announced", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    announce(node, 0);
    const row = rowOf(node.table, 9);
    expect(isFeasible(node.table, row, 10, 127)).toBe(true);
    expect(isFeasible(node.table, row, 10, 128)).toBe(false);
    expect(isFeasible(node.table, row, 9, 1)).toBe(false);
    expect(isFeasible(node.table, row, 11, 5000)).toBe(true);
    expect(isFeasible(node.table, row, (10 + 0x7fff) & 0xffff, 5000)).toBe(true);
  });

  test("an unfeasible announcement is not followed, however short", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    setCost(node, 2, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    announce(node, 0);
    hear(node, 2, entry(9, 9, 1), 0);
    setCost(node, 1, INFINITE, 0);
    expect(nextHop(node, 9)).toBeUndefined();
    hear(node, 2, entry(9, 11, 500), 0);
    expect(nextHop(node, 9)).toBe(2);
  });

  test("under one sequence the announced metric never rises", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    expect(announce(node, 0)).toContainEqual(entry(9, 10, 128));
    setCost(node, 1, 200, 0);
    expect(announce(node, 0)).toContainEqual(entry(9, 10, 128));
    hear(node, 1, entry(9, 11, 64), 0);
    expect(announce(node, 0)).toContainEqual(entry(9, 11, 264));
  });
});

describe("route selection (3.6)", () => {
  test("the smallest metric, with hysteresis against small gains", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    setCost(node, 2, 64, 0);
    hear(node, 1, entry(9, 10, 100), 0);
    hear(node, 2, entry(9, 10, 90), 0);
    expect(nextHop(node, 9)).toBe(1);
    hear(node, 2, entry(9, 10, 64), 0);
    expect(nextHop(node, 9)).toBe(2);
  });

  test("a retraction (3.5.4) and a lost link make room for the next best", () => {
    const node = createNode(0);
    for (const via of [1, 2, 3]) {
      setCost(node, via, 64, 0);
      hear(node, via, entry(9, 10, 60 * via), 0);
    }
    expect(nextHop(node, 9)).toBe(1);
    hear(node, 1, entry(9, 10, INFINITE), 0);
    expect(nextHop(node, 9)).toBe(2);
    setCost(node, 2, INFINITE, 0);
    expect(nextHop(node, 9)).toBe(3);
    hear(node, 3, entry(9, 10, INFINITE), 0);
    expect(nextHop(node, 9)).toBeUndefined();
    expect(announce(node, 0)).toContainEqual(entry(9, 10, INFINITE));
    expect(announce(node, 6000).some((it) => it.destination === 9)).toBe(false);
  });

  test("the time without a route is kept for reports, the latest 1,024 of them", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    expect(node.state.outagesMs).toEqual([]);
    setCost(node, 1, INFINITE, 100);
    setCost(node, 1, 64, 350);
    hear(node, 1, entry(9, 11, 64), 350);
    expect(node.state.outagesMs).toEqual([250]);
    for (let i = 0; i < 2000; i += 1) {
      setCost(node, 1, INFINITE, 400);
      setCost(node, 1, 64, 400);
    }
    expect(node.state.outagesMs).toHaveLength(1024);
  });

  test("what is not repeated is not followed for ever", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    ageRoutes(node.table, node.state, 5000);
    expect(nextHop(node, 9)).toBe(1);
    ageRoutes(node.table, node.state, 6001);
    expect(nextHop(node, 9)).toBeUndefined();
  });

  test("of four neighbors that announce it the three best are kept", () => {
    const node = createNode(0);
    for (const [via, metric] of [
      [1, 300],
      [2, 200],
      [3, 100],
      [4, 50],
    ] as const) {
      setCost(node, via, 64, 0);
      hear(node, via, entry(9, 10, metric), 0);
    }
    for (const via of [4, 3, 2]) {
      expect(nextHop(node, 9)).toBe(via);
      setCost(node, via, INFINITE, 0);
    }
    expect(nextHop(node, 9)).toBeUndefined();
  });

  test("for its first seconds a restarted node follows direct routes only", () => {
    const node = createNode(0);
    node.state.guardUntilMs = 3000;
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(1, 5, 0), 0);
    hear(node, 1, entry(9, 10, 64), 0);
    expect([nextHop(node, 1), nextHop(node, 9)]).toEqual([1, undefined]);
    ageRoutes(node.table, node.state, 3000);
    expect(nextHop(node, 9)).toBe(1);
  });

  test("only a source says 0, and of itself nothing else", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 0), 0);
    hear(node, 1, entry(1, 10, 7), 0);
    expect([nextHop(node, 9), nextHop(node, 1)]).toEqual([undefined, undefined]);
  });

  test("when a neighbor restarts, routes over it are dropped", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    forgetVia(node.table, node.state, rowOf(node.table, 1), 0);
    expect(nextHop(node, 9)).toBeUndefined();
  });
});

describe("sequences and requests (3.8.1.2)", () => {
  test("a source raises its sequence each second, and past that of an earlier life", () => {
    const node = createNode(0, 0xffff);
    expect(ownSequence(node.state, 0)).toBe(0);
    expect(ownSequence(node.state, 999)).toBe(0);
    expect(ownSequence(node.state, 1000)).toBe(1);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(0, 500, 64), 1000);
    expect(ownSequence(node.state, 1000)).toBe(501);
    hear(node, 1, entry(0, 600, INFINITE), 1000);
    expect(ownSequence(node.state, 1000)).toBe(501);
  });

  test("a lost route is asked for, with the sequence that would be feasible, not too often", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    announce(node, 0);
    setCost(node, 1, INFINITE, 100);
    expect(takeRequests(node.table, 8)).toEqual([{ destination: 9, sequence: 11 }]);
    ageRoutes(node.table, node.state, 300);
    expect(takeRequests(node.table, 8)).toEqual([]);
    ageRoutes(node.table, node.state, 400);
    expect(takeRequests(node.table, 8)).toEqual([{ destination: 9, sequence: 11 }]);
  });

  test("a source and a follower answer, others pass it on once", () => {
    const request: RouteRequest = { destination: 9, sequence: 11 };
    const source = createNode(9, 10);
    ownSequence(source.state, 0);
    hearRequest(source.table, source.state, {
      request: { destination: 9, sequence: 20 },
      nowMs: 1,
      crowded: false,
    });
    expect([ownSequence(source.state, 1), source.state.hasUrgent]).toEqual([20, true]);

    const follower = createNode(1);
    setCost(follower, 9, 64, 0);
    hear(follower, 9, entry(9, 11, 0), 0);
    const urgent = { max: 8, urgentOnly: true, nowMs: 0 };
    takeAnnouncements(follower.table, follower.state, urgent);
    const answersAt = (nowMs: number): RouteEntry[] => {
      hearRequest(follower.table, follower.state, { request, nowMs, crowded: false });
      return takeAnnouncements(follower.table, follower.state, { ...urgent, nowMs });
    };
    // Just told, then asked by one, and by another at nearly the same time.
    expect([50, 51, 60].map(answersAt)).toEqual([[], [entry(9, 11, 64)], []]);

    const other = createNode(2);
    setCost(other, 1, 64, 0);
    hear(other, 1, entry(9, 10, 64), 0);
    hearRequest(other.table, other.state, { request, nowMs: 0, crowded: false });
    hearRequest(other.table, other.state, { request, nowMs: 1, crowded: false });
    expect(takeRequests(other.table, 8)).toEqual([request]);
    expect(takeRequests(other.table, 8)).toEqual([]);
    hearRequest(other.table, other.state, {
      request: { destination: 77, sequence: 0 },
      nowMs: 1,
      crowded: false,
    });
    expect(takeRequests(other.table, 8)).toEqual([]);
  });

  test("in a crowd, who hears another ask or answer does not say it again", () => {
    const request: RouteRequest = { destination: 9, sequence: 11 };
    const asks = createNode(2);
    setCost(asks, 1, 64, 0);
    hear(asks, 1, entry(9, 10, 64), 0);
    hearRequest(asks.table, asks.state, { request, nowMs: 0, crowded: true });
    hearRequest(asks.table, asks.state, { request, nowMs: 1, crowded: true });
    expect(takeRequests(asks.table, 8)).toEqual([]);

    const urgent = { max: 8, urgentOnly: true, nowMs: 100 };
    const toldBy = (crowded: boolean, sequence: number): RouteEntry[] => {
      const node = createNode(3);
      setCost(node, 9, 64, 0);
      setCost(node, 1, 64, 0);
      hear(node, 9, entry(9, 11, 0), 0);
      takeAnnouncements(node.table, node.state, { ...urgent, nowMs: 0 });
      hearRequest(node.table, node.state, { request, nowMs: 100, crowded });
      const viaRow = rowOf(node.table, 1);
      hearRoute(node.table, node.state, { crowded, viaRow, nowMs: 100, ...entry(9, sequence, 64) });
      return takeAnnouncements(node.table, node.state, urgent);
    };
    expect(toldBy(true, 11)).toEqual([]);
    expect(toldBy(true, 10)).toEqual([entry(9, 11, 64)]);
    expect(toldBy(false, 11)).toEqual([entry(9, 11, 64)]);
  });

  test("what every neighbor hears itself is announced a little at a time, the rest at once", () => {
    const node = createNode(0);
    for (let peer = 1; peer <= 8; peer += 1) {
      setCost(node, peer, 64, 0);
      node.table.state[rowOf(node.table, peer)] = LinkState.up;
      hear(node, peer, entry(peer, 5, 0), 0);
    }
    for (let a = 0; a < 8; a += 1) for (let b = 0; b < 7; b += 1) setBit(node.table, a, b, true);
    const all = { max: 16, urgentOnly: false, nowMs: 0 };
    takeAnnouncements(node.table, node.state, { ...all, urgentOnly: true });
    const told = Array.from({ length: 4 }, () =>
      takeAnnouncements(node.table, node.state, all).map(({ destination }) => destination),
    );
    expect(told.map((list) => list.length)).toEqual([3, 3, 3, 3]);
    expect(told.every((list) => list.includes(8))).toBe(true);
    expect(new Set(told.flat()).size).toBe(8);
  });

  test("what was asked for is told at once when it comes", () => {
    const node = createNode(0);
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(9, 10, 64), 0);
    announce(node, 0);
    askForAllVia(node.table, node.state, rowOf(node.table, 1), 0);
    const urgent = { max: 8, urgentOnly: true, nowMs: 0 };
    expect(takeAnnouncements(node.table, node.state, urgent)).toEqual([]);
    hear(node, 1, entry(9, 11, 64), 50);
    expect(takeAnnouncements(node.table, node.state, urgent)).toEqual([entry(9, 11, 128)]);
  });
});

/** One thing that happens to a world of nodes, as numbers that fast-check can shrink. */
type Happening =
  | { readonly kind: "link"; readonly a: number; readonly b: number; readonly cost: number }
  | { readonly kind: "announce"; readonly node: number }
  | { readonly kind: "deliver"; readonly pick: number; readonly lost: boolean }
  | { readonly kind: "pass"; readonly ms: number };

interface InFlight {
  readonly from: number;
  readonly to: number;
  readonly entries: readonly RouteEntry[];
  readonly requests: readonly RouteRequest[];
}

class World {
  readonly nodes: Node[];
  nowMs = 0;
  #inFlight: InFlight[] = [];

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, i) => createNode(i));
  }

  happen(it: Happening): void {
    switch (it.kind) {
      case "link": {
        if (it.a === it.b) return;
        setCost(this.nodes[it.a]!, it.b, it.cost, this.nowMs);
        setCost(this.nodes[it.b]!, it.a, it.cost, this.nowMs);
        return;
      }
      case "announce":
        this.#announce(it.node);
        return;
      case "deliver": {
        // Any message in flight may come next, so order and delay are arbitrary.
        const [message] = this.#inFlight.splice(it.pick % Math.max(1, this.#inFlight.length), 1);
        if (message !== undefined && !it.lost) this.#deliver(message);
        return;
      }
      case "pass":
        this.nowMs += it.ms;
        for (const node of this.nodes) ageRoutes(node.table, node.state, this.nowMs);
    }
  }

  #announce(from: number): void {
    const node = this.nodes[from]!;
    const entries = announce(node, this.nowMs);
    const requests = takeRequests(node.table, 8);
    this.nodes.forEach((other, to) => {
      const row = rowOf(other.table, from);
      if (row < 0 || other.table.cost[row] === INFINITE || this.#inFlight.length > 200) return;
      this.#inFlight.push({ from, to, entries, requests });
    });
  }

  #deliver({ from, to, entries, requests }: InFlight): void {
    const node = this.nodes[to]!;
    for (const it of entries) hear(node, from, it, this.nowMs);
    for (const request of requests) {
      hearRequest(node.table, node.state, { request, nowMs: this.nowMs, crowded: false });
    }
  }

  /** A destination whose next hops run in a circle, as the nodes of the circle. */
  loop(): string | undefined {
    for (let destination = 0; destination < this.nodes.length; destination += 1) {
      for (let start = 0; start < this.nodes.length; start += 1) {
        const path = [start];
        for (let at: number | undefined = start; at !== undefined && at !== destination;) {
          at = nextHop(this.nodes[at]!, destination);
          if (at !== undefined && path.includes(at)) return `to ${destination}: ${path.join(" ")}`;
          if (at !== undefined) path.push(at);
        }
      }
    }
    return undefined;
  }
}

describe("loop freedom, at every instant (RFC 8966, section 2.4)", () => {
  const node = fc.nat(5);
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("link" as const),
        a: node,
        b: node,
        cost: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(INFINITE)),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("announce" as const), node }) },
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant("deliver" as const),
        pick: fc.nat(200),
        lost: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("pass" as const),
        ms: fc.integer({ min: 1, max: 4000 }),
      }),
    },
  );

  test("whatever links do, whatever is lost, late or overtaken", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 250, size: "max" }), (happenings) => {
        const world = new World(6);
        for (let a = 0; a < 6; a += 1) {
          for (let b = a + 1; b < 6; b += 1) world.happen({ kind: "link", a, b, cost: 64 });
        }
        for (const it of happenings) {
          world.happen(it);
          expect(world.loop()).toBeUndefined();
        }
      }),
      { numRuns: 150 },
    );
  });

  test("the check sees a loop that is planted: without feasibility there is one", () => {
    const world = new World(3);
    for (const [a, b] of [
      [0, 1],
      [1, 2],
    ] as const)
      world.happen({ kind: "link", a, b, cost: 64 });
    hear(world.nodes[1]!, 2, entry(2, 5, 0), 0);
    hear(world.nodes[0]!, 1, entry(2, 5, 64), 0);
    expect(world.loop()).toBeUndefined();
    const middle = world.nodes[1]!;
    middle.table.cost[rowOf(middle.table, 2)] = INFINITE;
    // As if node 1 had never announced: it now believes node 0, which goes over node 1.
    hear(middle, 0, entry(2, 5, 128), 0);
    selectRoute(middle.table, middle.state, rowOf(middle.table, 2), 0);
    expect(world.loop()).toBe("to 2: 0 1");
  });

  test("when all goes quiet, everyone in reach has a route again", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120, size: "max" }), (happenings) => {
        const world = new World(6);
        for (const it of happenings) world.happen(it);
        // A ring: everyone in reach of everyone.
        for (let a = 0; a < 6; a += 1) {
          for (let b = a + 1; b < 6; b += 1) {
            const cost = b - a === 1 || b - a === 5 ? 64 : INFINITE;
            world.happen({ kind: "link", a, b, cost });
          }
        }
        for (let round = 0; round < 12; round += 1) {
          world.happen({ kind: "pass", ms: 1000 });
          for (let i = 0; i < 6; i += 1) world.happen({ kind: "announce", node: i });
          for (let i = 0; i < 250; i += 1) world.happen({ kind: "deliver", pick: 0, lost: false });
        }
        for (let from = 0; from < 6; from += 1) {
          for (let to = 0; to < 6; to += 1) {
            if (from !== to) expect(nextHop(world.nodes[from]!, to)).toBeDefined();
          }
        }
        expect(world.loop()).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});
