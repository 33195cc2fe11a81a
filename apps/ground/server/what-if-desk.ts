/**
 * The what-if desk: asks the world for what it saved, has two forks run ahead in threads of their
 * own, and gives the orders of a what-if to the live world when the operator commits it. A fault
 * goes no further than its fork: only what is an order, and nothing but orders, can be committed.
 *
 * Bound: one what-if at a time, which is two threads; another is refused until it is dropped.
 */
import { problem, type Problem } from "../../../src/base/mod.ts";
import { changeText, isPlan, problemsOf, targetsOf } from "../../whatif/changes.ts";
import { ForkPair } from "../../whatif/fork.ts";
import type { SavedWorld, WorldRecipe } from "../../whatif/future.ts";
import type { GroundAnswer, GroundView, PageOrder } from "../report/view.ts";
import type {
  PlanOrder,
  WhatIfChange,
  WhatIfHorizon,
  WhatIfRequest,
  WhatIfView,
} from "../report/what-if.ts";
import { answerDone, answerRefused } from "./session.ts";

/** What the world's thread answers when it is asked to be forked. */
export interface ForkedWorld {
  readonly recipe: WorldRecipe;
  readonly saved: SavedWorld;
  readonly horizonS: number;
  /** How long the world stood still. */
  readonly pauseMs: number;
}

/** What the desk has of the world behind it. */
export interface WhatIfWorld {
  fork(horizonS: WhatIfHorizon): Promise<ForkedWorld | Problem>;
  /** By the ordinary order desk. */
  order(order: PageOrder): Promise<GroundAnswer>;
  view(): GroundView;
}

export interface WhatIfDeskOptions {
  readonly world: WhatIfWorld;
  readonly onChange: () => void;
  /** For tests: the thread of a fork. */
  readonly worker?: URL;
}

interface Open {
  readonly id: number;
  readonly changes: readonly WhatIfChange[];
  readonly forked: ForkedWorld;
  readonly pair: ForkPair;
  committed: readonly string[];
  committing: boolean;
}

type Fork = Extract<WhatIfRequest, { readonly kind: "fork" }>;

export class WhatIfDesk {
  readonly #options: WhatIfDeskOptions;
  #open: Open | undefined;
  /** A fork has been asked for and the world has not answered yet. */
  #opening = false;
  #closed = false;
  #lastId = 0;

  constructor(options: WhatIfDeskOptions) {
    this.#options = options;
  }

  view(): WhatIfView | null {
    if (this.#open === undefined) return null;
    const { id, changes, forked, pair, committed } = this.#open;
    return {
      id,
      forkedAtS: forked.saved.atMs / 1000,
      horizonS: forked.horizonS,
      changes: changes.map(changeText),
      bar: barOf(changes),
      committed,
      pauseMs: forked.pauseMs,
      baseline: pair.baseline,
      changed: pair.changed,
    };
  }

  ask(id: number, request: WhatIfRequest): Promise<GroundAnswer> {
    if (request.kind === "fork") return this.#fork(id, request);
    const open = this.#open;
    if (open?.id !== request.whatIf) {
      const remedy = "look at the one that is open now, or fork again";
      return Promise.resolve(answerRefused(id, problem("GND021", { remedy })));
    }
    return request.kind === "commit" ? this.#commit(id, open) : this.#drop(id, open);
  }

  /** Frees the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#open?.pair.end();
    this.#open = undefined;
  }

  async #fork(id: number, { changes, horizonS }: Fork): Promise<GroundAnswer> {
    if (this.#open !== undefined || this.#opening) {
      return answerRefused(id, problem("GND020", { remedy: "drop it, then fork again" }));
    }
    const vehicles = this.#options.world.view().vehicles.map(({ index }) => index);
    const [wrong] = problemsOf(changes, vehicles);
    if (wrong !== undefined) return answerRefused(id, wrong);
    this.#opening = true;
    const forked = await this.#options.world.fork(horizonS);
    this.#opening = false;
    if ("code" in forked) return answerRefused(id, forked);
    if (this.#closed) return answerRefused(id, problem("GND009", {}));
    this.#lastId += 1;
    this.#open = {
      id: this.#lastId,
      changes,
      forked,
      pair: this.#pair(forked, changes),
      committed: [],
      committing: false,
    };
    this.#options.onChange();
    return answerDone(id, `what-if ${this.#lastId}`);
  }

  #pair({ recipe, saved, horizonS }: ForkedWorld, changes: readonly WhatIfChange[]): ForkPair {
    const { onChange, worker } = this.#options;
    const untilMs = saved.atMs + horizonS * 1000;
    const order = { recipe, saved, changes, untilMs, hidesSubject: true };
    return new ForkPair(order, { onChange, ...(worker === undefined ? {} : { worker }) });
  }

  async #drop(id: number, open: Open): Promise<GroundAnswer> {
    this.#open = undefined;
    this.#options.onChange();
    await open.pair.end();
    return answerDone(id, `what-if ${open.id} dropped`);
  }

  async #commit(id: number, open: Open): Promise<GroundAnswer> {
    const { world } = this.#options;
    const orders = open.changes.filter(isPlan).map(({ order }) => order);
    const wrong = whyNot(open) ?? impossibleNow(orders, world.view());
    if (wrong !== undefined) return answerRefused(id, wrong);
    open.committing = true;
    for (const order of orders) {
      const answer = await world.order(order);
      if (!answer.ok) {
        open.committing = false;
        const given = `${open.committed.length} of ${orders.length} orders were given: `;
        return { ...answer, id, text: given + answer.text };
      }
      open.committed = [...open.committed, answer.text];
    }
    this.#options.onChange();
    return answerDone(id, `committed: ${open.committed.join(", ")}`);
  }
}

/** Why a what-if with these changes can never be committed; empty when it can. */
function barOf(changes: readonly WhatIfChange[]): string {
  const other = changes.find((change) => !isPlan(change));
  if (other === undefined) return "";
  return other.kind === "planner"
    ? "no order changes the planner of a flying swarm"
    : `${changeText(other)} is a fault and stays in its fork`;
}

function whyNot({ changes, pair, committed, committing }: Open): Problem | undefined {
  const detail = barOf(changes);
  if (detail !== "") {
    const remedy = "fork again with the orders alone, then commit that";
    return problem("GND024", { detail, remedy });
  }
  if (committing || committed.length > 0) {
    return problem("GND028", { remedy: "look at the orders; drop it to fork again" });
  }
  if (pair.isDone) return undefined;
  const failed = pair.baseline.state === "failed" || pair.changed.state === "failed";
  const remedy = failed ? "drop it and fork again" : "wait until both have come to their end";
  return problem("GND027", { remedy });
}

/** What an order named in the fork may be gone by now. */
function impossibleNow(orders: readonly PlanOrder[], view: GroundView): Problem | undefined {
  const living = view.vehicles.filter(
    ({ index, status }) => status !== "lost" && !view.security.evicted.includes(index),
  );
  const alive = new Set(living.map(({ index }) => index));
  const gone = [...new Set(orders.flatMap(targetsOf))].filter((index) => !alive.has(index));
  const remedy = "drop it, and fork the world as it is now";
  if (gone.length > 0) {
    const detail = `${gone.map((index) => `vehicle ${index}`).join(", ")} is gone`;
    return problem("GND025", { detail, remedy });
  }
  if (alive.size > 0) return undefined;
  return problem("GND025", { detail: "no vehicle is left", remedy });
}
