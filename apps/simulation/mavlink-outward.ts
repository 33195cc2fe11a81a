/**
 * Shows the vehicles of a simulated run to ground stations over MAVLink and takes their commands,
 * at the pace of the wall clock. A ground station's command goes to the vehicle's autopilot, past
 * the node, as it would with a real vehicle.
 */
import { lookup } from "node:dns/promises";
import { MavlinkOutward, parseOutwardAddress } from "../../adapters/autopilot/mod.ts";
import { fail, monotonicMs, nodeIndex, ok, problem, type Result } from "../../src/base/mod.ts";
import { localFrameOf } from "../../src/swarm/mod.ts";
import type { Simulation } from "./open-simulation.ts";
import { wallPace } from "./wall-pace.ts";

const SAMPLE_MS = 100;

export interface Outward {
  readonly localPort: number;
  /** Waits until the wall clock has caught up with this run time. */
  readonly pace: (timeS: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** By number, so that a name that nobody knows is told before the flight, not at every packet. */
async function resolved(url: string): Promise<Result<{ host: string; port: number }>> {
  const parsed = parseOutwardAddress(url);
  if (!parsed.ok) return parsed;
  const { host, port } = parsed.value;
  try {
    const { address } = await lookup(host, { family: 4 });
    return ok({ host: address, port });
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    const remedy = "give a host that this machine can find, such as udp://127.0.0.1:14550";
    return fail(problem("HAL011", { where: host, detail, remedy }));
  }
}

export async function openOutward(simulation: Simulation, url: string): Promise<Result<Outward>> {
  const address = await resolved(url);
  if (!address.ok) return address;
  const { world, loaded, vehicles } = simulation;
  const outward = await MavlinkOutward.open({
    ...address.value,
    frame: localFrameOf(loaded.mission.origin),
    vehicleCount: vehicles.length,
    command: (vehicle, command) => {
      world.command(vehicle + 1, command);
    },
    trouble: (text) => {
      console.error(`skein: mavlink: ${text}`);
    },
  });
  world.onSample(SAMPLE_MS, ({ timeMs }) => {
    for (const slot of vehicles) {
      const sample = world.node(nodeIndex(slot))?.sample;
      if (sample !== undefined) outward.sample(monotonicMs(timeMs), slot - 1, sample);
    }
  });
  const { localPort } = outward;
  return { ok: true, value: { localPort, pace: wallPace(), close: () => outward.close() } };
}
