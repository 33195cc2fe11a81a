/** Tools of the simulated world that know nothing of it. Uses: base. */
export { TraceHash } from "./trace-hash.ts";
export { readPlain, writePlain } from "../../src/base/mod.ts";
export { TripwireError, withTripwire } from "./tripwire.ts";
export { drawNormal, drawUniform, mixIn } from "./draw.ts";
export { loadSlabs, saveSlabs, type Slab } from "./slabs.ts";
export { PlaneGrid } from "./plane-grid.ts";
