/**
 * What the ground server tells the page, and what the page may ask. Types only: the page imports
 * these and nothing else of the project.
 *
 * Everything under `GroundView` is what the ground's own node knows and the swarm has agreed; the
 * truth of a simulated world stands apart under `simulation`, and is absent with real vehicles.
 * Positions are metres north and east of the mission origin and altitude above mean sea level.
 */
import type { GroundWhatIf, WhatIfRequest } from "./what-if.ts";

/** Sent once after the page has authenticated; large and static. */
export interface GroundHello {
  readonly kind: "hello";
  readonly schema: 1;
  readonly mission: {
    readonly name: string;
    readonly originLatDeg: number;
    readonly originLonDeg: number;
    /** What heights in the state stream are counted from. */
    readonly originAltitudeAmslM: number;
    readonly durationS: number;
    readonly lastKnown: PlanePoint;
    readonly lastKnownPlace: PlaceText;
    /** One outline a polygon; the area is their union. */
    readonly area: readonly (readonly PlanePoint[])[];
    readonly fence: readonly (readonly PlanePoint[])[];
    readonly zones: readonly { readonly name: string; readonly points: readonly PlanePoint[] }[];
    readonly features: readonly {
      readonly name: string;
      readonly kind: "path" | "stream" | "road" | "ridge";
      readonly points: readonly PlanePoint[];
    }[];
    readonly base: PlanePoint;
    readonly clearanceM: number;
    readonly reserveRatio: number;
    readonly minSeparationM: { readonly horizontalM: number; readonly verticalM: number };
    /** Says how the sweep width was come by, for the POS band. */
    readonly sweepWidthSource: string;
    readonly quantileSource: string;
  };
  /** The planner's terrain, row 0 in the south, base64 of little-endian int16 metres. */
  readonly terrain: PlaneGrid & { readonly heightsBase64: string };
  readonly segments: readonly { readonly id: number; readonly outline: readonly PlanePoint[] }[];
  readonly simulated: boolean;
  /** Present when this is the replay of a recording. */
  readonly replay?: ReplayHello;
}

/** A recording as the page gets it: its span, what happened in it, what of it is damaged. */
export interface ReplayHello {
  readonly file: string;
  readonly startS: number;
  readonly endS: number;
  /** Ordered by time. */
  readonly marks: readonly ReplayMark[];
  /** What cannot be read, as sentences with their place. */
  readonly damages: readonly string[];
  readonly speeds: readonly number[];
}

export interface ReplayMark {
  readonly atS: number;
  readonly kind: "event" | "order" | "decision";
  readonly severity: EventRow["severity"];
  readonly text: string;
  /** Of the step that told it, for `why`; null when the recording holds none. */
  readonly cause: number | null;
}

/** Where a replay stands; sent when it has changed, at 4 Hz while it plays. */
export interface GroundReplay {
  readonly kind: "replay";
  readonly atS: number;
  readonly playing: boolean;
  readonly speed: number;
  readonly loop: boolean;
}

export interface PlanePoint {
  readonly northM: number;
  readonly eastM: number;
}

/** A place as people read it to each other. */
export interface PlaceText {
  readonly latLon: string;
  readonly utm: string;
  readonly mgrs: string;
}

export interface PlaneGrid {
  readonly rows: number;
  readonly cols: number;
  readonly southM: number;
  readonly westM: number;
  readonly cellNorthM: number;
  readonly cellEastM: number;
}

/** The probability map as the ground knows it; sent when it has changed, at most every 2 s. */
export interface GroundMap {
  readonly kind: "map";
  readonly revision: number;
  readonly grid: PlaneGrid;
  /** base64 of one byte a cell: remaining probability density, 255 = `densityMaxPerKm2`. */
  readonly densityBase64: string;
  readonly densityMaxPerKm2: number;
}

export type VehicleStatus =
  | "waiting"
  | "ready"
  | "searching"
  | "transit"
  | "lookingAgain"
  | "overhead"
  | "returning"
  | "charging"
  | "holding"
  | "landing"
  | "outOfRange"
  | "lost";

export interface VehicleRow {
  readonly index: number;
  readonly name: string;
  readonly status: VehicleStatus;
  readonly position: PlanePoint;
  readonly place: PlaceText;
  readonly velocity: {
    readonly northMps: number;
    readonly eastMps: number;
    readonly upMps: number;
  };
  readonly altitudeAmslM: number;
  readonly altitudeAglM: number | null;
  readonly speedMps: number;
  readonly headingRad: number;
  readonly batteryRatio: number;
  /** Minutes of flight left above the reserve, as the node predicts; null on the ground. */
  readonly minutesLeft: number | null;
  /** Why it needs a hand, in words; empty when it does not. */
  readonly needs: string;
  readonly segment: number | null;
  readonly lastHeardS: number;
  /** Age of its last own word, by beacon or relayed: how old its duty and minutes are. */
  readonly toldS: number;
  /** Age of its last beacon heard here: how old position and battery are. */
  readonly positionAgeS: number;
  readonly linkQuality: number;
  readonly hops: number;
  readonly behaviour: string;
  readonly leader: boolean;
  readonly armed: boolean;
  readonly released: boolean;
}

export interface SegmentRow {
  readonly id: number;
  readonly state: "open" | "leased" | "searching" | "done";
  readonly owner: number | null;
  /** Probability of area, detection and success so far, [0, 1]. */
  readonly poa: number;
  /** How often it has been flown through. */
  readonly passes: number;
  readonly podLow: number;
  readonly podHigh: number;
}

export interface DetectionRow {
  readonly id: number;
  /** `2-1`: the first of vehicle 2, as orders and events name it. */
  readonly name: string;
  readonly finder: number;
  readonly atS: number;
  readonly position: PlanePoint;
  readonly errorM: number;
  readonly confidence: number;
  readonly imageRef: string;
  readonly state: "waiting" | "lookingAgain" | "confirmed" | "dismissed";
  readonly place: PlaceText;
}

export interface OrderRow {
  readonly id: string;
  readonly kind: string;
  /** What it concerns beside its targets, as `vehicle 3` or `detection 2-1`; else empty. */
  readonly about: string;
  /** For orders that act by agreement alone; `failed`: not agreed on in time. */
  readonly agreement: "none" | "open" | "agreed" | "failed";
  readonly targets: readonly number[];
  readonly issuedAtS: number;
  readonly states: readonly {
    readonly vehicle: number;
    readonly state: "sent" | "received" | "agreed" | "blocked" | "acting" | "done" | "refused";
    /** Why it was refused, or what it waits for on the ground. */
    readonly reason: string;
  }[];
}

export interface EventRow {
  readonly sequence: number;
  readonly atS: number;
  readonly severity: "info" | "notice" | "warning" | "alarm";
  readonly vehicle: number | null;
  readonly text: string;
  readonly category: "search" | "vehicle" | "consensus" | "security" | "fault" | "order";
  /** In a replay: the step that told it, for `why`. */
  readonly cause?: number;
}

/** The living state, at 4 Hz or when something changed. */
export interface GroundView {
  readonly kind: "view";
  readonly sequence: number;
  readonly missionTimeS: number;
  /** When the search began, in the same time; null before Go. */
  readonly startedAtS: number | null;
  readonly phase: "planned" | "searching" | "paused" | "found" | "handedOver" | "ended";
  readonly vehicles: readonly VehicleRow[];
  readonly segments: readonly SegmentRow[];
  readonly detections: readonly DetectionRow[];
  readonly pos: {
    readonly low: number;
    readonly high: number;
    readonly predictedAtEnd: number;
    /** [seconds, low, high], at most 500 points. */
    readonly curve: readonly (readonly [number, number, number])[];
    /** [seconds, planned POS]. */
    readonly plan: readonly (readonly [number, number])[];
  };
  readonly nextRelief: { readonly vehicle: number; readonly inS: number } | null;
  readonly orders: readonly OrderRow[];
  readonly clearAir: {
    readonly active: boolean;
    readonly ceilingAglM: number;
    readonly clear: number;
    readonly total: number;
    readonly worst: { readonly vehicle: number; readonly inS: number } | null;
    /** Not heard, and last known in the air: nobody knows whether these are clear. */
    readonly silent: readonly number[];
  };
  readonly cluster: {
    readonly leader: number | null;
    readonly term: number;
    readonly commitIndex: number;
    readonly quorum: boolean;
    readonly members: readonly {
      readonly index: number;
      readonly role: "leader" | "follower" | "candidate" | "nonVoter" | "witness";
      readonly reachable: boolean;
      /** How far its log is known to reach; null when this station does not lead. */
      readonly matchIndex: number | null;
    }[];
  };
  readonly security: {
    readonly suite: string;
    readonly epoch: number;
    readonly handshakes: number;
    readonly sessions: readonly { readonly peer: number; readonly ageS: number }[];
    readonly evicted: readonly number[];
    readonly refused: readonly { readonly reason: string; readonly count: number }[];
  };
  readonly links: readonly LinkRow[];
  /** All clusters that the station knows of; when absent, the one of `cluster` is all there is. */
  readonly clusters?: readonly ClusterRow[];
  /** What watched vehicles say of each other: their own neighbor tables. */
  readonly meshLinks?: readonly LinkRow[];
  readonly simulation: SimulationView | null;
}

export interface LinkRow {
  readonly a: number;
  readonly b: number;
  readonly quality: number;
  /** Predicted time until it breaks. */
  readonly lifetimeS: number;
}

export interface ClusterRow {
  readonly id: number;
  readonly head: number | null;
  readonly term: number;
  readonly members: readonly number[];
  /** Members heard of late. */
  readonly reachable: number;
  readonly quorum: boolean;
}

/**
 * The view as the page is told it. Vehicles come as binary frames and, those that are looked at
 * closely, as `details`; whoever is one of many is named in ranges, `1-40,42`.
 */
export type PageView = Omit<
  GroundView,
  "vehicles" | "orders" | "clusters" | "meshLinks" | "security"
> & {
  readonly vehicleCount: number;
  readonly orders: readonly PageOrderRow[];
  readonly clusters: readonly PageCluster[];
  readonly security: GroundView["security"] & { readonly sessionCount: number };
};

export type PageOrderRow = Omit<OrderRow, "targets" | "states"> & {
  readonly targets: string;
  readonly targetCount: number;
  readonly groups: readonly OrderGroup[];
};

/** Vehicles that are equally far with an order, for the same reason. */
export interface OrderGroup {
  readonly state: OrderRow["states"][number]["state"];
  readonly reason: string;
  readonly count: number;
  readonly vehicles: string;
}

export type PageCluster = Omit<ClusterRow, "members"> & {
  readonly members: string;
  readonly memberCount: number;
};

/** Whole rows of what this page has selected and of what needs a hand, most urgent first. */
export interface GroundDetails {
  readonly kind: "details";
  readonly rows: readonly VehicleRow[];
  /** How many need a hand; the rows may be fewer. */
  readonly needing: number;
  /** Links between the vehicles that this page looks at closely. */
  readonly links: readonly LinkRow[];
}

/** How often this page gets a frame now; told when it changes notably. */
export interface GroundPace {
  readonly kind: "pace";
  readonly everyMs: number;
  /** Held back because the page acknowledges late. */
  readonly slow: boolean;
}

export interface SimulationView {
  readonly paused: boolean;
  readonly speed: number;
  readonly reachedSpeed: number;
  readonly faults: readonly { readonly id: number; readonly text: string }[];
  readonly batteries: {
    readonly ready: number;
    readonly charging: number;
    readonly waiting: number;
  };
}

/**
 * Where vehicles were heard so far, the page goes on from the state stream: all of a small swarm
 * at the opening, of a large one those that the page selects.
 */
export interface GroundTracks {
  readonly kind: "tracks";
  readonly tracks: readonly {
    readonly vehicle: number;
    /** North, east, altitude AMSL in whole metres, oldest first, at most `TRACK_POINTS_MAX`. */
    readonly points: readonly number[];
  }[];
}

/** New events since the last message. */
export interface GroundEvents {
  readonly kind: "events";
  readonly events: readonly EventRow[];
  /** In a replay after a step back: these are all, what was sent before is forgotten. */
  readonly afresh?: boolean;
}

/** The answer to an `ask`, by its id. */
export interface GroundAnswer {
  readonly kind: "answer";
  readonly id: number;
  readonly ok: boolean;
  readonly code: string;
  readonly text: string;
  /** What to do about it; empty when all is well. */
  readonly remedy: string;
  /** For exports: the file. */
  readonly file?: { readonly name: string; readonly mediaType: string; readonly text: string };
}

export type ServerMessage =
  | GroundHello
  | GroundMap
  | GroundTracks
  | PageView
  | GroundDetails
  | GroundPace
  | GroundEvents
  | GroundAnswer
  | GroundReplay
  | GroundWhatIf;

/** The page's first words; the server says nothing before it has heard them. */
export interface PageOpening {
  readonly kind: "open";
  readonly schema: 1;
  readonly token: string;
}

/**
 * What the page looks at and what it has got; needs no answer. What is absent stays as it was.
 * Every binary message is acknowledged, because the server sends no faster than that.
 */
export interface PageLook {
  readonly kind: "look";
  /** Sequence of the newest binary message that has come. */
  readonly seen?: number;
  /** South, west, north, east of the ground in view, metres. */
  readonly box?: readonly [number, number, number, number];
  /** Ranges, as `1-40,42`; empty for none. */
  readonly selected?: string;
  /** Vehicles near enough to be looked at one by one, as ranges. */
  readonly near?: string;
}

/** Why the server hung up, as WebSocket close codes (4000-4999 are free for applications). */
export type CloseCode = 4401 | 4408 | 4413 | 4429 | 4503;

/** What the page may ask. Targets are vehicle indices; `all` is every vehicle. */
export type PageRequest =
  | { readonly kind: "order"; readonly id: number; readonly order: PageOrder }
  | { readonly kind: "simulation"; readonly id: number; readonly control: SimulationControl }
  | { readonly kind: "export"; readonly id: number; readonly export: PageExport }
  | { readonly kind: "replay"; readonly id: number; readonly control: ReplayControl }
  | { readonly kind: "whatIf"; readonly id: number; readonly whatIf: WhatIfRequest };

export type ReplayControl =
  | { readonly kind: "play" | "pause" }
  | { readonly kind: "speed"; readonly speed: number }
  | { readonly kind: "seek"; readonly atS: number }
  | { readonly kind: "loop"; readonly on: boolean }
  /** Which steps led to this one; answered with a line each, the last is the root. */
  | { readonly kind: "why"; readonly cause: number };

/** A confirmed detection for the people on foot, or the log of the search. */
export type PageExport =
  | {
      readonly kind: "handOver";
      readonly format: "gpx" | "kml" | "geojson";
      readonly detection: number;
    }
  | { readonly kind: "log" };

export type Targets = "all" | readonly number[];

export type PageOrder =
  | { readonly kind: "start"; readonly targets: Targets }
  | { readonly kind: "hold" | "return" | "land"; readonly targets: Targets }
  | { readonly kind: "resume" | "release"; readonly targets: Targets }
  | { readonly kind: "clearAir"; readonly ceilingAglM: number; readonly withinS: number }
  | { readonly kind: "liftClearAir" }
  | {
      readonly kind: "confirm" | "dismiss" | "lookAgain";
      readonly detection: number;
    }
  | {
      readonly kind: "clue";
      readonly position: PlanePoint;
      readonly errorM: number;
      /** `absence`: searched, nobody there; `sighting` when left out. */
      readonly finding?: "sighting" | "absence";
    }
  | { readonly kind: "evict"; readonly vehicle: number }
  | { readonly kind: "handOver"; readonly detection: number };

export type SimulationControl =
  | { readonly kind: "pause" | "resume" | "step" }
  | { readonly kind: "speed"; readonly speed: number }
  | {
      readonly kind: "fault";
      readonly fault:
        | { readonly kind: "kill" | "reboot" | "loseGnss" | "lowBattery"; readonly vehicle: number }
        | { readonly kind: "cut"; readonly a: number; readonly b: number }
        | { readonly kind: "partition"; readonly group: readonly number[] };
    }
  | { readonly kind: "restore"; readonly fault: number | "all" };
