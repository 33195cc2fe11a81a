import { expect, test } from "vitest";
import { openOutward } from "./mavlink-outward.ts";
import type { Simulation } from "./open-simulation.ts";

test("a host that nobody knows is told before the flight", async () => {
  // Refused before the simulation is looked at.
  const opened = await openOutward({} as Simulation, "udp://no-such-host.invalid:14550");
  expect(opened).toMatchObject({
    ok: false,
    problem: { code: "HAL011", where: "no-such-host.invalid" },
  });
  const unreadable = await openOutward({} as Simulation, "tcp://127.0.0.1:1");
  expect(unreadable).toMatchObject({ ok: false, problem: { code: "HAL010" } });
});
