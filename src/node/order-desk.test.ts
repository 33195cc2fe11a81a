import { describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  NEVER,
  monotonicMs,
  networkTimeMs,
  nodeId,
  nodeIndex,
} from "../base/mod.ts";
import type { Order, OrderCommand, Verified } from "../security/mod.ts";
import { OrderDesk, type OrderDeskIn, type OrderDeskOut } from "./order-desk.ts";

const SELF = nodeIndex(2);
const BOOT = 0x1122334455667788n;
const NOW = monotonicMs(0);

/** Security alone can make a `Verified`; the desk's tests stand in for it. */
function order(
  command: OrderCommand,
  sequence: number,
  more: Partial<Order> = {},
): Verified<Order> {
  return {
    operator: nodeId(9n),
    session: 1,
    sequence,
    issuedAt: networkTimeMs(0),
    validUntil: networkTimeMs(60_000),
    targets: "all",
    missionRevision: 1,
    supersedes: undefined,
    command,
    ...more,
  } as Verified<Order>;
}

const sure = { timeMs: networkTimeMs(1000), errorMs: 20, liars: [] };
const received = (given: Verified<Order>, time = sure): OrderDeskIn => ({
  kind: "received",
  order: given,
  time,
});
const agreed = (given: Verified<Order>, time = sure): OrderDeskIn => ({
  kind: "agreed",
  order: given,
  time,
});
const arm = (bootNonce: bigint): OrderCommand => ({
  kind: "arm",
  bindings: [{ vehicle: SELF, bootNonce }],
  takeoffAltitudeAglM: 40,
});

function desk(): { readonly it: OrderDesk; readonly tell: (input: OrderDeskIn) => string[] } {
  const it = new OrderDesk({ self: SELF, bootNonce: BOOT });
  return { it, tell: (input) => run(it, input) };
}

function run(it: OrderDesk, input: OrderDeskIn): string[] {
  const out: OrderDeskOut[] = [];
  it.step(NOW, input, (output) => out.push(output));
  return out.map((output) => {
    if (output.kind === "act") return `act ${output.order.kind}`;
    if (output.kind === "persist") return "persist";
    return `${output.state} ${output.reason}`.trim();
  });
}

describe("stop-type orders", () => {
  test("act on receipt, once, without agreement or a sure clock", () => {
    const { tell } = desk();
    const unsure = { ...sure, errorMs: Infinity };
    const first = received(order({ kind: "hold" }, 5), unsure);
    expect(tell(first)).toEqual(["persist", "act hold", "acting"]);
    expect(tell(received(order({ kind: "hold" }, 5)))).toEqual([]);
    expect(tell(agreed(order({ kind: "hold" }, 5)))).toEqual([]);
    expect(tell({ kind: "duty", duty: "hold" })).toEqual(["done"]);
  });

  test("an older one that arrives late is refused", () => {
    const { tell } = desk();
    tell(received(order({ kind: "land" }, 8)));
    expect(tell(received(order({ kind: "hold" }, 7)))).toEqual(["refused SEC028"]);
  });

  test("an order for others is nothing to this vehicle", () => {
    const { tell } = desk();
    expect(tell(received(order({ kind: "hold" }, 5, { targets: [nodeIndex(1)] })))).toEqual([]);
    expect(tell(agreed(order({ kind: "start" }, 6, { targets: [nodeIndex(1)] })))).toEqual([]);
  });

  test("clear-air goes below the ceiling, lands, leaves, or is lifted", () => {
    const { tell } = desk();
    const clear = (manner: "below" | "land" | "leave", lift = false): OrderCommand => ({
      kind: "clearAir",
      lift,
      manner,
      ceilingAglM: 30,
      byMs: networkTimeMs(0),
      volume: undefined,
    });
    expect(tell(received(order(clear("below"), 1)))).toContain("act clearAir");
    expect(tell(received(order(clear("land"), 2)))).toContain("act clearAir");
    expect(tell(received(order(clear("leave"), 3)))).toContain("act clearAir");
    expect(tell(received(order(clear("below", true), 4)))).toContain("act liftClearAir");
  });
});

describe("orders that need agreement", () => {
  test("start waits for the log, then starts", () => {
    const { tell } = desk();
    expect(tell(received(order({ kind: "start" }, 1)))).toEqual(["received"]);
    expect(tell(agreed(order({ kind: "start" }, 1)))).toEqual(["persist", "act start", "acting"]);
    expect(tell({ kind: "duty", duty: "takeoff" })).toEqual([]);
    expect(tell({ kind: "duty", duty: "search" })).toEqual(["done"]);
  });

  test("a start older than the hold that was acted on is refused", () => {
    const { tell } = desk();
    tell(received(order({ kind: "hold" }, 9)));
    expect(tell(agreed(order({ kind: "start" }, 8)))).toEqual(["refused SEC028"]);
  });

  test("one that has expired, or cannot be dated to a second, is refused", () => {
    const { tell } = desk();
    const late = { ...sure, timeMs: networkTimeMs(99_000) };
    const unsure = { ...sure, errorMs: 1001 };
    expect(tell(agreed(order({ kind: "start" }, 1), late))).toEqual(["refused SEC026"]);
    expect(tell(agreed(order({ kind: "start" }, 2), unsure))).toEqual(["refused SEC027"]);
  });

  test("a clue moves nobody; a confirmation has its own entry", () => {
    const { tell } = desk();
    const clue = {
      clueKind: "item" as const,
      northM: 1,
      eastM: 2,
      radiusM: 50,
      likelihoodRatio: 8,
    };
    expect(tell(agreed(order({ kind: "addClue", clue }, 1)))).toEqual(["done"]);
    expect(tell(agreed(order({ kind: "confirm", detectionId: 1 }, 2)))).toEqual(["done"]);
  });
});

describe("arming is bound to the boot", () => {
  test("the nonce of this boot allows it", () => {
    const { it, tell } = desk();
    expect(it.mayArm).toBe(false);
    expect(tell(agreed(order(arm(BOOT), 1)))).toEqual(["act arm", "done"]);
    expect(it.mayArm).toBe(true);
  });

  test.each([false, true])("clear-air given after it comes first, lift %s: refused", (lift) => {
    const { it, tell } = desk();
    const given: OrderCommand = {
      kind: "clearAir",
      lift,
      manner: "land",
      ceilingAglM: 0,
      byMs: networkTimeMs(0),
      volume: undefined,
    };
    tell(received(order(given, 3)));
    expect(tell(agreed(order(arm(BOOT), 2)))).toEqual(["refused SEC028"]);
    expect(it.mayArm).toBe(false);
    expect(tell(agreed(order(arm(BOOT), 4)))).toEqual(["act arm", "done"]);
  });

  test("after a reboot the log's old arming order is refused", () => {
    const { it, tell } = desk();
    expect(tell(agreed(order(arm(BOOT ^ 1n), 1)))).toEqual(["refused SEC029"]);
    expect(it.mayArm).toBe(false);
  });
});

/** Booted 200 s after the orders of `order` were given. */
const bootedLater = (records: readonly Uint8Array[] = []) => {
  const made = desk();
  made.tell({ kind: "recovered", records });
  return made;
};
const later = { ...sure, timeMs: networkTimeMs(200_000) };
const clearAir = (lift: boolean): OrderCommand => ({
  kind: "clearAir",
  lift,
  manner: "below",
  ceilingAglM: 30,
  byMs: networkTimeMs(0),
  volume: undefined,
});

describe("what was agreed before this boot", () => {
  test("clear-air reaches whoever was not there, in silence, until it is lifted", () => {
    const { tell } = bootedLater();
    expect(tell(agreed(order(clearAir(false), 3), later))).toEqual(["act clearAir"]);
    expect(tell(agreed(order(clearAir(false), 3), later))).toEqual([]);
    expect(tell(agreed(order(clearAir(true), 4), later))).toEqual(["act liftClearAir"]);
    expect(tell(agreed(order(clearAir(false), 3), later))).toEqual([]);
  });

  test("the last stop or start stands again, older ones are over, arming is void", () => {
    const first = desk();
    let records: readonly Uint8Array[] = [];
    for (const given of [
      received(order({ kind: "land" }, 4)),
      agreed(order({ kind: "start" }, 6)),
      received(order({ kind: "hold" }, 8)),
    ]) {
      first.it.step(NOW, given, (output) => {
        if (output.kind === "persist") records = output.records;
      });
    }
    const { it, tell } = bootedLater(records);
    expect(tell(agreed(order({ kind: "land" }, 4), later))).toEqual([]);
    expect(tell(agreed(order({ kind: "start" }, 6), later))).toEqual([]);
    expect(tell(agreed(order(arm(BOOT ^ 1n), 7), later))).toEqual([]);
    expect(tell(agreed(order({ kind: "hold" }, 8), later))).toEqual(["act hold"]);
    expect(it.mayArm).toBe(false);
    expect(tell({ kind: "duty", duty: "hold" })).toEqual([]);
  });

  test("whoever comes late takes them up one after another, long expired as they are", () => {
    const { tell } = bootedLater();
    expect(tell(agreed(order({ kind: "hold" }, 1), later))).toEqual(["persist", "act hold"]);
    expect(tell(agreed(order({ kind: "start" }, 2), later))).toEqual(["persist", "act start"]);
    expect(tell(agreed(order({ kind: "return" }, 3), later))).toEqual(["persist", "act return"]);
  });

  test("what was given since, and missed, is judged as ever", () => {
    const given = { issuedAt: networkTimeMs(201_000), validUntil: networkTimeMs(231_000) };
    const start = order({ kind: "start" }, 2, given);
    const missed = { ...sure, timeMs: networkTimeMs(260_000) };
    const { it } = bootedLater();
    const out: OrderDeskOut[] = [];
    const now = monotonicMs(NOW + 60_000);
    it.step(now, agreed(start, missed), (output) => out.push(output));
    expect(out).toMatchObject([{ kind: "state", state: "refused", reason: "SEC026" }]);
  });
});

test("a latch does not expire, and no other order overtakes it", () => {
  const { tell } = desk();
  tell(received(order({ kind: "hold" }, 9)));
  expect(tell(agreed(order(clearAir(false), 5), later))).toEqual(["act clearAir", "done"]);
});

test("an order that was acted on is not refused when it comes again too late", () => {
  const { tell } = desk();
  tell(agreed(order({ kind: "start" }, 1)));
  expect(tell(agreed(order({ kind: "start" }, 1), later))).toEqual([]);
  tell(agreed(order(arm(BOOT), 2)));
  expect(tell(agreed(order(arm(BOOT), 2), later))).toEqual([]);
});

describe("memory", () => {
  test("the highest order of each operator survives a reboot", () => {
    const first = desk();
    let records: readonly Uint8Array[] = [];
    first.it.step(NOW, received(order({ kind: "hold" }, 40)), (output) => {
      if (output.kind === "persist") records = output.records;
    });
    const second = desk();
    second.tell({ kind: "recovered", records });
    const start = order({ kind: "start" }, 39, { issuedAt: networkTimeMs(990) });
    expect(second.tell(agreed(start))).toEqual(["refused SEC028"]);
  });

  test("a damaged record is read as empty, not as a crash", () => {
    const { tell } = desk();
    expect(tell({ kind: "recovered", records: [Uint8Array.of(3, 1, 2)] })).toEqual([]);
    expect(tell(received(order({ kind: "hold" }, 1)))).toContain("act hold");
  });

  test("a saved desk goes on where it was", () => {
    const { it, tell } = desk();
    tell(agreed(order(arm(BOOT), 1)));
    tell(received(order({ kind: "hold" }, 2)));
    const to = new ByteWriter();
    it.save(to);
    const copy = desk();
    copy.it.load(new ByteReader(to.take()));
    expect(copy.it.mayArm).toBe(true);
    expect(copy.tell({ kind: "duty", duty: "hold" })).toEqual(["done"]);
    expect(copy.it.wakeAt()).toBe(NEVER);
    const idle = desk();
    const empty = new ByteWriter();
    idle.it.save(empty);
    copy.it.load(new ByteReader(empty.take()));
    expect(copy.it.mayArm).toBe(false);
  });
});
