/**
 * Who watches a simulated run while it flies: ground stations over MAVLink, Foxglove. With any of
 * them the run keeps pace with the wall clock.
 */
import { openFoxgloveServer } from "../../adapters/foxglove/mod.ts";
import { recordingChannels, type MessageSink } from "../../adapters/recording/mod.ts";
import { ok, type Result } from "../../src/base/mod.ts";
import { openOutward } from "./mavlink-outward.ts";
import type { Simulation } from "./open-simulation.ts";
import { wallPace } from "./wall-pace.ts";

export interface Watchers {
  /** What is recorded goes there, too. */
  readonly sinks: readonly MessageSink[];
  /** Undefined when nobody watches: the run is as fast as it can be. */
  readonly pace: ((timeS: number) => Promise<void>) | undefined;
  readonly announcements: readonly string[];
  readonly close: () => Promise<void>;
}

export async function openWatchers(
  simulation: Simulation,
  wanted: { readonly mavlink: string | undefined; readonly foxglovePort: number | undefined },
): Promise<Result<Watchers>> {
  const { mavlink, foxglovePort } = wanted;
  const { mission } = simulation.loaded;
  const outward = mavlink === undefined ? undefined : await openOutward(simulation, mavlink);
  if (outward?.ok === false) return outward;
  const foxglove =
    foxglovePort === undefined
      ? undefined
      : await openFoxgloveServer({
          port: foxglovePort,
          name: `Skein: ${mission.name}`,
          channels: recordingChannels(simulation.vehicles),
        });
  if (foxglove?.ok === false) {
    await outward?.value.close();
    return foxglove;
  }
  const told = foxglove?.value;
  const nobody = outward === undefined && told === undefined;
  return ok({
    sinks: told === undefined ? [] : [told],
    pace: nobody ? undefined : wallPace(),
    announcements: told === undefined ? [] : [`Foxglove: open ${told.url}`],
    close: async () => {
      await told?.close();
      await outward?.value.close();
    },
  });
}
