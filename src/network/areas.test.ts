/** Sections named are those of RFC 8966 (Babel). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BROADCAST, ByteReader, ByteWriter, clusterAddress } from "../base/mod.ts";
import {
  AREA_GUARD_MS,
  createAreas,
  hasAreas,
  joinArea,
  loadAreas,
  ownAnnouncement,
  paceAreas,
  saveAreas,
  type Areas,
} from "./areas.ts";
import type { RouteEntry, RouteRequest } from "./beacon.ts";
import {
  createPeers,
  INFINITE,
  LinkState,
  obtainRow,
  releaseRow,
  rowOf,
  type PeerTable,
} from "./peers.ts";
import {
  ageRoutes,
  forgetVia,
  hearRequest,
  hearRoute,
  linkChanged,
  selectRoute,
  takeAnnouncements,
  takeRequests,
} from "./routing.ts";

/** A node as far as it routes between clusters; `view` is what it knows of who is where. */
interface Node {
  readonly links: PeerTable;
  readonly areas: Areas;
  readonly view: number[];
}

function createNode(view: readonly number[]): Node {
  const own = [...view];
  const links = createPeers(32);
  const addressOf = (peer: number): number => own[peer] ?? BROADCAST;
  return { links, areas: createAreas({ addressOf, clustersMax: 8 }, links), view: own };
}

const A = clusterAddress(1);
const B = clusterAddress(2);
const C = clusterAddress(3);

/** Node 0 of cluster 1, with neighbors 1 and 2 of cluster 2 and 3 of cluster 3. */
function standing(): Node {
  const node = createNode([A, B, B, C]);
  joinArea(node.areas, A, 0);
  return node;
}

function setCost(node: Node, peer: number, cost: number, nowMs: number): void {
  const row = obtainRow(node.links, peer, nowMs);
  node.links.cost[row] = cost;
  node.links.state[row] = cost === INFINITE ? LinkState.down : LinkState.up;
  linkChanged(node.areas.table, node.areas.routing, row, nowMs);
}

function hear(node: Node, from: number, entry: RouteEntry, nowMs: number): void {
  const { table, routing } = node.areas;
  const viaRow = obtainRow(node.links, from, nowMs);
  hearRoute(table, routing, { crowded: false, viaRow, nowMs, ...entry });
}

function nextHop({ areas, links }: Node, address: number): number | undefined {
  const row = rowOf(areas.table, address);
  const via = row < 0 ? -1 : areas.table.via[row]!;
  return via < 0 ? undefined : links.peers[via];
}

function announce({ areas }: Node, nowMs: number): RouteEntry[] {
  const own = ownAnnouncement(areas, nowMs);
  const options = { max: 32, urgentOnly: false, nowMs };
  const others = takeAnnouncements(areas.table, areas.routing, options);
  return own === undefined ? others : [own, ...others];
}

const entry = (destination: number, sequence: number, metric: number): RouteEntry => ({
  destination,
  sequence,
  metric,
});

describe("a cluster as a destination", () => {
  test("any member is a source of it, and nobody else may say so", () => {
    const node = standing();
    for (const peer of [1, 2, 3]) setCost(node, peer, 64, 0);
    hear(node, 3, entry(B, 5, 0), 0);
    expect(nextHop(node, B)).toBeUndefined();
    hear(node, 2, entry(B, 5, 0), 0);
    expect(nextHop(node, B)).toBe(2);
    setCost(node, 2, INFINITE, 0);
    hear(node, 1, entry(B, 5, 0), 0);
    expect(nextHop(node, B)).toBe(1);
  });

  test("another cluster's node passes the route on, at its own cost (3.5.2)", () => {
    const node = standing();
    setCost(node, 3, 64, 0);
    hear(node, 3, entry(B, 5, 70), 0);
    expect(nextHop(node, B)).toBe(3);
    expect(announce(node, 0)).toContainEqual(entry(B, 5, 134));
  });

  test("members share one sequence: the newest that is said of it is everyone's", () => {
    const node = standing();
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(A, 7, 64), 100);
    expect(ownAnnouncement(node.areas, 100)).toEqual(entry(A, 7, 0));
    expect(ownAnnouncement(node.areas, 4099)).toEqual(entry(A, 7, 0));
    expect(ownAnnouncement(node.areas, 4100)).toEqual(entry(A, 8, 0));
  });

  test("a request that reaches a member raises the sequence for all (3.8.1.2)", () => {
    const { areas } = standing();
    const request = { destination: A, sequence: 9 };
    hearRequest(areas.table, areas.routing, { request, nowMs: 0, crowded: false });
    expect([areas.routing.hasUrgent, ownAnnouncement(areas, 0)?.sequence]).toEqual([true, 9]);
  });

  test("who leaves a cluster follows to it only what is newer than it said itself", () => {
    const node = standing();
    setCost(node, 3, 64, 0);
    hear(node, 3, entry(A, 7, 64), 0);
    node.view[0] = B;
    joinArea(node.areas, B, 10);
    hear(node, 3, entry(A, 7, 1), 20);
    expect(nextHop(node, A)).toBeUndefined();
    hear(node, 3, entry(A, 8, 500), 30);
    expect(nextHop(node, A)).toBe(3);
  });

  test("who joins a cluster is a source of it at once, under the newest sequence it heard", () => {
    const node = standing();
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(B, 40, 0), 0);
    expect(nextHop(node, B)).toBe(1);
    joinArea(node.areas, B, 10);
    expect(nextHop(node, B)).toBeUndefined();
    expect(ownAnnouncement(node.areas, 10)).toEqual(entry(B, 40, 0));
    joinArea(node.areas, BROADCAST, 20);
    expect(ownAnnouncement(node.areas, 20)).toBeUndefined();
    expect([hasAreas(node.areas), hasAreas(createNode([]).areas)]).toEqual([true, false]);
  });

  test("what is not repeated for three rounds and a half is no longer followed", () => {
    const node = standing();
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(B, 5, 0), 0);
    ageRoutes(node.areas.table, node.areas.routing, 14_000);
    expect(nextHop(node, B)).toBe(1);
    ageRoutes(node.areas.table, node.areas.routing, 14_001);
    expect(nextHop(node, B)).toBeUndefined();
  });

  test("of more clusters than rows the newcomer waits until one was silent for a minute", () => {
    const node = standing();
    setCost(node, 3, 64, 0);
    for (let cluster = 10; cluster < 20; cluster += 1) {
      hear(node, 3, entry(clusterAddress(cluster), 5, 64), 0);
    }
    expect(nextHop(node, clusterAddress(17))).toBe(3);
    expect(nextHop(node, clusterAddress(18))).toBeUndefined();
    hear(node, 3, entry(clusterAddress(18), 5, 64), 60_000);
    expect(nextHop(node, clusterAddress(18))).toBe(3);
  });

  test("a neighbor whose row is given up takes its routes with it", () => {
    const node = standing();
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(B, 5, 0), 0);
    releaseRow(node.links, rowOf(node.links, 1));
    expect(nextHop(node, B)).toBeUndefined();
  });

  test("the more clusters, the longer a round and what it holds", () => {
    const links = createPeers(32);
    const areas = createAreas({ addressOf: () => A, clustersMax: 128 }, links);
    const viaRow = obtainRow(links, 3, 0);
    for (let cluster = 2; cluster < 80; cluster += 1) {
      const heard = entry(clusterAddress(cluster), 5, 64);
      hearRoute(areas.table, areas.routing, { crowded: false, viaRow, nowMs: 0, ...heard });
    }
    paceAreas(areas);
    expect(areas.routing.holdMs).toBe(28_000);
  });

  test("a saved table goes on as it was", () => {
    const node = standing();
    setCost(node, 1, 64, 0);
    hear(node, 1, entry(B, 5, 0), 0);
    hear(node, 1, entry(A, 9, 64), 0);
    const writer = new ByteWriter();
    saveAreas(node.areas, writer);
    const fresh = createNode(node.view);
    const reader = new ByteReader(writer.take());
    loadAreas(fresh.areas, reader);
    expect(reader.finish()).toBeUndefined();
    expect(announce(fresh, 50)).toEqual(announce(node, 50));
  });
});

/** One thing that happens to a world of nodes, as numbers that fast-check can shrink. */
type Happening =
  | { readonly kind: "link"; readonly a: number; readonly b: number; readonly cost: number }
  | { readonly kind: "announce"; readonly node: number }
  | { readonly kind: "deliver"; readonly pick: number; readonly lost: boolean }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "move"; readonly node: number; readonly cluster: number }
  | { readonly kind: "learn"; readonly node: number; readonly of: number }
  | { readonly kind: "crash"; readonly node: number };

interface InFlight {
  readonly from: number;
  readonly to: number;
  readonly entries: readonly RouteEntry[];
  readonly requests: readonly RouteRequest[];
}

const COUNT = 7;
const CLUSTERS = [A, B, C];

class World {
  readonly truth: number[] = Array.from({ length: COUNT }, (_, i) => CLUSTERS[i % 3]!);
  readonly nodes: Node[];
  nowMs = 0;
  #inFlight: InFlight[] = [];
  /** When a node was started last, for those that have crashed. */
  readonly #bootMs = new Map<number, number>();

  constructor() {
    this.nodes = this.truth.map((own) => {
      const node = createNode(this.truth);
      joinArea(node.areas, own, 0);
      return node;
    });
  }

  happen(it: Happening): void {
    switch (it.kind) {
      case "link":
        if (it.a === it.b) return;
        setCost(this.nodes[it.a]!, it.b, it.cost, this.nowMs);
        setCost(this.nodes[it.b]!, it.a, it.cost, this.nowMs);
        return;
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
        this.#pass(it.ms);
        return;
      case "move":
        // The node knows it at once, the others when they learn.
        this.truth[it.node] = CLUSTERS[it.cluster]!;
        this.nodes[it.node]!.view[it.node] = this.truth[it.node]!;
        joinArea(this.nodes[it.node]!.areas, this.truth[it.node]!, this.nowMs);
        return;
      case "learn":
        this.nodes[it.node]!.view[it.of] = this.truth[it.of]!;
        return;
      case "crash":
        this.#crash(it.node);
    }
  }

  #announce(from: number): void {
    const node = this.nodes[from]!;
    const entries = announce(node, this.nowMs);
    const requests = takeRequests(node.areas.table, 8);
    this.nodes.forEach((other, to) => {
      const row = rowOf(other.links, from);
      if (row < 0 || other.links.cost[row] === INFINITE || this.#inFlight.length > 200) return;
      this.#inFlight.push({ from, to, entries, requests });
    });
  }

  #deliver({ from, to, entries, requests }: InFlight): void {
    const node = this.nodes[to]!;
    const { table, routing } = node.areas;
    for (const it of entries) hear(node, from, it, this.nowMs);
    for (const request of requests) {
      hearRequest(table, routing, { request, nowMs: this.nowMs, crowded: false });
    }
  }

  /** Everything in memory is gone; its neighbors see it at the next frame, or by the silence. */
  #crash(slot: number): void {
    const { links } = this.nodes[slot]!;
    const node = createNode(this.truth);
    for (let peer = 0; peer < COUNT; peer += 1) {
      const row = rowOf(links, peer);
      if (row >= 0) setCost(node, peer, links.cost[row]!, this.nowMs);
    }
    node.areas.routing.guardUntilMs = this.nowMs + AREA_GUARD_MS;
    joinArea(node.areas, this.truth[slot]!, this.nowMs);
    this.nodes[slot] = node;
    this.#bootMs.set(slot, this.nowMs);
    this.#inFlight = this.#inFlight.filter(({ from, to }) => from !== slot && to !== slot);
  }

  #pass(ms: number): void {
    const until = this.nowMs + ms;
    for (const [slot, bootMs] of [...this.#bootMs]) {
      if (until - bootMs < AREA_GUARD_MS - 500) continue;
      this.#bootMs.delete(slot);
      this.nowMs = Math.max(this.nowMs, bootMs + AREA_GUARD_MS - 500);
      for (const node of this.nodes) {
        const row = rowOf(node.links, slot);
        if (row >= 0) forgetVia(node.areas.table, node.areas.routing, row, this.nowMs);
      }
    }
    this.nowMs = until;
    for (const { areas } of this.nodes) ageRoutes(areas.table, areas.routing, this.nowMs);
  }

  /** A cluster to which next hops run in a circle, with the nodes of the circle. */
  loop(): string | undefined {
    for (const address of CLUSTERS) {
      for (let start = 0; start < COUNT; start += 1) {
        const path: number[] = [];
        for (let here: number | undefined = start; here !== undefined;) {
          if (path.includes(here)) return `to ${address - A + 1}: ${path.join(" ")}`;
          path.push(here);
          const isThere: boolean = this.nodes[here]!.areas.routing.self === address;
          here = isThere ? undefined : nextHop(this.nodes[here]!, address);
        }
      }
    }
    return undefined;
  }
}

describe("loop freedom between clusters, at every instant (section 2.4)", () => {
  const node = fc.nat(COUNT - 1);
  const cost = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(INFINITE));
  const of = <K extends string, S extends object>(
    kind: K,
    shape: { [Key in keyof S]: fc.Arbitrary<S[Key]> },
  ): fc.Arbitrary<S & { readonly kind: K }> =>
    fc.record(shape).map((it) => ({ ...(it as S), kind }));
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    { weight: 3, arbitrary: of("link", { a: node, b: node, cost }) },
    { weight: 5, arbitrary: of("announce", { node }) },
    { weight: 14, arbitrary: of("deliver", { pick: fc.nat(200), lost: fc.boolean() }) },
    { weight: 2, arbitrary: of("pass", { ms: fc.integer({ min: 1, max: 9000 }) }) },
    { weight: 1, arbitrary: of("move", { node, cluster: fc.nat(2) }) },
    { weight: 2, arbitrary: of("learn", { node, of: node }) },
    { weight: 1, arbitrary: of("crash", { node }) },
  );

  test("whatever links, members and memories do, whatever is lost, late or overtaken", () => {
    let routed = 0;
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 250, size: "max" }), (happenings) => {
        const world = new World();
        for (let a = 0; a < COUNT; a += 1)
          world.happen({ kind: "link", a, b: (a + 1) % COUNT, cost: 64 });
        for (const it of happenings) {
          world.happen(it);
          expect(world.loop()).toBeUndefined();
        }
        routed += world.nodes.filter((it) =>
          CLUSTERS.some((to) => nextHop(it, to) !== undefined),
        ).length;
      }),
      { numRuns: 200 },
    );
    expect(routed, "there were routes at all").toBeGreaterThan(200);
  });

  test("the check sees a loop that is planted: without feasibility there is one", () => {
    const world = new World();
    world.happen({ kind: "link", a: 0, b: 3, cost: 64 });
    world.happen({ kind: "link", a: 3, b: 1, cost: 64 });
    // 0 and 3 are of cluster 1; 3 reaches cluster 2 over node 1, and 0 over 3.
    hear(world.nodes[3]!, 1, entry(B, 5, 0), 0);
    hear(world.nodes[0]!, 3, entry(B, 5, 64), 0);
    expect(world.loop()).toBeUndefined();
    const middle = world.nodes[3]!;
    middle.links.cost[rowOf(middle.links, 1)] = INFINITE;
    // As if node 3 had never announced: it now believes node 0, which goes over node 3.
    hear(middle, 0, entry(B, 5, 128), 0);
    selectRoute(middle.areas.table, middle.areas.routing, rowOf(middle.areas.table, B), 0);
    expect(world.loop()).toBe("to 2: 0 3");
  });

  test("a restarted node believes nobody to where its neighbors may still go over it", () => {
    const world = new World();
    world.happen({ kind: "link", a: 0, b: 3, cost: 64 });
    world.happen({ kind: "link", a: 3, b: 1, cost: 64 });
    hear(world.nodes[3]!, 1, entry(B, 5, 0), 0);
    hear(world.nodes[0]!, 3, entry(B, 5, 64), 0);
    world.happen({ kind: "crash", node: 3 });
    hear(world.nodes[3]!, 0, entry(B, 5, 128), 0);
    expect([nextHop(world.nodes[0]!, B), nextHop(world.nodes[3]!, B)]).toEqual([3, undefined]);
    world.happen({ kind: "pass", ms: AREA_GUARD_MS });
    expect([nextHop(world.nodes[0]!, B), nextHop(world.nodes[3]!, B)]).toEqual([undefined, 0]);
    expect(world.loop()).toBeUndefined();
  });

  test("when all goes quiet, every cluster that has members is reached from everywhere", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120, size: "max" }), (happenings) => {
        const world = new World();
        for (const it of happenings) world.happen(it);
        for (let a = 0; a < COUNT; a += 1) {
          for (let b = 0; b < COUNT; b += 1) world.happen({ kind: "learn", node: a, of: b });
          for (let b = a + 1; b < COUNT; b += 1) {
            const isRing = b - a === 1 || b - a === COUNT - 1;
            world.happen({ kind: "link", a, b, cost: isRing ? 64 : INFINITE });
          }
        }
        for (let round = 0; round < 16; round += 1) {
          world.happen({ kind: "pass", ms: 1000 });
          for (let i = 0; i < COUNT; i += 1) world.happen({ kind: "announce", node: i });
          for (let i = 0; i < 250; i += 1) world.happen({ kind: "deliver", pick: 0, lost: false });
        }
        for (const address of new Set(world.truth)) {
          const without = world.nodes.filter(
            (it, i) => world.truth[i] !== address && nextHop(it, address) === undefined,
          );
          expect(without).toEqual([]);
        }
        expect(world.loop()).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});
