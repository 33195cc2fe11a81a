import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex, segmentId } from "../../base/mod.ts";
import { EntryKind, type LogEntry } from "../entry.ts";
import { encodeBody, EPOCH_MAX, kindOf, type EntryBody, type LeaseAction } from "./bodies.ts";
import type { ApplyOutcome, StateChange } from "./changes.ts";
import { NO_OWNER } from "./rows.ts";
import { SwarmState } from "./swarm-state.ts";

let state: SwarmState;
let sequences: Map<number, number>;

beforeEach(() => {
  state = new SwarmState(60_000);
  sequences = new Map();
});

function entryOf(proposer: number, body: EntryBody, orderId = 0n): LogEntry {
  const sequence = (sequences.get(proposer) ?? 0) + 1;
  sequences.set(proposer, sequence);
  return {
    kind: kindOf(body),
    proposer: nodeIndex(proposer),
    sequence,
    orderId,
    body: encodeBody(body),
    signatures: [],
  };
}

const apply = (proposer: number, body: EntryBody, orderId = 0n): ApplyOutcome =>
  state.apply(entryOf(proposer, body, orderId));

/** Kinds of the changes, or the problem's code. */
function effect(proposer: number, body: EntryBody, orderId = 0n): string {
  const outcome = apply(proposer, body, orderId);
  if (outcome.kind === "applied") return outcome.changes.map((each) => each.kind).join(" ");
  return outcome.kind === "refused" ? outcome.problem.code : "duplicate";
}

function changes(proposer: number, body: EntryBody): readonly StateChange[] {
  const outcome = apply(proposer, body);
  return outcome.kind === "applied" ? outcome.changes : [];
}

const lease = (action: LeaseAction, segment: number, pass = 0, lanes = 0): EntryBody => ({
  kind: "lease",
  action,
  progress: { segment: segmentId(segment), pass, lanes },
});
const tick = (logTimeMs: number): EntryBody => ({ kind: "tick", logTimeMs });
const member = (
  node: number,
  action: "joined" | "lost" | "back" | "left",
  role: "vehicle" | "ground" = "vehicle",
): EntryBody => ({
  kind: "member",
  node: nodeIndex(node),
  action,
  role,
  bootNonce: new Uint8Array(8).fill(node),
});
const evict = (node: number): EntryBody => ({ kind: "evict", node: nodeIndex(node), reason: 3 });
const ownerOf = (segment: number) => state.segments.get(segmentId(segment))?.owner;

describe("leases", () => {
  test("the first claim wins, the second is told who was first", () => {
    expect(effect(1, lease("claim", 7))).toBe("claimed");
    expect(effect(2, lease("claim", 7))).toBe("CON011");
    expect([ownerOf(7), state.openLeases]).toEqual([1, 1]);
  });

  test("claiming again is a renewal and no news", () => {
    apply(1, lease("claim", 7));
    apply(0, tick(50_000));
    expect(effect(1, lease("claim", 7))).toBe("");
    apply(0, tick(100_000));
    expect(ownerOf(7)).toBe(1);
  });

  test("a lease that nobody renews is free after a minute of log time", () => {
    apply(1, lease("claim", 7));
    expect(effect(0, tick(60_000))).toBe("logTime");
    expect(effect(0, tick(60_001))).toBe("logTime freed");
    expect([ownerOf(7), state.openLeases]).toEqual([NO_OWNER, 0]);
    expect(effect(2, lease("claim", 7))).toBe("claimed");
  });

  test("log time never falls", () => {
    apply(0, tick(10));
    expect([effect(0, tick(10)), effect(0, tick(9))]).toEqual(["CON014", "CON014"]);
  });

  test("completing frees the segment and keeps what was swept", () => {
    apply(1, lease("claim", 7));
    expect(effect(1, lease("complete", 7, 1))).toBe("progress freed");
    expect(state.segments.get(segmentId(7))).toMatchObject({ owner: NO_OWNER, pass: 1, lanes: 0 });
  });

  test("a late sweep by one who lost the lease still counts, and takes nothing", () => {
    apply(1, lease("claim", 7));
    apply(0, tick(60_001));
    apply(2, lease("claim", 7));
    expect(effect(1, lease("renew", 7, 0, 0b0110))).toBe("progress");
    expect(effect(1, lease("release", 7, 0, 0b1000))).toBe("progress");
    expect(state.segments.get(segmentId(7))).toMatchObject({ owner: 2, lanes: 0b1110 });
  });

  test("who never held the segment has not swept it, while another holds it", () => {
    apply(1, lease("claim", 7));
    expect(effect(3, lease("complete", 7, 1))).toBe("CON012");
    apply(1, lease("release", 7));
    apply(2, lease("claim", 7));
    apply(2, lease("release", 7));
    apply(3, lease("claim", 7));
    expect(effect(1, lease("renew", 7, 0, 1))).toBe("CON012");
    expect(effect(2, lease("renew", 7, 0, 1))).toBe("progress");
    expect(state.segments.get(segmentId(7))).toMatchObject({ pass: 0, lanes: 1, owner: 3 });
  });

  test("a sweep goes one pass further, whatever is said of later ones", () => {
    apply(1, lease("claim", 7));
    apply(1, lease("complete", 7, 255, 0xffffffff));
    expect(state.segments.get(segmentId(7))).toMatchObject({ pass: 1, lanes: 0 });
    apply(2, lease("claim", 7));
    expect(effect(2, lease("complete", 7, 2, 3))).toBe("progress freed");
    expect(state.segments.get(segmentId(7))).toMatchObject({ pass: 2, lanes: 3 });
  });

  test("renewing a free segment claims it: a tentative lease becomes a real one", () => {
    expect(effect(3, lease("renew", 9, 0, 1))).toBe("progress claimed");
    expect(ownerOf(9)).toBe(3);
  });

  test("sweeps merge in any order to one state", () => {
    const sweeps = fc.array(fc.tuple(fc.nat(1), fc.nat(0xff)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sweeps, (reports) => {
        const rows = [reports, [...reports].reverse()].map((order) => {
          state = new SwarmState(60_000);
          sequences = new Map();
          for (const [pass, lanes] of order) apply(1, lease("release", 4, pass, lanes));
          return state.segments.get(segmentId(4));
        });
        expect(rows[0]).toEqual(rows[1]);
      }),
    );
  });

  test("lane 31 is a lane like the others", () => {
    apply(1, lease("renew", 4, 0, 0x80000000));
    expect(state.segments.get(segmentId(4))?.lanes).toBe(0x80000000);
  });
});

describe("the roster", () => {
  test("a vehicle speaks for itself when it joins or leaves", () => {
    expect(effect(1, member(1, "joined"))).toBe("member");
    expect(effect(1, member(2, "joined"))).toBe("CON017");
    expect(effect(2, member(1, "left"))).toBe("CON017");
  });

  test("anyone may say that another is lost or back; what it held is free", () => {
    apply(1, member(1, "joined"));
    apply(1, lease("claim", 3));
    apply(1, { kind: "pad", pad: 2, claim: true });
    expect(effect(2, member(1, "lost"))).toBe("member freed padFreed");
    expect(state.members.get(nodeIndex(1))?.standing).toBe("lost");
    expect(effect(2, member(1, "back"))).toBe("member");
    expect(state.members.get(nodeIndex(1))).toMatchObject({ standing: "present", role: "vehicle" });
    expect(effect(3, member(1, "back"))).toBe("CON014");
    expect([effect(2, member(9, "lost")), effect(3, member(9, "lost"))]).toEqual([
      "member",
      "CON014",
    ]);
  });

  test("a new boot brings a new nonce", () => {
    apply(1, member(1, "joined", "ground"));
    apply(1, { ...member(1, "joined"), bootNonce: new Uint8Array(8).fill(0xee) } as EntryBody);
    expect(state.members.get(nodeIndex(1))?.bootNonce[0]).toBe(0xee);
  });

  test("who is expelled holds nothing, says nothing more, and does not come back", () => {
    apply(1, member(1, "joined"));
    apply(1, lease("claim", 3));
    expect(effect(2, evict(1))).toBe("evicted freed");
    expect(state.isEvicted(nodeIndex(1))).toBe(true);
    expect(effect(1, lease("claim", 3))).toBe("CON023");
    expect(effect(1, member(1, "joined"))).toBe("CON023");
    expect(effect(2, member(1, "back"))).toBe("CON023");
    expect(effect(2, evict(1))).toBe("CON014");
    expect(effect(2, evict(8))).toBe("evicted");
  });
});

describe("mission, plan, clues", () => {
  test("phases follow revisions", () => {
    expect(effect(0, { kind: "mission", phase: "started", revision: 2 })).toBe("mission");
    expect(effect(0, { kind: "mission", phase: "paused", revision: 1 })).toBe("CON014");
    expect(state.mission).toMatchObject({ phase: "started", revision: 2 });
  });

  test("a plan replaces only an older one", () => {
    const plan = { kind: "plan", segmentCount: 40, digest: new Uint8Array(32) } as const;
    expect(effect(0, { ...plan, revision: 1 })).toBe("plan");
    expect(effect(0, { ...plan, revision: 1 })).toBe("CON014");
    expect(state.mission).toMatchObject({ planRevision: 1, segmentCount: 40 });
  });

  test("a clue is told once", () => {
    const position = { northCm: 1, eastCm: 2, altitudeAmslCm: 3 };
    const clue = { kind: "clue", id: 5, position, errorCm: 100, weightMilli: 2_000 } as const;
    expect([effect(0, clue), effect(0, clue)]).toEqual(["clue", "CON014"]);
    for (let id = 6; id < 261; id += 1) apply(0, { ...clue, id });
    expect(effect(0, { ...clue, id: 999 })).toBe("CON015");
    expect(state.clues.size).toBe(256);
  });
});

describe("orders", () => {
  const order: EntryBody = { kind: "order", order: Uint8Array.of(1, 2, 3) };
  const acting = (node: number, orderId: bigint): EntryBody => ({
    kind: "orderState",
    orderId,
    node: nodeIndex(node),
    progress: "acting",
    reason: 0,
  });

  test("an order is recorded once, and each vehicle says where it is with it", () => {
    expect([effect(0, order, 9n), effect(1, order, 9n)]).toEqual(["order", "CON014"]);
    expect(effect(2, acting(2, 9n))).toBe("orderState");
    expect(effect(1, acting(1, 9n))).toBe("orderState");
    expect(effect(1, { ...acting(1, 9n), progress: "done" } as EntryBody)).toBe("orderState");
    expect(state.orders.get(9n)?.progress).toEqual([
      { node: 1, progress: "done", reason: 0 },
      { node: 2, progress: "acting", reason: 0 },
    ]);
    expect(effect(2, acting(1, 9n))).toBe("CON017");
    expect(effect(2, acting(2, 8n))).toBe("CON013");
  });

  test("the oldest of 64 gives way to a new one", () => {
    for (let id = 100n; id > 36n; id -= 1n) apply(0, order, id);
    expect([state.orders.size, effect(0, order, 5n)]).toEqual([64, "order"]);
    expect([state.orders.get(100n), state.orders.get(99n)?.place]).toEqual([undefined, 2]);
  });
});

describe("detections", () => {
  const detection = (sequence: number, finder = 1): EntryBody => ({
    kind: "detection",
    detection: {
      id: finder * 0x10000 + sequence,
      finder: nodeIndex(finder),
      position: { northCm: 0, eastCm: 0, altitudeAmslCm: 0 },
      errorCm: 500,
      confidence: 60_000,
      networkTimeMs: 5,
      imageRef: "1.jpg",
    },
  });

  test("a sighting, its verdict, and neither twice nor of nothing", () => {
    expect([effect(1, detection(5)), effect(1, detection(5))]).toEqual(["detection", "CON014"]);
    const id = 0x10005;
    expect(effect(0, { kind: "verdict", id, verdict: "confirmed" })).toBe("verdict");
    expect(state.detections.get(id)?.verdict).toBe("confirmed");
    expect(effect(0, { kind: "verdict", id: 6, verdict: "confirmed" })).toBe("CON013");
  });

  test("a full table drops what was dismissed, and nothing else", () => {
    for (let at = 0; at < 512; at += 1) apply(1, detection(at));
    for (let at = 0; at < 512; at += 1) {
      apply(0, { kind: "verdict", id: 0x10000 + at, verdict: "confirmed" });
    }
    expect(effect(1, detection(600))).toBe("CON015");
    apply(0, { kind: "verdict", id: 0x10000 + 30, verdict: "dismissed" });
    expect(effect(1, detection(601))).toBe("detection");
    expect(state.detections.get(0x10000 + 30)).toBeUndefined();
  });

  test("who fills the table loses the first of its own, and takes no room from others", () => {
    for (let at = 0; at < 20; at += 1) apply(2, detection(at, 2));
    for (let at = 0; at < 600; at += 1) expect(effect(3, detection(at, 3))).toBe("detection");
    expect(effect(1, detection(0))).toBe("detection");
    const finders = state.detections.entries().map(([, row]) => row.detection.finder);
    expect([1, 2, 3].map((one) => finders.filter((each) => each === one).length)).toEqual([
      1, 20, 491,
    ]);
    expect(state.detections.get(3 * 0x10000 + 599)).toBeDefined();
  });

  test("nobody reports for another, nor under the number of another", () => {
    expect(effect(2, detection(5, 1))).toBe("CON017");
    const own = detection(5, 2) as Extract<EntryBody, { kind: "detection" }>;
    const taken = { ...own, detection: { ...own.detection, id: 0x10005 } };
    expect(effect(2, taken)).toBe("CON017");
    expect(effect(1, detection(5))).toBe("detection");
  });
});

describe("epochs, pads, latches, values", () => {
  const epoch = (number: bigint, opener = 1): EntryBody => ({
    kind: "epoch",
    epoch: number,
    opener: nodeIndex(opener),
    commitment: new Uint8Array(32).fill(Number(number)),
  });

  test("epochs only rise, are opened by their opener, and the last eight are known", () => {
    apply(1, { kind: "noop" });
    expect([effect(1, epoch(1n)), effect(1, epoch(1n)), effect(2, epoch(2n))]).toEqual([
      "epoch",
      "CON014",
      "CON017",
    ]);
    expect([effect(1, epoch(3n)), effect(1, epoch(EPOCH_MAX))]).toEqual(["CON014", "CON014"]);
    expect(effect(2, epoch(2n, 2))).toBe("CON017");
    for (let number = 2n; number < 12n; number += 1n) apply(1, epoch(number));
    expect(state.epochs.entries().map(([number]) => number)).toEqual([
      4n,
      5n,
      6n,
      7n,
      8n,
      9n,
      10n,
      11n,
    ]);
  });

  test("a pad has one holder", () => {
    const pad = (claim: boolean): EntryBody => ({ kind: "pad", pad: 1, claim });
    expect(effect(1, pad(true))).toBe("padClaimed");
    expect([effect(1, pad(true)), effect(2, pad(true)), effect(2, pad(false))]).toEqual([
      "",
      "CON016",
      "CON012",
    ]);
    expect([effect(1, pad(false)), effect(1, pad(false))]).toEqual(["padFreed", ""]);
  });

  test("clear-air stays until it is lifted, with the order behind it", () => {
    const latch = { kind: "latch", latch: 1, aglMaxCm: 3_000, byNetworkTimeMs: 9 } as const;
    expect(effect(0, { ...latch, set: true }, 44n)).toBe("latch");
    expect(state.latches.get(1)).toMatchObject({ set: true, orderId: 44n });
    apply(0, { ...latch, set: false }, 45n);
    expect(state.latches.get(1)?.set).toBe(false);
    for (let id = 2; id < 17; id += 1) apply(0, { ...latch, latch: id, set: true });
    expect(effect(0, { ...latch, latch: 99, set: true })).toBe("CON015");
  });

  test("the last value of a key counts; 64 keys", () => {
    const value = (key: string, number: number): EntryBody => ({
      kind: "value",
      key,
      value: [number],
    });
    apply(1, value("wind", 3));
    expect(changes(2, value("wind", 4))).toEqual([
      { kind: "value", key: "wind", value: [4], by: 2 },
    ]);
    for (let i = 0; i < 63; i += 1) apply(1, value(`k${String(i)}`, i));
    expect(effect(1, value("one more", 1))).toBe("CON015");
    expect(state.values.get("wind")?.by).toBe(2);
  });
});

describe("the state as a whole", () => {
  test("a repeated proposal counts once", () => {
    const entry = entryOf(1, lease("claim", 5));
    expect([state.apply(entry).kind, state.apply(entry).kind]).toEqual(["applied", "duplicate"]);
    expect(state.hasSeen(nodeIndex(1), 1)).toBe(true);
  });

  test("a committed entry that makes no sense changes nothing, on every member alike", () => {
    const entry = { ...entryOf(1, { kind: "noop" }), kind: EntryKind.verdict };
    expect(state.apply(entry)).toMatchObject({ kind: "refused", problem: { code: "CON002" } });
  });

  test("Raft's own entries change nothing", () => {
    const set = [nodeIndex(1)];
    expect(effect(0, { kind: "noop" })).toBe("");
    const configuration = { kind: "configuration", outgoing: [], voters: set } as const;
    expect(effect(0, { ...configuration, nonVoters: [] })).toBe("");
  });

  test("saved and loaded: the same bytes, digest and future", () => {
    apply(1, member(1, "joined"));
    apply(1, lease("claim", 5));
    apply(0, { kind: "order", order: Uint8Array.of(7) }, 3n);
    const done = { kind: "orderState", orderId: 3n, node: nodeIndex(1), reason: 0 } as const;
    apply(1, { ...done, progress: "done" });
    const position = { northCm: 1, eastCm: 2, altitudeAmslCm: 3 };
    apply(0, { kind: "clue", id: 1, position, errorCm: 1, weightMilli: 1 });
    const sighting = { id: 0x10001, finder: nodeIndex(1), position, errorCm: 1, confidence: 1 };
    apply(1, { kind: "detection", detection: { ...sighting, networkTimeMs: 1, imageRef: "a" } });
    const commitment = new Uint8Array(32);
    apply(1, { kind: "noop" });
    apply(1, { kind: "epoch", epoch: 1n, opener: nodeIndex(1), commitment });
    apply(1, { kind: "pad", pad: 1, claim: true });
    apply(0, { kind: "latch", latch: 1, set: true, aglMaxCm: 1, byNetworkTimeMs: 1 });
    apply(1, { kind: "value", key: "a", value: [1.5, -2] });
    const to = new ByteWriter();
    state.save(to);
    const copy = new SwarmState(60_000);
    const from = new ByteReader(to.take());
    copy.load(from);
    expect(from.finish()).toBeUndefined();
    expect(copy.digest()).toEqual(state.digest());
    expect(copy.openLeases).toBe(1);
    const later = entryOf(0, tick(100_000));
    expect(copy.apply(later)).toEqual(state.apply(later));
    const next = entryOf(1, { kind: "epoch", epoch: 2n, opener: nodeIndex(1), commitment });
    expect([copy.apply(next).kind, state.apply(next).kind]).toEqual(["applied", "applied"]);
    expect(copy.history).toEqual(state.history);
  });

  test("damaged bytes are refused, not believed", () => {
    const to = new ByteWriter();
    state.save(to);
    const bytes = to.take();
    bytes[0] = 9;
    const from = new ByteReader(bytes);
    new SwarmState(1).load(from);
    expect(from.failed).toBe(true);
  });

  test("histories that differ in one entry differ in their digest", () => {
    const other = new SwarmState(60_000);
    state.apply(entryOf(1, lease("claim", 5)));
    other.apply({ ...entryOf(1, lease("claim", 6)), sequence: 1 });
    expect(other.history).not.toEqual(state.history);
  });

  test("the tables for members and segments are full at their bounds", () => {
    for (let node = 0; node < 256; node += 1) apply(node, member(node, "joined"));
    expect(effect(300, member(300, "joined"))).toBe("CON015");
    expect(effect(1, evict(301))).toBe("CON015");
    for (let at = 0; at < 8_192; at += 1) apply(1, lease("claim", at));
    expect(effect(1, lease("claim", 9_000))).toBe("CON015");
  });
});
