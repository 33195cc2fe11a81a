import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  networkTimeMs,
  nodeId,
  nodeIndex,
  segmentId,
  toHex,
  type NetworkTimeMs,
} from "../../base/mod.ts";
import { importOperatorKeys } from "../credential/fleet.ts";
import { makeFleet } from "../testing/fleet.test-support.ts";
import { expectGolden } from "../testing/golden.test-support.ts";
import { OrderGate, admitArming, admitByTime, checkOrder, signOrder } from "./authority.ts";
import {
  decodeOrder,
  decodeOrderState,
  decodeSignedOrder,
  encodeOrder,
  encodeOrderState,
  encodeSignedOrder,
} from "./codec.ts";
import {
  ORDER_RULES,
  orderId,
  type Order,
  type OrderCommand,
  type OrderDraft,
  type OrderKind,
  type OrderName,
} from "./order.ts";

const { provider, fleet, directory } = makeFleet(3);
const keys = importOperatorKeys(provider, fleet.operator.secrets);
const NOW = networkTimeMs(1_000_000);
const v = (index: number): ReturnType<typeof nodeIndex> => nodeIndex(index);

const COMMANDS: readonly OrderCommand[] = [
  { kind: "hold" },
  { kind: "return" },
  { kind: "land" },
  {
    kind: "clearAir",
    lift: false,
    manner: "below",
    ceilingAglM: 30,
    byMs: networkTimeMs(1_060_000),
    volume: { northM: 120.5, eastM: -40.25, radiusM: 500 },
  },
  {
    kind: "clearAir",
    lift: true,
    manner: "land",
    ceilingAglM: 0,
    byMs: networkTimeMs(0),
    volume: undefined,
  },
  { kind: "start" },
  {
    kind: "arm",
    bindings: [{ vehicle: v(2), bootNonce: 0x1122334455667788n }],
    takeoffAltitudeAglM: 20,
  },
  { kind: "release", bindings: [{ vehicle: v(2), bootNonce: 0x1122334455667788n }] },
  {
    kind: "plan",
    revision: 4,
    digest: new Uint8Array(32).fill(7),
    definition: Uint8Array.of(1, 2, 3),
  },
  { kind: "parameter", name: "search.speedMps", value: 7.25 },
  { kind: "confirm", detectionId: 12 },
  { kind: "dismiss", detectionId: 13 },
  { kind: "lookAgain", detectionId: 0xffffffff },
  {
    kind: "addClue",
    clue: { clueKind: "signal", northM: 10, eastM: -20, radiusM: 75, likelihoodRatio: 4 },
  },
  { kind: "evict", member: v(3) },
  {
    kind: "divide",
    revision: 2,
    clusters: [
      {
        cluster: 1,
        since: 0,
        channel: 3,
        members: [v(1), v(2)],
        segments: [segmentId(7), segmentId(9)],
      },
      { cluster: 4, since: 2, channel: 1, members: [], segments: [] },
    ],
  },
];

const orderOf = (command: OrderCommand, sequence = 5): Order => ({
  operator: keys.id,
  session: 3,
  sequence,
  issuedAt: NOW,
  validUntil: networkTimeMs(NOW + 30_000),
  targets: [v(1), v(2)],
  missionRevision: 9,
  supersedes: { operator: keys.id, session: 3, sequence: 4 },
  command,
});

const sign = (draft: Partial<OrderDraft>, sequence = 1): ReturnType<typeof signOrder> =>
  signOrder(provider, {
    draft: {
      command: { kind: "hold" },
      targets: "all",
      validForMs: 5000,
      supersedes: undefined,
      ...draft,
    },
    keys,
    mission: directory.missionId,
    missionRevision: 1,
    session: 1,
    sequence,
    now: NOW,
  });

const signedBytes = (draft: Partial<OrderDraft>, classical = false): Uint8Array => {
  const signed = sign(draft);
  if (!signed.ok) throw new Error(signed.problem.text);
  return encodeSignedOrder({ ...signed.value, mldsa: classical ? undefined : signed.value.mldsa });
};

const codeOf = (result: { ok: true } | { ok: false; problem: { code: string } }): string =>
  result.ok ? "ok" : result.problem.code;

describe("bytes of an order", () => {
  test("are golden for every kind", () => {
    const rows = COMMANDS.map((command) => ({
      name: `${command.kind}${"lift" in command && command.lift ? " lifted" : ""}`,
      order: JSON.parse(
        JSON.stringify(orderOf(command), (_key, value: unknown) =>
          typeof value === "bigint"
            ? value.toString(16)
            : value instanceof Uint8Array
              ? toHex(value)
              : value,
        ),
      ) as unknown,
      hex: toHex(encodeOrder(orderOf(command))),
    }));
    expectGolden("order/orders.json", rows);
    expect(new Set(COMMANDS.map((command) => command.kind)).size).toBe(
      Object.keys(ORDER_RULES).length,
    );
  });

  test("decode to the same order, for every kind, with and without targets and predecessor", () => {
    for (const command of COMMANDS) {
      for (const change of [{}, { targets: "all" as const }, { supersedes: undefined }]) {
        const order = { ...orderOf(command), ...change };
        expect(decodeOrder(encodeOrder(order))).toEqual({ ok: true, value: order });
      }
    }
  });

  test("cut short or lengthened anywhere are refused with SEC022", () => {
    for (const command of COMMANDS) {
      const whole = encodeOrder(orderOf(command));
      for (let length = 0; length < whole.length; length += 1) {
        expect(codeOf(decodeOrder(whole.subarray(0, length)))).toBe("SEC022");
      }
      expect(codeOf(decodeOrder(Uint8Array.of(...whole, 0)))).toBe("SEC022");
    }
    expect(codeOf(decodeOrder(new Uint8Array(3000)))).toBe("SEC022");
  });

  test("have one encoding: whatever decodes encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.nat(COMMANDS.length - 1), fc.nat(200), fc.nat(255), (which, at, value) => {
        const bytes = encodeOrder(orderOf(COMMANDS[which]!));
        bytes[at % bytes.length] = value;
        const decoded = decodeOrder(bytes);
        if (decoded.ok) expect(encodeOrder(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
  });

  test("of any other origin never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(decodeOrder(bytes).ok && decodeSignedOrder(bytes).ok).toBe(false);
        decodeOrderState(Uint8Array.of(0x71, ...bytes));
        decodeSignedOrder(Uint8Array.of(0x70, ...bytes));
      }),
    );
  });
});

describe("an operator's draft", () => {
  test("becomes an order with sorted targets, named without randomness", () => {
    const signed = sign({ targets: [v(3), v(1), v(3)] });
    expect(signed.ok && signed.value.order.targets).toEqual([v(1), v(3)]);
    expect(signed.ok && orderId(signed.value.order)).toBe("100000002-1-1");
  });

  test("that cannot be written is refused before it is signed", () => {
    const circle = { northM: 0, eastM: 0, radiusM: 10 };
    const bad: OrderCommand[] = [
      { kind: "parameter", name: "x", value: NaN },
      { kind: "parameter", name: "x".repeat(65), value: 1 },
      { kind: "arm", bindings: [], takeoffAltitudeAglM: -2 },
      {
        kind: "arm",
        bindings: Array.from({ length: 65 }, () => ({ vehicle: v(1), bootNonce: 1n })),
        takeoffAltitudeAglM: 9,
      },
      { kind: "plan", revision: 1, digest: new Uint8Array(3), definition: new Uint8Array(0) },
      { kind: "plan", revision: 1, digest: new Uint8Array(32), definition: new Uint8Array(3000) },
      {
        kind: "addClue",
        clue: { clueKind: "item", ...circle, radiusM: -1, likelihoodRatio: 2 },
      },
      { kind: "addClue", clue: { clueKind: "item", ...circle, northM: 1e9, likelihoodRatio: 2 } },
      { kind: "addClue", clue: { clueKind: "item", ...circle, likelihoodRatio: 0 } },
      {
        kind: "clearAir",
        lift: false,
        manner: "below",
        ceilingAglM: -5,
        byMs: NOW,
        volume: undefined,
      },
      {
        kind: "clearAir",
        lift: false,
        manner: "below",
        ceilingAglM: 5,
        byMs: -1 as NetworkTimeMs,
        volume: circle,
      },
    ];
    for (const command of bad) expect(codeOf(sign({ command }))).toBe("SEC022");
    const many = Array.from({ length: 65 }, (_, i) => v(i));
    expect(codeOf(sign({ targets: many }))).toBe("SEC022");
  });
});

describe("who may order", () => {
  test("an operator's order is verified, by both halves or by the first", () => {
    const both = checkOrder(provider, directory, signedBytes({}));
    expect(both.ok && both.value.assurance).toBe("composite");
    const first = checkOrder(provider, directory, signedBytes({}, true));
    expect(first.ok && first.value.assurance).toBe("classical");
  });

  test("what cannot be taken back waits for both halves", () => {
    for (const command of COMMANDS) {
      const checked = checkOrder(provider, directory, signedBytes({ command }, true));
      expect(codeOf(checked)).toBe(ORDER_RULES[command.kind].composite ? "SEC025" : "ok");
    }
  });

  test("every stop-type order moves and needs no second half", () => {
    const stops = (Object.keys(ORDER_RULES) as OrderKind[]).filter(
      (kind) => ORDER_RULES[kind].stop,
    );
    expect(stops).toEqual(["hold", "return", "land", "clearAir"]);
    for (const kind of stops) expect(ORDER_RULES[kind].composite).toBe(false);
  });

  test("one changed bit anywhere is refused", () => {
    const good = signedBytes({ command: { kind: "land" } });
    for (let at = 0; at < good.length; at += at < 200 ? 1 : 397) {
      const bad = good.slice();
      bad[at]! ^= 0x10;
      expect(checkOrder(provider, directory, bad).ok).toBe(false);
    }
  });

  test("a vehicle, a stranger or another mission's operator orders nothing", () => {
    const order = { ...orderOf({ kind: "hold" }), operator: nodeId(99n) };
    const stranger = encodeSignedOrder({
      order,
      body: encodeOrder(order),
      ed25519: new Uint8Array(64),
      mldsa: undefined,
    });
    expect(codeOf(checkOrder(provider, directory, stranger))).toBe("SEC023");
    const other = makeFleet(1, 12);
    const foreign = checkOrder(other.provider, other.directory, signedBytes({}));
    expect(codeOf(foreign)).toBe("SEC024");
  });
});

describe("time (design: three clocks, order expiry needs 1 s)", () => {
  const order = (kind: "hold" | "start"): Order => ({
    ...orderOf({ kind }),
    supersedes: undefined,
  });
  const at = (timeMs: number, errorMs: number): { timeMs: NetworkTimeMs; errorMs: number } => ({
    timeMs: networkTimeMs(timeMs),
    errorMs,
  });

  test("a sure clock refuses what has expired, stop-type too", () => {
    for (const kind of ["hold", "start"] as const) {
      expect(codeOf(admitByTime(order(kind), at(NOW + 31_000, 10)))).toBe("SEC026");
      expect(codeOf(admitByTime(order(kind), at(NOW + 29_000, 10)))).toBe("ok");
    }
  });

  test("a clock 30 s slow: stop-type orders act, others are not valid yet", () => {
    expect(codeOf(admitByTime(order("hold"), at(NOW - 30_000, 10)))).toBe("ok");
    expect(codeOf(admitByTime(order("start"), at(NOW - 30_000, 10)))).toBe("SEC026");
  });

  test("an unsure clock: stop-type orders act, others are refused", () => {
    expect(codeOf(admitByTime(order("hold"), at(NOW + 99_000, 2000)))).toBe("ok");
    expect(codeOf(admitByTime(order("start"), at(NOW, 2000)))).toBe("SEC027");
    expect(codeOf(admitByTime(order("start"), at(NOW, Infinity)))).toBe("SEC027");
  });
});

describe("arming", () => {
  const arm = orderOf({
    kind: "arm",
    bindings: [{ vehicle: v(2), bootNonce: 5n }],
    takeoffAltitudeAglM: 20,
  });

  test("is bound to the vehicle and to its boot: a reboot on the ground disarms the order", () => {
    expect(codeOf(admitArming(arm, { index: v(2), bootNonce: 5n }))).toBe("ok");
    expect(codeOf(admitArming(arm, { index: v(2), bootNonce: 6n }))).toBe("SEC029");
    expect(codeOf(admitArming(arm, { index: v(1), bootNonce: 5n }))).toBe("SEC029");
    expect(codeOf(admitArming(orderOf({ kind: "hold" }), { index: v(2), bootNonce: 1n }))).toBe(
      "ok",
    );
  });

  test("so is the release: the crew that stepped back may be working at it again", () => {
    const release = orderOf({ kind: "release", bindings: [{ vehicle: v(2), bootNonce: 5n }] });
    expect(codeOf(admitArming(release, { index: v(2), bootNonce: 5n }))).toBe("ok");
    expect(codeOf(admitArming(release, { index: v(2), bootNonce: 6n }))).toBe("SEC029");
    expect(codeOf(admitArming(release, { index: v(1), bootNonce: 5n }))).toBe("SEC029");
  });
});

describe("the newest order wins", () => {
  const named = (session: number, sequence: number): OrderName => ({
    operator: keys.id,
    session,
    sequence,
  });

  test("an older one stays refused, across a reboot", () => {
    const gate = new OrderGate();
    expect(gate.stance(named(1, 5))).toBe("fresh");
    gate.note(named(1, 5));
    const rebooted = new OrderGate();
    rebooted.restore([...gate.records(), new Uint8Array(3)]);
    for (const one of [gate, rebooted]) {
      expect(one.stance(named(1, 4))).toBe("older");
      expect(one.stance(named(1, 5))).toBe("repeated");
      expect(one.stance(named(2, 1))).toBe("fresh");
    }
  });

  test("each operator has a newest one", () => {
    const gate = new OrderGate();
    gate.note(named(1, 9));
    gate.note(named(1, 10));
    const other = { ...named(1, 1), operator: nodeId(77n) };
    expect(gate.stance(other)).toBe("fresh");
    gate.note(other);
    expect(gate.records()).toHaveLength(2);
  });
});

describe("order states", () => {
  test("have golden bytes and come back as they were", () => {
    const { operator, session, sequence } = orderOf({ kind: "hold" });
    const name = { operator, session, sequence };
    const states = [
      { name, vehicle: v(2), progress: "acting" as const, reason: "" },
      { name, vehicle: v(3), progress: "refused" as const, reason: "SEC028" },
    ];
    for (const state of states) {
      expect(decodeOrderState(encodeOrderState(state))).toEqual({ ok: true, value: state });
    }
    const rows = states.map((state) => ({
      name: state.progress,
      vehicle: state.vehicle,
      reason: state.reason,
      hex: toHex(encodeOrderState(state)),
    }));
    expectGolden("order/states.json", rows);
    const bad = encodeOrderState(states[0]!);
    bad[19] = 9;
    expect(decodeOrderState(bad).ok).toBe(false);
  });
});
