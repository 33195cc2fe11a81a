/** Circles the last known position. */
import { cos, sin } from "../../src/base/mod.ts";
import { defineBehaviour, metres, metresPerSecond } from "../../src/swarm/mod.ts";

export default defineBehaviour({
  name: "orbit",
  params: { radiusM: metres(40), speedMps: metresPerSecond(6) },
  memory: () => ({ phaseRad: 0 }),
  step(view, memory, out) {
    const { radiusM, speedMps } = view.params;
    const center = view.mission.lastKnownPosition;
    memory.phaseRad += (speedMps / radiusM) * 0.1;
    out.setpoint({
      northM: center.northM + radiusM * cos(memory.phaseRad),
      eastM: center.eastM + radiusM * sin(memory.phaseRad),
      aglM: view.layerAglM,
      speedMps,
      arriveMps: speedMps,
    });
  },
});
