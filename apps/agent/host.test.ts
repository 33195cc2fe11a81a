import { expect, test } from "vitest";
import {
  after,
  invariant,
  NEVER,
  type Emit,
  type Machine,
  type MonotonicMs,
} from "../../src/base/mod.ts";
import type { Effect, Stimulus } from "../../src/node/mod.ts";
import { Host } from "./host.ts";

/** A machine that does what a function says and wakes when it is told. */
function machineOf(
  step: (stimulus: Stimulus, emit: Emit<Effect>, now: MonotonicMs) => void,
  wakeAt: () => MonotonicMs = () => NEVER,
): Machine<Stimulus, Effect> {
  return {
    step: (now, stimulus, emit) => {
      step(stimulus, emit, now);
    },
    wakeAt,
    save: () => undefined,
    load: () => undefined,
  };
}

const nothing = {
  transmit: () => undefined,
  command: () => undefined,
  ask: (ticket: number) => Promise.resolve({ ticket, outcome: "done" } as const),
  report: () => undefined,
  fatal: (error: unknown) => {
    throw error;
  },
};

test("effects are performed in order, and what they bring back waits for the step's end", () => {
  const log: string[] = [];
  const parts: { host?: Host } = {};
  const machine = machineOf((stimulus, emit) => {
    log.push(`step ${stimulus.kind}`);
    if (stimulus.kind !== "channel") return;
    emit({ kind: "command", command: { kind: "hold" } });
    emit({ kind: "command", command: { kind: "land" } });
  });
  parts.host = new Host({
    ...nothing,
    machine,
    command: (command) => {
      log.push(command.kind);
      parts.host?.push({ kind: "wake" });
    },
  });
  parts.host.push({ kind: "channel", report: { radio: 0, busyRatio: 0, expiredCount: 0 } });
  parts.host.close();
  expect(log).toEqual(["step wake", "step channel", "hold", "land", "step wake", "step wake"]);
});

test("an answer comes back with its ticket, and the machine is woken when it asked", async () => {
  let wake = NEVER;
  const answered = new Promise<void>((resolve) => {
    const machine = machineOf(
      (stimulus, emit, now) => {
        if (stimulus.kind === "answer") {
          expect(stimulus.answer).toEqual({ ticket: 7, outcome: "done" });
          wake = after(now, 5);
        } else if (wake === NEVER) {
          wake = after(now, 1e6);
          const request = { kind: "truncate", name: "raft", keepCount: 0 } as const;
          emit({ kind: "ask", ticket: 7, request });
        } else if (now >= wake) {
          // A host's timer may be a fraction early; the machine then waits on.
          host.close();
          resolve();
        }
      },
      () => wake,
    );
    const host = new Host({ ...nothing, machine });
  });
  await answered;
});

test("a broken invariant ends the host, once, and nothing is stepped afterwards", () => {
  let steps = 0;
  const fatal: unknown[] = [];
  const machine = machineOf((stimulus) => {
    steps += 1;
    invariant(stimulus.kind === "wake", "only wakes come");
  });
  const host = new Host({ ...nothing, machine, fatal: (error) => fatal.push(error) });
  const report = { radio: 0, busyRatio: 0, expiredCount: 0 };
  host.push({ kind: "channel", report });
  host.push({ kind: "channel", report });
  expect(steps).toBe(2);
  expect(fatal).toHaveLength(1);
});

test("a flood of datagrams drops datagrams, and neither an answer nor an operator's wish", () => {
  const parts: { host?: Host } = {};
  const seen: string[] = [];
  const datagram = { radio: 0, bytes: new Uint8Array(1), rssiDbm: -50, snrDb: 40 };
  const machine = machineOf((stimulus) => {
    seen.push(stimulus.kind);
    if (stimulus.kind !== "channel") return;
    parts.host?.push({ kind: "answer", answer: { ticket: 7, outcome: "done" } });
    parts.host?.push({ kind: "operator", draft: {} } as unknown as Stimulus);
    for (let i = 0; i < 5000; i += 1) parts.host?.push({ kind: "datagram", datagram });
  });
  parts.host = new Host({ ...nothing, machine });
  parts.host.push({ kind: "channel", report: { radio: 0, busyRatio: 0, expiredCount: 0 } });
  parts.host.close();
  expect(seen.slice(0, 4)).toEqual(["wake", "channel", "answer", "operator"]);
  expect(seen).toHaveLength(4 + 4096);
  expect(parts.host.droppedCount).toBe(904);
});
