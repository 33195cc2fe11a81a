/** Everyone faces the point that the swarm has agreed on under "look"; the first proposes one. */
import { atan2 } from "../../src/base/mod.ts";
import { defineBehaviour, metresPerSecond, seconds } from "../../src/swarm/mod.ts";

export default defineBehaviour({
  name: "look-here",
  params: { speedMps: metresPerSecond(5), everyS: seconds(60) },
  memory: () => ({ proposedMs: -1e9 }),
  step(view, memory, out) {
    const { position, slot } = view.self;
    if (slot === 0 && view.nowMs - memory.proposedMs > view.params.everyS * 1000) {
      memory.proposedMs = view.nowMs;
      const { northM, eastM } = view.mission.lastKnownPosition;
      out.propose("look", [northM + 100 * (view.random() - 0.5), eastM]);
    }
    const [northM, eastM] = view.agreed("look") ?? [];
    if (northM === undefined || eastM === undefined) return;
    const yawRad = atan2(eastM - position.eastM, northM - position.northM);
    const mine = { northM: view.home.northM, eastM: view.home.eastM + 20 * slot };
    out.setpoint({ ...mine, aglM: view.layerAglM, speedMps: view.params.speedMps, yawRad });
  },
});
