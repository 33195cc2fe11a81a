/**
 * A vehicle of few lines for tests: it climbs at 3 m/s, flies at the speed it is told, and obeys
 * every command at once. No wind, no inertia; 28 minutes of battery.
 */
import type { LocalPosition, Setpoint, VehicleCommand, VehicleSample } from "../vehicle.ts";

export class ToyVehicle {
  position: LocalPosition;
  readonly home: LocalPosition;
  mode: VehicleSample["mode"] = "idle";
  armed = false;
  ready = true;
  positionValid = true;
  batteryRatio = 1;
  readonly commands: VehicleCommand[] = [];
  #setpoint: Setpoint | undefined;
  #targetAmslM = 0;

  constructor(home: LocalPosition = { northM: 0, eastM: 0, altitudeAmslM: 300 }) {
    this.home = home;
    this.position = home;
  }

  get inAir(): boolean {
    return this.position.altitudeAmslM > this.home.altitudeAmslM + 0.2;
  }

  command(command: VehicleCommand): void {
    this.commands.push(command);
    switch (command.kind) {
      case "arm":
        this.armed = this.ready;
        this.mode = this.armed ? "guided" : "idle";
        return;
      case "disarm":
        if (!this.inAir) this.#ground();
        return;
      case "takeoff":
        if (!this.armed) return;
        this.mode = "takeoff";
        this.#targetAmslM = this.home.altitudeAmslM + command.altitudeAglM;
        return;
      case "setpoint":
        if (!this.inAir) return;
        this.mode = "guided";
        this.#setpoint = command.setpoint;
        return;
      case "hold":
      case "rtl":
      case "land":
        if (!this.inAir) return;
        this.mode = command.kind;
        this.#setpoint = undefined;
        return;
      default:
        return command satisfies never;
    }
  }

  tick(seconds: number): void {
    if (!this.armed) return;
    this.batteryRatio = Math.max(0, this.batteryRatio - seconds / 1680);
    const here = this.position;
    const goal = this.#goal();
    const speed = this.mode === "guided" ? (this.#setpoint?.speedMaxMps ?? 5) : 5;
    const north = goal.northM - here.northM;
    const east = goal.eastM - here.eastM;
    const distance = Math.hypot(north, east);
    const share = distance > speed * seconds ? (speed * seconds) / distance : 1;
    const up = goal.altitudeAmslM - here.altitudeAmslM;
    this.position = {
      northM: here.northM + north * share,
      eastM: here.eastM + east * share,
      altitudeAmslM: here.altitudeAmslM + Math.sign(up) * Math.min(Math.abs(up), 3 * seconds),
    };
    if (this.mode === "takeoff" && Math.abs(up) < 0.1) this.mode = "hold";
    if ((this.mode === "land" || this.mode === "rtl") && !this.inAir) this.#ground();
  }

  #goal(): LocalPosition {
    const here = this.position;
    if (this.mode === "takeoff") return { ...here, altitudeAmslM: this.#targetAmslM };
    if (this.mode === "land") return { ...here, altitudeAmslM: this.home.altitudeAmslM };
    if (this.mode === "guided" && this.#setpoint !== undefined) return this.#setpoint.position;
    if (this.mode !== "rtl") return here;
    const away = Math.hypot(here.northM - this.home.northM, here.eastM - this.home.eastM) > 1;
    return away ? { ...this.home, altitudeAmslM: here.altitudeAmslM } : this.home;
  }

  #ground(): void {
    this.armed = false;
    this.mode = "idle";
    this.#setpoint = undefined;
  }

  sample(): VehicleSample {
    return {
      position: this.position,
      velocity: { northMps: 0, eastMps: 0, downMps: 0 },
      yawRad: 0.5,
      positionErrorM: 0.8,
      positionValid: this.positionValid,
      altitudeAglM: this.position.altitudeAmslM - this.home.altitudeAmslM,
      batteryRatio: this.batteryRatio,
      batteryFullWh: 100,
      powerW: this.armed ? 200 : 5,
      windNorthMps: 3,
      windEastMps: -4,
      mode: this.mode,
      armed: this.armed,
      inAir: this.inAir,
      released: true,
      ready: this.ready,
    };
  }
}
