/** The lowest index leads over the base in a square; the others follow behind it in a row. */
import { defineBehaviour, metres, metresPerSecond } from "../../src/swarm/mod.ts";

export default defineBehaviour({
  name: "follow-the-leader",
  params: { gapM: metres(25, { min: 16 }), sideM: metres(300), speedMps: metresPerSecond(6) },
  memory: () => ({ corner: 0 }),
  step(view, memory, out) {
    const { gapM, sideM, speedMps } = view.params;
    const { position, index } = view.self;
    const ahead = view.neighbours.filter((one) => one.index < index && one.trust === "verified");
    const leader = ahead.at(-1);
    if (leader !== undefined) {
      const dn = leader.position.northM - position.northM;
      const de = leader.position.eastM - position.eastM;
      const share = 1 - gapM / Math.max(gapM, Math.sqrt(dn * dn + de * de));
      const to = { northM: position.northM + dn * share, eastM: position.eastM + de * share };
      out.setpoint({ ...to, aglM: view.layerAglM, speedMps: 1.5 * speedMps });
      return;
    }
    const northM = view.home.northM + (memory.corner % 4 < 2 ? sideM : 0);
    const eastM = view.home.eastM + ((memory.corner + 1) % 4 < 2 ? 0 : sideM);
    const gap = Math.abs(northM - position.northM) + Math.abs(eastM - position.eastM);
    if (gap < 10) memory.corner += 1;
    out.setpoint({ northM, eastM, aglM: view.layerAglM, speedMps });
  },
});
