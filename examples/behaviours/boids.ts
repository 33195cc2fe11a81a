/** Reynolds' flock: apart, along, together, and never far from where it began. */
import { defineBehaviour, metres, metresPerSecond } from "../../src/swarm/mod.ts";

export default defineBehaviour({
  name: "boids",
  params: { apartM: metres(30), roamM: metres(250), speedMps: metresPerSecond(7) },
  step(view, _memory, out) {
    const { apartM, roamM, speedMps } = view.params;
    const me = view.self;
    let n = (view.home.northM - me.position.northM) / roamM;
    let e = (view.home.eastM - me.position.eastM) / roamM;
    for (const other of view.neighbours) {
      const dn = other.position.northM - me.position.northM;
      const de = other.position.eastM - me.position.eastM;
      const gap = Math.max(1, Math.sqrt(dn * dn + de * de));
      const pull = gap < apartM ? -apartM / gap : 0.2;
      n += (pull * dn) / gap + (0.5 * other.velocity.northMps) / speedMps;
      e += (pull * de) / gap + (0.5 * other.velocity.eastMps) / speedMps;
    }
    const length = Math.max(0.01, Math.sqrt(n * n + e * e));
    out.setpoint({
      northM: me.position.northM + (50 * n) / length,
      eastM: me.position.eastM + (50 * e) / length,
      aglM: view.mission.sensor.aglM,
      speedMps,
    });
  },
});
