/**
 * A drill from its file to its report: every seed flown with the faults, and where the hypothesis
 * asks for bounds, flown without any fault and as a control without hand-over. The control is given
 * the faults as they came about in the drill, so that both lose the same vehicles at the same time.
 */
import type { ScriptedFault } from "../../sim/mod.ts";
import type { FlightJob } from "./flight.ts";
import { startCrew, type Crew, type Flown } from "./crew.ts";
import { judgeAll, needsBounds, type SeedRows, type Verdict } from "./judge.ts";
import type { LoadedDrill } from "./load-drill.ts";
import { shrink, type Reproduction } from "./shrink.ts";
import { timelineOf } from "./timeline.ts";

export interface DrillRequest {
  readonly loaded: LoadedDrill;
  readonly workers: number;
  /** Wall time for the shrunk reproduction; none without. */
  readonly shrinkForS?: number;
  readonly onProgress?: (share: number, note: string) => void;
  readonly worker?: URL;
}

export interface DrillReport {
  readonly schema: "skein-drill-report/1";
  readonly file: string;
  readonly name: string;
  readonly mission: string;
  readonly vehicles: number;
  readonly durationS: number;
  readonly handOver: boolean;
  readonly wallSeconds: number;
  readonly flights: number;
  readonly passed: boolean;
  readonly verdicts: readonly Verdict[];
  readonly rows: readonly SeedRows[];
  readonly givenUp: readonly { readonly seed: number; readonly why: string }[];
  readonly reproduction: Reproduction | undefined;
}

export async function runDrill(request: DrillRequest): Promise<DrillReport> {
  const crew = crewOf(request);
  try {
    return await runWith(crew, request);
  } finally {
    await crew.end();
  }
}

async function runWith(crew: Crew, request: DrillRequest): Promise<DrillReport> {
  const startMs = performance.now();
  const { loaded } = request;
  const { drill } = loaded;
  const { rows, givenUp, flights } = await flySeeds(request, crew);
  const verdicts = judgeAll(drill.hypothesis, rows);
  const held = verdicts.every(({ outcome }) => outcome === "held");
  const failing = verdicts.find(({ outcome }) => outcome === "failed");
  const reproduction =
    request.shrinkForS === undefined || failing === undefined
      ? undefined
      : await shrink({
          loaded,
          crew,
          failing,
          rows,
          budgetS: request.shrinkForS,
          onProgress: (note) => request.onProgress?.(1, note),
        });
  return {
    schema: "skein-drill-report/1",
    file: loaded.file,
    name: drill.name,
    mission: drill.mission,
    vehicles: drill.vehicleCount,
    durationS: drill.durationS,
    handOver: drill.handOver,
    wallSeconds: Math.round(performance.now() - startMs) / 1000,
    flights,
    passed: held && givenUp.length === 0,
    verdicts,
    rows,
    givenUp,
    reproduction,
  };
}

function crewOf({ loaded, workers, worker }: DrillRequest): Crew {
  const { missionFile, drill } = loaded;
  const { vehicleCount, signatures } = drill;
  return startCrew({
    common: { missionFile, vehicleCount, signatures },
    workers,
    ...(worker === undefined ? {} : { worker }),
  });
}

interface FlownSeeds {
  readonly rows: readonly SeedRows[];
  readonly givenUp: DrillReport["givenUp"];
  readonly flights: number;
}

async function flySeeds(request: DrillRequest, crew: Crew): Promise<FlownSeeds> {
  const { drill } = request.loaded;
  const bounded = needsBounds(drill.hypothesis);
  const total = drill.seeds.length * (bounded ? 3 : 1);
  let before = 0;
  const onRow = (done: number): void => {
    request.onProgress?.((before + done) / total, `${String(before + done)} flights done`);
  };
  const jobs = drill.seeds.map((seed) => jobOf(request.loaded, seed, timelineOf(drill, seed)));
  const calm = bounded ? jobs.map(withoutFaults) : [];
  const first = await crew.fly([...jobs, ...calm], onRow);
  before = jobs.length + calm.length;
  const controls = bounded ? controlsOf(jobs, first.rows) : [];
  const second = await crew.fly(
    controls.map(({ job }) => job),
    onRow,
  );
  const rows = jobs.flatMap((job, i): SeedRows[] => {
    const own = first.rows[i];
    if (own === undefined) return [];
    const at = controls.findIndex((one) => one.of === i);
    const { seed, durationS } = job;
    const faultless = bounded ? first.rows[jobs.length + i] : undefined;
    return [{ seed, durationS, drill: own, control: second.rows[at], faultless }];
  });
  const givenUp = [...first.givenUp, ...second.givenUp].map(({ job, why }) => {
    return { seed: job.seed, why };
  });
  return { rows, givenUp, flights: before + controls.length };
}

export function jobOf(
  { drill }: LoadedDrill,
  seed: number,
  faults: readonly ScriptedFault[],
): FlightJob {
  const { durationS, handOver } = drill;
  return { seed, faults, durationS, handOver, lossRatio: drill.faults.rates.lossRatio };
}

export const withoutFaults = (job: FlightJob): FlightJob => ({
  ...job,
  faults: [],
  lossRatio: 0,
  handOver: true,
});

export const asControl = (job: FlightJob, begun: readonly ScriptedFault[]): FlightJob => ({
  ...job,
  faults: begun,
  handOver: false,
});

function controlsOf(
  jobs: readonly FlightJob[],
  rows: Flown["rows"],
): readonly { readonly of: number; readonly job: FlightJob }[] {
  return jobs.flatMap((job, of) => {
    const begun = rows[of]?.begun;
    return begun === undefined ? [] : [{ of, job: asControl(job, begun) }];
  });
}
