/** Two threads, and what becomes of the pair when one dies, eats its memory or is dropped. */
import { describe, expect, test } from "vitest";
import type { FutureOrder } from "./future.ts";
import { ForkPair } from "./fork.ts";

const order: FutureOrder = {
  recipe: {
    missionFile: "missions/none.json5",
    seed: 1,
    vehicleCount: undefined,
    faultFile: undefined,
    planner: "massRate",
    fingerprint: "",
  },
  saved: {
    atMs: 5000,
    world: new Uint8Array(),
    operator: { kind: "arming", state: new Uint8Array() },
  },
  changes: [{ kind: "kill", vehicles: [1] }],
  untilMs: 9000,
  hidesSubject: true,
};

const started = (name: string, memoryMaxMb?: number): { pair: ForkPair; told: () => number } => {
  let told = 0;
  const worker = new URL(`./${name}.ts`, import.meta.url);
  const pair = new ForkPair(order, {
    worker,
    onChange: () => (told += 1),
    ...(memoryMaxMb === undefined ? {} : { memoryMaxMb }),
  });
  return { pair, told: () => told };
};

describe("a pair of forks", () => {
  test("goes on with one when the other's thread dies, and says why", async () => {
    const { pair, told } = started("dying-future.test-support");
    expect([pair.baseline.state, pair.baseline.atS]).toEqual(["opening", 5]);
    await pair.settled;
    expect(pair.baseline.state).toBe("done");
    expect(pair.changed).toMatchObject({ state: "failed", atS: 6 });
    expect(pair.changed.trouble).toMatch(/^GND023 .*this fork does not end well/u);
    expect(pair.isDone).toBe(false);
    expect(told()).toBe(3);
  });

  test("fails without taking the process along when the memory is eaten", async () => {
    const { pair } = started("hungry-future.test-support", 32);
    await pair.settled;
    expect(pair.changed.trouble).toMatch(/^GND023 .*out of memory.*live world is not touched/u);
  });

  test("is freed when it is dropped, and tells nothing any more", async () => {
    const { pair, told } = started("hungry-future.test-support");
    await pair.end();
    await pair.settled;
    expect(pair.changed.state).toBe("opening");
    expect(told()).toBe(0);
  });

  test("shows why the mission behind it cannot be read", async () => {
    const { pair } = started("future-worker");
    await pair.settled;
    expect(pair.baseline.trouble).toMatch(/^IMP001 /u);
  });
});
