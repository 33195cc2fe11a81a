/** Coverage: everyone moves away from its nearest neighbours, and stays within reach of home. */
import { defineBehaviour, metres, metresPerSecond } from "../../src/swarm/mod.ts";

export default defineBehaviour({
  name: "spread-out",
  params: { reachM: metres(600), speedMps: metresPerSecond(8) },
  step(view, _memory, out) {
    const { reachM, speedMps } = view.params;
    const me = view.self.position;
    let n = -(me.northM - view.home.northM) / reachM / 50;
    let e = -(me.eastM - view.home.eastM) / reachM / 50;
    for (const other of view.neighbours) {
      const dn = me.northM - other.position.northM;
      const de = me.eastM - other.position.eastM;
      const square = Math.max(1, dn * dn + de * de);
      n += dn / square;
      e += de / square;
    }
    const length = Math.sqrt(n * n + e * e);
    const step = length < 1e-3 ? 0 : 40 / length;
    const northM = me.northM + n * step;
    const eastM = me.eastM + e * step;
    out.setpoint({ northM, eastM, aglM: view.layerAglM, speedMps });
  },
});
