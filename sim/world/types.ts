/**
 * The world's door: what it is given, what it shows, what can be done to it. All values that go
 * out are plain and belong to the receiver.
 */
import type { ByteReader, ByteWriter, Machine } from "../../src/base/mod.ts";
import type {
  FlightMode,
  LocalPosition,
  LocalVelocity,
  RecoveredStore,
  VehicleCommand,
} from "../../src/hal/mod.ts";
import type { Effect, NodeEvent, Stimulus } from "../../src/node/mod.ts";
import type { OrderWish, Violation } from "../checkers/mod.ts";
import type { FaultAction, FaultKind, StrikeTarget } from "../faults/types.ts";
import type { Cover, Place } from "./scenario.ts";

export type { Violation };

/** Charges this node's processor for an operation on `bytes` bytes (names: `CpuScenario`). */
export type Charge = (operation: string, bytes: number) => void;

/**
 * Tells the trace what a message said before it was sealed. Only kind and length enter the hash,
 * so that ciphertext never does.
 */
export type TracePlaintext = (kind: number, lengthBytes: number) => void;

/** What a node is built from, at each of its boots. */
export interface Seat {
  readonly slot: number;
  readonly role: "ground" | "vehicle";
  /** 0 at the first boot of this slot, one more at each restart. */
  readonly boot: number;
  /** For this node's `SeededStream`s: differs by slot and boot. */
  readonly seed: number;
  /** What survived in this node's store. */
  readonly recovered: RecoveredStore;
  readonly charge: Charge;
  readonly trace: TracePlaintext;
}

export type SimNode = Machine<Stimulus, Effect>;
export type NodeFactory<N extends SimNode = SimNode> = (seat: Seat) => N;

/** The operator's wish, as the ground node takes it. */
export type OperatorDraft = Extract<Stimulus, { readonly kind: "operator" }>["draft"];

/**
 * What the signed bytes of an order say that a node knows by this id, its signatures checked;
 * undefined when the node has no such bytes or they do not verify. The world itself knows no order.
 */
export type OrderProof<N extends SimNode = SimNode> = (
  node: N,
  orderId: string,
) => OrderWish | undefined;

export type VehicleState = "absent" | "onPad" | "flying" | "landedOut" | "lost";
export type NodeState = "absent" | "running" | "restarting" | "dead";

/** Truth about one vehicle. */
export interface VehicleView {
  readonly slot: number;
  readonly state: VehicleState;
  readonly node: NodeState;
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly yawRad: number;
  /** Above the true ground, canopy not counted. */
  readonly altitudeAglM: number;
  readonly mode: FlightMode;
  readonly armed: boolean;
  readonly released: boolean;
  readonly batteryRatio: number;
  readonly powerW: number;
  readonly swaps: number;
  readonly cpuBusyRatio: number;
}

export interface BaseView {
  readonly position: Place;
  /** Slot of the vehicle on each pad, or -1. */
  readonly pads: readonly number[];
  readonly crewBusy: number;
  readonly batteriesReady: number;
  readonly batteriesCharging: number;
  readonly batteriesWaiting: number;
}

export interface SubjectView {
  readonly position: LocalPosition;
  readonly cover: Cover;
  /** First time a camera really saw the subject, or null. */
  readonly firstSeenS: number | null;
}

export interface ActiveFault {
  readonly id: number;
  readonly action: FaultAction;
  readonly untilS: number;
}

export interface WorldCounters {
  readonly events: number;
  readonly steps: number;
  readonly transmissions: number;
  /** Receptions that the channel offered (receiver in range, awake). */
  readonly receptionsOffered: number;
  readonly receptions: number;
  readonly expired: number;
  readonly queueDropped: number;
  readonly collisions: number;
}

export interface WorldView {
  readonly timeMs: number;
  readonly vehicles: readonly VehicleView[];
  readonly base: BaseView;
  readonly subject: SubjectView | undefined;
  readonly faults: readonly ActiveFault[];
  readonly counters: WorldCounters;
  readonly violations: readonly Violation[];
}

/** The world's share of a run's report. Names are those of the report's schema. */
export interface WorldReport {
  readonly simSeconds: number;
  readonly traceHash: string;
  readonly radioScenario: {
    readonly band: string;
    readonly powerDbm: number;
    readonly channels: number;
    readonly mcs: number;
    readonly meanReceivers: number;
  };
  readonly network: {
    readonly sent: number;
    readonly delivered: number;
    readonly deliveryRatio: number;
    readonly airtimeMax: number;
  };
  readonly search: {
    readonly areaSweptKm2: number;
    readonly falseAlarms: number;
    readonly timeToDetectS: number | null;
  };
  readonly vehicles: {
    readonly lost: number;
    readonly batterySwaps: number;
    readonly minSeparationM: number | null;
    readonly minClearanceM: number | null;
    readonly batteryReserveMinPct: number | null;
  };
  readonly invariants: {
    readonly checked: readonly string[];
    readonly violated: readonly Violation[];
  };
  readonly counters: WorldCounters;
}

/** One sample of the whole world for a recording, at the rate asked for. */
export interface WorldSample {
  readonly timeMs: number;
  readonly vehicles: readonly VehicleView[];
}

/** A node's report with the world's time. */
export interface WorldEvent {
  readonly timeMs: number;
  readonly slot: number;
  readonly event: NodeEvent;
}

/**
 * Who is struck by a fault that aims: slots, ascending. The world itself knows neither heads nor
 * segments; without an aim such a fault strikes nobody.
 */
export type FaultAim<N extends SimNode = SimNode> = (
  target: StrikeTarget,
  world: Pick<World<N>, "node" | "view">,
) => readonly number[];

/** A fault that begins, with the nodes that it names. */
export interface FaultBegun {
  readonly timeMs: number;
  readonly action: FaultAction;
}

/** What an image really shows; for the scripted operator of unattended runs. */
export interface ImageTruth {
  readonly shows: "subject" | "nothing";
  readonly aglM: number;
}

/**
 * A checker from outside (consensus, swarm). It is asked after each step of a node; a string is a
 * violation. Checkers are no part of the state: `clone` shares none of them.
 */
export interface WorldChecker<N extends SimNode = SimNode> {
  readonly name: string;
  afterStep?(slot: number, node: N, timeMs: number): string | undefined;
  afterEvent?(slot: number, event: NodeEvent, timeMs: number): string | undefined;
  booted?(slot: number, node: N, boot: number): void;
}

export interface World<N extends SimNode = SimNode> {
  readonly timeMs: number;
  /** Runs every event up to and including this time. */
  runUntil(timeMs: number): void;
  /** Runs the next event; false when there is none. */
  step(): boolean;
  view(): WorldView;
  node(slot: number): N | undefined;
  /** Gives a fault now; its id can be given to `liftFault`. */
  applyFault(action: FaultAction): number;
  liftFault(id: number): void;
  liftFaults(kinds: readonly FaultKind[]): void;
  /** A lost vehicle is mended, carried to its pad with a full battery, and started. */
  mend(slot: number): void;
  /** The operator's wish, given to the ground node now. */
  operator(draft: OperatorDraft): void;
  /** Somebody else commands the autopilot now, past the node: a ground station over MAVLink. */
  command(slot: number, order: VehicleCommand): void;
  /** The crew's switch: whether this vehicle may be armed. */
  release(slot: number, released: boolean): void;
  image(imageRef: string): ImageTruth | undefined;
  onEvent(listener: (event: WorldEvent) => void): void;
  /** Told of each fault as it begins; of one that aims, of those that it became. */
  onFault(listener: (begun: FaultBegun) => void): void;
  /** Calls back every `periodMs` of world time, first at the next multiple of it. */
  onSample(periodMs: number, listener: (sample: WorldSample) => void): void;
  addChecker(checker: WorldChecker<N>): void;
  traceHash(): string;
  report(): WorldReport;
  save(to: ByteWriter): void;
  load(from: ByteReader): void;
  /** A second world in the same state, sharing nothing; listeners and checkers are not copied. */
  clone(): World<N>;
}
