/**
 * The report of a run, as `skein run --report` writes it; `run-report.schema.json` beside this file
 * is its JSON schema.
 */

export interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface RunReport {
  readonly schema: "skein-run-report/1";
  readonly mission: string;
  readonly seed: number;
  readonly planner: string;
  readonly simSeconds: number;
  readonly wallSeconds: number;
  readonly realTimeFactor: number;
  readonly peakMemoryMb: number;
  readonly traceHash: string;
  /** The provider's name, with "modelled signatures" and "shared between receivers" where so. */
  readonly crypto: string;
  readonly radioScenario: {
    readonly band: string;
    readonly powerDbm: number;
    readonly channels: number;
    readonly beaconHz: number;
    readonly meanReceivers: number;
  };
  /** Null when the search was flown, else which behaviour, and whose copies were parked and why. */
  readonly behaviour: {
    readonly name: string;
    readonly parked: readonly {
      readonly vehicle: number;
      readonly atS: number;
      readonly code: string;
      readonly reason: string;
    }[];
  } | null;
  readonly search: {
    /** [seconds, low, high] once a minute. */
    readonly posCurve: readonly (readonly [number, number, number])[];
    readonly posFinal: readonly [number, number];
    /** What the plan promised at the start for the end of the mission. */
    readonly posPredicted: number;
    readonly areaSweptKm2: number;
    /** Share of the area's probability that no lane has passed over. */
    readonly unseenShare: number;
    readonly detections: readonly {
      readonly id: number;
      readonly atS: number;
      readonly vehicle: number;
      readonly northM: number;
      readonly eastM: number;
      readonly verdict: "waiting" | "lookAgain" | "confirmed" | "dismissed";
    }[];
    /**
     * What the simulated cameras took for a person and was none, and how many of `detections` the
     * operator dismissed. The first is the larger: near and weak ones join a detection there is.
     */
    readonly falseAlarms: { readonly cameras: number; readonly dismissed: number };
    readonly timeToDetectS: number | null;
    readonly timeToConfirmS: number | null;
    readonly foundAtS: number | null;
  };
  readonly consensus: {
    readonly clusters: number;
    readonly commitMs: Quantiles & { readonly p999: number | null };
    readonly elections: number;
    readonly entries: number;
  };
  readonly security: {
    readonly handshakes: number;
    readonly handshakeBytes: { readonly warm: number | null; readonly cold: number | null };
    readonly epochs: number;
    readonly refused: { readonly byReason: Readonly<Record<string, number>> };
  };
  readonly network: {
    readonly sent: number;
    readonly delivered: number;
    readonly deliveryRatio: number;
    readonly airtimeMax: number;
    readonly routeOutageMs: Quantiles;
  };
  readonly vehicles: {
    readonly count: number;
    readonly lost: number;
    readonly batterySwaps: number;
    readonly minSeparationM: number | null;
    readonly minClearanceM: number | null;
    readonly batteryReserveMinPct: number | null;
  };
  readonly orders: { readonly actedMs: Quantiles };
  readonly invariants: {
    readonly checked: readonly string[];
    readonly violated: readonly {
      readonly invariant: string;
      readonly atS: number;
      readonly slots: readonly number[];
      readonly detail: string;
    }[];
  };
}

/** The value below which a share `q` of the values lies (nearest rank), or null of none. */
export function quantileOf(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(q * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? null;
}
