import { describe, expect, test } from "vitest";
import { monotonicMs, nodeIndex } from "../../src/base/mod.ts";
import type { NodeEvent } from "../../src/node/mod.ts";
import { flightSlab } from "../flight/mod.ts";
import { TraceHash } from "../core/mod.ts";
import { Trace } from "./trace.ts";

const digestOf = (write: (trace: Trace) => void): string => {
  const trace = new Trace();
  write(trace);
  return trace.hash.digest();
};

const setpoint = (northM: number) =>
  ({
    kind: "setpoint",
    setpoint: {
      position: { northM, eastM: 0, altitudeAmslM: 0 },
      velocity: { northMps: 0, eastMps: 0, downMps: 0 },
      yawRad: 0,
      speedMaxMps: 5,
    },
  }) as const;

describe("trace records", () => {
  test("have the layout of docs/protocols/trace-hash.md", () => {
    const word = new TraceHash();
    word
      .u32(1 * 65536 + 3)
      .u32(250_000)
      .u32(0)
      .u32(2 * 65536 + 180);
    word
      .u32(6 * 65536 + 3)
      .u32(0x10)
      .u32(42);
    word
      .u32(8 * 65536 + 3)
      .u32(1)
      .u32(0)
      .u32(2);
    word
      .u32(2 * 65536 + 3)
      .u32(5)
      .u32(0)
      .u32(2)
      .u32(2000)
      .u32(0);
    expect(
      digestOf((trace) => {
        trace.transmit(3, 250_000, 2, 180);
        trace.plaintext(3, 0x10, 42);
        trace.boot(3, 1, 2);
        trace.command(3, 5, { kind: "takeoff", altitudeAglM: 20 });
      }),
    ).toBe(word.digest());
  });

  test("tell decisions apart by a centimetre, and time by a microsecond", () => {
    const of = (northM: number, nowUs = 1): string =>
      digestOf((trace) => trace.command(1, nowUs, setpoint(northM)));
    expect(of(1.0001)).toBe(of(1.0002));
    expect(of(1)).not.toBe(of(1.02));
    expect(of(1)).not.toBe(of(1, 2));
  });

  test("reports enter with all their fields, byte strings only by length", () => {
    const of = (detail: object): string =>
      digestOf((trace) => {
        const event = { atMs: monotonicMs(1), severity: "info", detail } as unknown as NodeEvent;
        trace.report(1, 1, event);
      });
    expect(of({ kind: "dead", peer: nodeIndex(1) })).not.toBe(
      of({ kind: "dead", peer: nodeIndex(2) }),
    );
    expect(of({ kind: "x", bytes: Uint8Array.of(1, 2) })).toBe(
      of({ kind: "x", bytes: Uint8Array.of(3, 4) }),
    );
    expect(of({ kind: "x", bytes: Uint8Array.of(1) })).not.toBe(
      of({ kind: "x", bytes: Uint8Array.of(3, 4) }),
    );
    expect(of({ kind: "x", big: 5n, flag: true, none: undefined })).not.toBe(
      of({ kind: "x", big: 6n, flag: true, none: undefined }),
    );
  });

  test("requests enter by name and sizes, not by content", () => {
    const of = (bytes: Uint8Array, name = "log"): string =>
      digestOf((trace) => trace.ask(1, 1, { kind: "append", name, records: [bytes] }));
    expect(of(Uint8Array.of(1))).toBe(of(Uint8Array.of(2)));
    expect(of(Uint8Array.of(1))).not.toBe(of(Uint8Array.of(1, 2)));
    expect(of(Uint8Array.of(1))).not.toBe(of(Uint8Array.of(1), "boot"));
    expect(of(Uint8Array.of(1))).not.toBe(
      digestOf((trace) => trace.ask(1, 1, { kind: "truncate", name: "log", keepCount: 1 })),
    );
  });

  test("truth, faults, sightings and frames enter", () => {
    const slab = flightSlab(2);
    const state = (): string => digestOf((trace) => trace.state(1, 1, slab));
    const before = state();
    slab.eastM[1] = 0.02;
    expect(state()).not.toBe(before);
    const digests = [
      digestOf((trace) => trace.fault(1, { kind: "kill", slot: 1 })),
      digestOf((trace) => trace.fault(1, { kind: "kill", slot: 2 })),
      digestOf((trace) => trace.sensor(1, 1, 1)),
      digestOf((trace) => trace.radio(1, 1, 1)),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});
