/**
 * The operator of runs without a person at the page: releases and starts the vehicles, looks at
 * each detection after a while, and judges it by the image. It gives its orders through the ground
 * node, like a person would; it knows the truth of images only.
 */
import {
  readPlain,
  SeededStream,
  writePlain,
  type ByteReader,
  type ByteWriter,
  type NodeIndex,
} from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import type { OrderCommand, OrderDraft, OrderTargets } from "../../src/security/mod.ts";
import type { OperatorScript } from "../../src/swarm/mod.ts";
import type { World } from "../../sim/mod.ts";
import { Arming, switchesOf } from "./arming.ts";

/** Vehicles that have not announced themselves by then are started without. */
const START_BY_S = 30;
const ORDER_VALID_MS = 30_000;

interface Review {
  readonly sinceS: number;
  looked: boolean;
  decided: boolean;
}

export class ScriptedOperator {
  readonly #world: World<Node>;
  readonly #script: OperatorScript;
  readonly #random: SeededStream;
  readonly #vehicles: readonly NodeIndex[];
  #reviews = new Map<number, Review>();
  readonly #arming = new Arming();
  #startedAtS: number | undefined;

  constructor(options: {
    readonly world: World<Node>;
    readonly script: OperatorScript;
    readonly seed: number;
    readonly vehicles: readonly NodeIndex[];
  }) {
    this.#world = options.world;
    this.#script = options.script;
    this.#vehicles = options.vehicles;
    this.#random = new SeededStream(options.seed, "operator");
  }

  get startedAtS(): number | undefined {
    return this.#startedAtS;
  }

  /** Whom it arms by itself. */
  get arming(): Arming {
    return this.#arming;
  }

  /** For a fork of the world: it goes on there as it would here. */
  save(to: ByteWriter): void {
    writePlain(to, { startedAtS: this.#startedAtS, reviews: [...this.#reviews] });
    this.#random.save(to);
    this.#arming.save(to);
  }

  load(from: ByteReader): void {
    const saved = readPlain(from) as {
      readonly startedAtS: number | undefined;
      readonly reviews: readonly [number, Review][];
    };
    this.#startedAtS = saved.startedAtS;
    this.#reviews = new Map(saved.reviews);
    this.#random.load(from);
    this.#arming.load(from);
  }

  /** Called once a world second. */
  tick(timeS: number): void {
    const ground = this.#world.node(0);
    if (ground === undefined) return;
    this.#start(ground, timeS);
    if (this.#startedAtS !== undefined) {
      for (const draft of this.#arming.due(ground, timeS, switchesOf(this.#world))) {
        this.#world.operator(draft);
      }
    }
    this.#review(ground, timeS);
  }

  #start(ground: Node, timeS: number): void {
    if (this.#startedAtS !== undefined) return;
    const { clusters, headed } = ground.agreed;
    const allKnown = this.#vehicles.every((vehicle) => ground.bootNonces.has(vehicle));
    if (headed < clusters || (!allKnown && timeS < START_BY_S)) return;
    this.#startedAtS = timeS;
    this.#arming.allow(ground, this.#vehicles);
    this.#order({ kind: "start" }, "all");
  }

  #review(ground: Node, timeS: number): void {
    for (const [id, row] of ground.agreed.detections) {
      if (row.verdict === "confirmed" || row.verdict === "dismissed") continue;
      const review = this.#reviews.get(id) ?? { sinceS: timeS, looked: false, decided: false };
      this.#reviews.set(id, review);
      const waitedS = timeS - review.sinceS;
      if (waitedS < this.#script.reviewS) continue;
      const { confidence, imageRef } = row.detection;
      const unsure = confidence / 65_535 < this.#script.lookAgainBelow;
      if (unsure && !review.looked) {
        review.looked = true;
        this.#order({ kind: "lookAgain", detectionId: id }, "all");
      } else if (!review.decided && waitedS >= this.#script.reviewS * (review.looked ? 4 : 1)) {
        review.decided = true;
        this.#decide(id, imageRef);
      }
    }
  }

  #decide(detectionId: number, imageRef: string): void {
    const shown = this.#world.image(imageRef)?.shows === "subject";
    const right = this.#random.chance(this.#script.rightRatio);
    this.#order({ kind: shown === right ? "confirm" : "dismiss", detectionId }, "all");
  }

  #order(command: OrderCommand, targets: OrderTargets): void {
    const draft: OrderDraft = {
      command,
      targets,
      validForMs: ORDER_VALID_MS,
      supersedes: undefined,
    };
    this.#world.operator(draft);
  }
}
