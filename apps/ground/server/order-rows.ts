/**
 * Orders as the page shows them: what each concerns, how far each vehicle is with it, and for those
 * that act by agreement alone whether the swarm has agreed.
 *
 * A vehicle that took Go and stands on the ground does not act: its row says what it waits for.
 */
import { PROBLEMS } from "../../../src/base/mod.ts";
import type { Node } from "../../../src/node/mod.ts";
import { orderId, type OrderCommand } from "../../../src/security/mod.ts";
import type { OrderRow, PlanePoint, VehicleRow } from "../report/view.ts";

type Command = OrderCommand;
type OrderState = OrderRow["states"][number];

const ORDERS_SHOWN = 24;
/** A proposal that has not been agreed on by then has been given up by its node, too. */
export const AGREED_WITHIN_S = 30;
/** A vehicle on the ground further from the base than this did not land at home. */
export const HOME_M = 80;
const ACTS: readonly OrderState["state"][] = ["acting", "agreed"];
const AGREED: readonly OrderState["state"][] = ["agreed", "acting", "done"];

export interface OrderFacts {
  readonly node: Node;
  readonly nowMs: number;
  readonly vehicles: readonly VehicleRow[];
  readonly base: PlanePoint;
}

/** Newest first. Arming follows from Go by itself and would only push the others away. */
export function ordersOf(facts: OrderFacts): OrderRow[] {
  const told = new Set<number>();
  const rowOf = new Map(facts.vehicles.map((row) => [row.index, row]));
  const known = { base: facts.base, search: searchFacts(facts.node) };
  return facts.node.orders
    .filter(({ order }) => order.command.kind !== "arm")
    .slice(-ORDERS_SHOWN)
    .toReversed()
    .map(({ order, at, rows }) => {
      const { command } = order;
      const lifts = command.kind === "clearAir" && command.lift;
      const states = rows.map(({ vehicle, step, reason }): OrderState => {
        const row = rowOf.get(vehicle);
        const newest = !told.has(vehicle);
        const waits = newest && command.kind === "start" && ACTS.includes(step);
        const blocker = waits && row !== undefined ? blockerOf(known, row) : "";
        if (blocker !== "") return { vehicle, state: "blocked", reason: blocker };
        return { vehicle, state: step, reason: sentenceOf(reason) };
      });
      if (moves(command)) for (const { vehicle } of rows) told.add(vehicle);
      return {
        id: orderId(order),
        kind: lifts ? "liftClearAir" : command.kind,
        about: aboutOf(command),
        agreement: agreementOf(facts, command, { atMs: at, states }),
        targets: rows.map(({ vehicle }) => vehicle),
        issuedAtS: at / 1000,
        states,
      };
    });
}

const moves = ({ kind }: Command): boolean =>
  kind === "start" ||
  kind === "hold" ||
  kind === "return" ||
  kind === "land" ||
  kind === "clearAir";

/** What an order concerns beside its targets; empty when its targets say all. */
export function aboutOf(command: Command): string {
  switch (command.kind) {
    case "evict":
      return `vehicle ${command.member}`;
    case "confirm":
    case "dismiss":
    case "lookAgain":
      return `detection ${detectionName(command.detectionId)}`;
    case "addClue":
      return `within ${Math.round(command.clue.radiusM)} m`;
    default:
      return "";
  }
}

/** Detections are numbered by their finder: `2-1` is the first of vehicle 2. */
export function detectionName(id: number): string {
  return id < 0x10000 ? `${id}` : `${id >>> 16}-${(id & 0xffff) + 1}`;
}

function agreementOf(
  { node, nowMs }: OrderFacts,
  command: Command,
  progress: { readonly atMs: number; readonly states: readonly OrderState[] },
): OrderRow["agreement"] {
  if (!byAgreementAlone(command)) return "none";
  const agreed =
    progress.states.some((one) => AGREED.includes(one.state)) ||
    (command.kind === "evict" && node.agreed.isEvicted(command.member));
  if (agreed) return "agreed";
  return nowMs - progress.atMs > AGREED_WITHIN_S * 1000 ? "failed" : "open";
}

/** These change what the swarm has agreed on; no vehicle obeys them by itself. */
function byAgreementAlone({ kind }: Command): boolean {
  return (
    kind === "evict" ||
    kind === "confirm" ||
    kind === "dismiss" ||
    kind === "lookAgain" ||
    kind === "addClue"
  );
}

/**
 * Why a vehicle that should search stands on the ground, and which key mends it; empty when it is
 * about to go by itself, or when nobody wants it in the air.
 */
export function blockerOf(
  facts: { readonly base: PlanePoint; readonly search: SearchFacts },
  row: VehicleRow,
): string {
  const { base, search } = facts;
  if (search.phase !== "started" || row.armed || row.status === "lost") return "";
  if (row.behaviour === "arming" || row.behaviour === "takeoff") return "";
  if (search.confirmed) return "";
  const awayM = Math.hypot(row.position.northM - base.northM, row.position.eastM - base.eastM);
  const away = awayM > HOME_M;
  const last = search.lastMoves.get(row.index);
  if (last?.kind === "clearAir" && !last.lift) return "clear air keeps it down";
  const lacks = [
    ...(away || !row.released ? ["release it (Y) when nobody is near"] : []),
    ...(last?.kind === "start" ? [] : ["then Go (G)"]),
  ];
  const place = away ? `landed ${Math.round(awayM)} m from the base` : "";
  if (lacks.length === 0) return "";
  return [place, lacks.join(", ").replace(/^then /u, "")].filter((part) => part !== "").join(": ");
}

/** What counts for every vehicle alike, looked up once. */
export interface SearchFacts {
  readonly phase: Node["agreed"]["phase"];
  /** Somebody has been found: nobody takes off any more. */
  readonly confirmed: boolean;
  /** The last order that moved each vehicle. */
  readonly lastMoves: ReadonlyMap<number, Command>;
}

export function searchFacts(node: Node): SearchFacts {
  const { phase, detections } = node.agreed;
  const lastMoves = new Map<number, Command>();
  for (const { order, rows } of node.orders) {
    if (!moves(order.command)) continue;
    for (const { vehicle } of rows) lastMoves.set(vehicle, order.command);
  }
  const confirmed = detections.some(([, { verdict }]) => verdict === "confirmed");
  return { phase, confirmed, lastMoves };
}

const SENTENCES: Readonly<Record<string, string>> = PROBLEMS;

export function sentenceOf(reason: string): string {
  const sentence = SENTENCES[reason];
  return sentence === undefined ? reason : `${reason}: ${sentence}`;
}
