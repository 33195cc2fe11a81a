/** How a node is put together, seen in the perfect wire's small fleet. */
import { describe, expect, test } from "vitest";
import type { Node } from "./node.ts";
import { Wire } from "./wire.test-support.ts";

describe("a node as it is put together", () => {
  test("founds a cluster of the vehicles, which the ground hears", () => {
    const wire = new Wire(3);
    wire.run(100);
    const { voters, nonVoters } = wire.nodes[1]!.layers.consensus.configuration;
    expect([[...voters].sort((a, b) => a - b), nonVoters]).toEqual([[1, 2, 3], [0]]);
  });

  test("counts its boots on from what it finds in its store, with another nonce each", () => {
    const wire = new Wire(2);
    const boot = (): Pick<Node["identity"], "bootCount"> & { nonce: bigint } => {
      const { identity, layers } = wire.nodes[1]!;
      return { bootCount: identity.bootCount, nonce: layers.security.bootNonce };
    };
    const first = boot();
    wire.run(100);
    wire.reboot(1);
    const second = boot();
    expect([first.bootCount, second.bootCount]).toEqual([1, 2]);
    expect(second.nonce).not.toBe(first.nonce);
  });

  test("signs an operator's order on the ground and nowhere else", () => {
    const wire = new Wire(2);
    wire.run(3000);
    const signed = [0, 1].map((slot) => {
      const before = wire.nodes[slot]!.orders.length;
      const hold = { command: { kind: "hold" }, targets: "all", validForMs: 5000 } as const;
      wire.step(slot, { kind: "operator", draft: { ...hold, supersedes: undefined } });
      return wire.nodes[slot]!.orders.length - before;
    });
    expect(signed).toEqual([1, 0]);
  });
});
