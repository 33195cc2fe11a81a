/** The world behind the page as its desks share it: who runs it, its ground node, what is told. */
import { invariant } from "../../../src/base/mod.ts";
import type { Node } from "../../../src/node/mod.ts";
import type { Simulation } from "../../simulation/open-simulation.ts";
import type { Timeline } from "./timeline.ts";

export const GROUND_SLOT = 0;
const MS_PER_S = 1000;
/** The world is run in pieces of this length, so that a request never waits for long. */
export const PIECE_MS = 100;

export class WorldAccess {
  readonly simulation: Simulation;
  readonly timeline: Timeline;
  readonly #everySecond: (nowS: number) => void;
  #node: Node | undefined;

  /** `everySecond` is called at each full second of the world. */
  constructor(simulation: Simulation, timeline: Timeline, everySecond: (nowS: number) => void) {
    this.simulation = simulation;
    this.timeline = timeline;
    this.#everySecond = everySecond;
  }

  get nowS(): number {
    return this.simulation.world.timeMs / MS_PER_S;
  }

  /** The node as it runs, or as it was last while it restarts. */
  ground(): Node {
    this.#node = this.simulation.world.node(GROUND_SLOT) ?? this.#node;
    invariant(this.#node !== undefined, "the ground station's node has booted");
    return this.#node;
  }

  /**
   * Runs one piece. Each full second is a stop of its own: what the station does by itself then
   * falls on the same moment whatever the pieces, so that a fork does it there as well.
   */
  run(untilMs: number): void {
    const { world } = this.simulation;
    for (;;) {
      const nextS = Math.floor(world.timeMs / MS_PER_S) + 1;
      if (nextS * MS_PER_S > untilMs) break;
      world.runUntil(nextS * MS_PER_S);
      this.#everySecond(nextS);
    }
    world.runUntil(untilMs);
  }

  runTo(timeMs: number): void {
    const { world } = this.simulation;
    while (world.timeMs < timeMs) this.run(Math.min(timeMs, world.timeMs + PIECE_MS));
  }
}
