/** What a campaign's flights add up to, as the document of `--report` and as text. */
import { quantileOf } from "../simulation/report.ts";
import type { FlightPlan, FlightRow } from "./flight.ts";
import type { CampaignOutcome } from "./run-campaign.ts";

export interface CampaignReport {
  readonly schema: "skein-campaign-report/1";
  readonly plan: FlightPlan;
  readonly workers: number;
  readonly wallSeconds: number;
  /** Over the trace hashes in the order of their seeds. */
  readonly hash: string;
  readonly flights: number;
  /** Seeds that could not be flown to their end. */
  readonly givenUp: CampaignOutcome["givenUp"];
  readonly found: {
    readonly count: number;
    /** Share of the flights and its 95% interval (Wilson, 1927). */
    readonly share: number;
    readonly low: number;
    readonly high: number;
    readonly medianS: number | null;
    /** Mean with each flight that did not find counted at its end (Royston and Parmar, 2013). */
    readonly restrictedMeanS: number;
  };
  readonly worst: {
    readonly separationM: number | null;
    readonly reservePct: number | null;
    readonly lost: number;
  };
  readonly violated: readonly { readonly seed: number; readonly invariants: readonly string[] }[];
  /** Of a campaign on several machines. */
  readonly server?: CampaignServer;
  readonly rows: readonly FlightRow[];
}

export interface CampaignServer {
  readonly campaign: string;
  /** Messages that were none of the campaign's, by the code of their problem. */
  readonly refused: Readonly<Record<string, number>>;
}

export function reportOf(
  plan: FlightPlan,
  workers: number,
  { rows, givenUp, hash, wallSeconds }: CampaignOutcome,
  server?: CampaignServer,
): CampaignReport {
  const times = rows.flatMap(({ foundAtS }) => foundAtS ?? []);
  const restrictedS = rows.map(({ foundAtS, simSeconds }) => foundAtS ?? simSeconds);
  return {
    schema: "skein-campaign-report/1",
    plan,
    workers,
    wallSeconds,
    hash,
    flights: rows.length,
    givenUp,
    found: {
      count: times.length,
      ...shareOf(times.length, rows.length),
      medianS: quantileOf(times, 0.5),
      restrictedMeanS: restrictedS.reduce((sum, s) => sum + s, 0) / Math.max(1, rows.length),
    },
    worst: {
      separationM: least(rows.map(({ minSeparationM }) => minSeparationM)),
      reservePct: least(rows.map(({ batteryReserveMinPct }) => batteryReserveMinPct)),
      lost: rows.reduce((most, { lost }) => Math.max(most, lost), 0),
    },
    violated: rows
      .filter(({ violated }) => violated.length > 0)
      .map(({ seed, violated }) => ({ seed, invariants: violated })),
    ...(server === undefined ? {} : { server }),
    rows,
  };
}

/** 1.96 standard deviations, Wilson's score interval: sound for few flights and for all or none. */
function shareOf(count: number, of: number): { share: number; low: number; high: number } {
  if (of === 0) return { share: 0, low: 0, high: 1 };
  const z2 = 1.96 * 1.96;
  const share = count / of;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const spread = (share * (1 - share)) / of + z2 / (4 * of * of);
  const half = (1.96 * Math.sqrt(spread)) / (1 + z2 / of);
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

const least = (values: readonly (number | null)[]): number | null => {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : Math.min(...known);
};

const minutes = (s: number): string => `${(s / 60).toFixed(1)} min`;
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

export function textOf(report: CampaignReport): string {
  const { found, worst, rows } = report;
  const simS = rows.reduce((sum, { simSeconds }) => sum + simSeconds, 0);
  const lines = [
    `${String(report.flights)} flights, ${minutes(simS)} simulated in ` +
      `${minutes(report.wallSeconds)} by ${String(report.workers)} workers, hash ${report.hash}`,
    `  found in ${String(found.count)}: ${percent(found.share)}` +
      ` (95% interval ${percent(found.low)} to ${percent(found.high)})`,
    `  median time ${found.medianS === null ? "-" : minutes(found.medianS)},` +
      ` restricted mean ${minutes(found.restrictedMeanS)}`,
    `  nearest two ${text(worst.separationM, "m")}, least reserve ${text(worst.reservePct, "%")},` +
      ` most lost in a flight ${String(worst.lost)}`,
    ...report.violated.map(
      ({ seed, invariants }) => `  seed ${String(seed)} violated: ${invariants.join(", ")}`,
    ),
    ...report.givenUp.map(
      ({ seed, why }) => `  seed ${String(seed)} could not be flown to its end: ${why}`,
    ),
  ];
  if (report.server !== undefined) lines.push(`  ${textOfServer(report.server)}`);
  return lines.join("\n");
}

export function textOfServer({ campaign, refused }: CampaignServer): string {
  const counts = Object.entries(refused).map(([code, count]) => `${String(count)} ${code}`);
  const strangers =
    counts.length === 0 ? "" : `, strangers' messages refused: ${counts.join(", ")}`;
  return `campaign ${campaign}${strangers}`;
}

const text = (value: number | null, unit: string): string =>
  value === null ? "-" : `${value.toFixed(1)} ${unit}`;
