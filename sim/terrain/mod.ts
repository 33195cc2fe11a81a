/** Truth about the ground. Uses: base. */
export { TrueGround, type TrueGroundOptions } from "./true-ground.ts";
