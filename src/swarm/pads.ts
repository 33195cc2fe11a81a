/** Where the pads of a base are: the same for the crew that lays them out and for every vehicle. */
import type { GroundPoint } from "./area/mod.ts";
import type { BaseSpec } from "./mission/mod.ts";

/** Pads for `vehicleCount` vehicles, or as many as the base has. */
export const padCountOf = (base: BaseSpec, vehicleCount: number): number =>
  Math.max(vehicleCount, base.padCount);

/** Rows as square as may be, south-west of the base's position by one spacing; pad = slot. */
export function padPosition(base: BaseSpec, pad: number, padCount: number): GroundPoint {
  const columns = Math.ceil(Math.sqrt(padCount));
  const row = Math.floor(pad / columns);
  return {
    northM: base.position.northM - (row + 1) * base.padSpacingM,
    eastM: base.position.eastM - (1 + pad - row * columns) * base.padSpacingM,
  };
}
