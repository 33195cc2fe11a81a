/**
 * The smallest drill that fails the same way: one seed, one check, as few faults as delta debugging
 * leaves, then as short a run and as short windows as still fail. What comes out is a drill file,
 * read back and flown once more before it is called a reproduction.
 *
 * "The same way" is the same check, failed: a check that finds nothing to judge has not failed.
 * Bounds: a budget of wall time, kept between rounds of flights, and `ROUNDS_MAX` rounds; where
 * they end it the report says that smaller ones may exist.
 */
import type { ScriptedFault } from "../../sim/mod.ts";
import { ddmin } from "./ddmin.ts";
import { drillOf, type LoadedDrill } from "./load-drill.ts";
import { entryOf, rounded, wordsOf } from "./fault-words.ts";
import type { DrillRow, FlightJob } from "./flight.ts";
import type { Crew } from "./crew.ts";
import { judge, regainedShare, type SeedRows, type Verdict } from "./judge.ts";
import type { Check } from "./hypothesis.ts";

const ROUNDS_MAX = 400;
/** Shorter runs no drill file describes. */
const DURATION_MIN_S = 6;
/** A window is halved so often at most. */
const HALVINGS_MAX = 4;

export interface ShrinkRequest {
  readonly loaded: LoadedDrill;
  readonly crew: Crew;
  readonly failing: Verdict;
  readonly rows: readonly SeedRows[];
  readonly budgetS: number;
  readonly onProgress?: (note: string) => void;
}

export interface Reproduction {
  readonly check: Check;
  readonly seed: number;
  /** The document of the drill file. */
  readonly drill: Readonly<Record<string, unknown>>;
  readonly faults: readonly string[];
  readonly from: { readonly faults: number; readonly durationS: number };
  readonly durationS: number;
  readonly flights: number;
  /** Whether nothing smaller was left to try when it ended. */
  readonly isMinimal: boolean;
  /** Whether the drill file, read back and flown, failed the same way. */
  readonly isConfirmed: boolean;
  readonly measured: string;
}

interface Candidate {
  readonly faults: readonly ScriptedFault[];
  readonly durationS: number;
}

export async function shrink(request: ShrinkRequest): Promise<Reproduction> {
  const worst = worstSeed(request);
  const search = new Search(request, worst.seed);
  const { begun } = worst.drill;
  const given = search.timeline(worst);
  const { durationS } = request.loaded.drill;
  // With the nodes that were hit named one by one, less is left to chance, and more can be cut.
  const [isPinnable] = await search.fail([{ faults: begun, durationS }]);
  let best: Candidate = { faults: isPinnable === true ? begun : given, durationS };
  best = await search.cutFaults(best);
  best = await search.cutTime(best);
  best = await search.cutWindows(best);
  return await search.finish(best, given.length);
}

/** The seed that fails alone; of a share over all seeds, the one with the least. */
function worstSeed({ failing, rows }: ShrinkRequest): SeedRows {
  const { check, seeds } = failing;
  const share = (row: SeedRows): number =>
    check.check === "posRegained" ? (regainedShare(check, [row]).share ?? Infinity) : 0;
  const failed = rows.filter((row) =>
    seeds.some((one) => one.seed === row.seed && one.outcome === "failed"),
  );
  const candidates = failed.length > 0 ? failed : rows;
  return candidates.reduce((least, row) => (share(row) < share(least) ? row : least));
}

class Search {
  readonly #request: ShrinkRequest;
  readonly #seed: number;
  readonly #calm = new Map<number, DrillRow | undefined>();
  readonly #startMs = performance.now();
  #rounds = 0;
  #flights = 0;
  #isCut = false;
  #measured = "";

  constructor(request: ShrinkRequest, seed: number) {
    this.#request = request;
    this.#seed = seed;
  }

  /** The list that the seed was flown with: `begun` is what became of it. */
  timeline({ drill }: SeedRows): readonly ScriptedFault[] {
    return this.#request.loaded.drill.faults.script.length > 0
      ? this.#scripted(drill)
      : drill.begun;
  }

  #scripted(row: DrillRow): readonly ScriptedFault[] {
    const { script } = this.#request.loaded.drill.faults;
    const aims = script.filter(({ action }) => action.kind === "strike" || action.kind === "split");
    return aims.length === 0 ? row.begun : [...script];
  }

  get #isOver(): boolean {
    const spentS = (performance.now() - this.#startMs) / 1000;
    return spentS >= this.#request.budgetS || this.#rounds >= ROUNDS_MAX;
  }

  /** Whether each candidate fails the same way; none does once the budget is spent. */
  async fail(candidates: readonly Candidate[]): Promise<readonly boolean[]> {
    if (this.#isOver) {
      this.#isCut = true;
      return candidates.map(() => false);
    }
    this.#rounds += 1;
    const rows = await this.#fly(candidates);
    return rows.map((row) => {
      if (row === undefined) return false;
      const verdict = judge(this.#request.failing.check, [row]);
      if (verdict.outcome === "failed") this.#measured = verdict.measured;
      return verdict.outcome === "failed";
    });
  }

  async cutFaults(from: Candidate): Promise<Candidate> {
    const rounds = ddmin(from.faults);
    let next = rounds.next();
    while (next.done !== true) {
      const asked = next.value;
      this.#tell(`${String(asked.length)} candidates with ${lengths(asked)} faults`);
      const candidates = asked.map((faults) => ({ ...from, faults }));
      next = rounds.next(await this.fail(candidates));
    }
    return { ...from, faults: next.value };
  }

  /** The run ends sooner: thrice to the shortest of three that still fails. */
  async cutTime(from: Candidate): Promise<Candidate> {
    let best = from;
    const last = Math.max(0, ...from.faults.map(({ atS }) => atS));
    for (let i = 0; i < 3; i += 1) {
      const leftS = best.durationS - last;
      const times = [0.25, 0.5, 0.75].map((share) => Math.ceil(last + share * leftS));
      const least = Math.max(last + 1, DURATION_MIN_S);
      const shorter = times.filter((timeS) => timeS >= least && timeS < best.durationS);
      if (shorter.length === 0) break;
      this.#tell(`runs of ${shorter.join(", ")} s`);
      const candidates = shorter.map((durationS) => ({ ...best, durationS }));
      const answers = await this.fail(candidates);
      const first = candidates[answers.indexOf(true)];
      if (first === undefined) break;
      best = first;
    }
    return best;
  }

  async cutWindows(from: Candidate): Promise<Candidate> {
    let best = from;
    for (let i = 0; i < from.faults.length; i += 1) {
      for (let halving = 0; halving < HALVINGS_MAX; halving += 1) {
        const candidate = halved(best, i);
        if (candidate === undefined) break;
        this.#tell(`a window of fault ${String(i + 1)} halved`);
        const [still] = await this.fail([candidate]);
        if (still !== true) break;
        best = candidate;
      }
    }
    return best;
  }

  async finish(best: Candidate, faultCount: number): Promise<Reproduction> {
    const { failing, loaded } = this.#request;
    const drill = this.#document(best);
    const isMinimal = !this.#isCut;
    const isConfirmed = await this.#confirm(drill);
    return {
      check: failing.check,
      seed: this.#seed,
      drill,
      faults: best.faults.map(({ atS, action }) => `${String(rounded(atS))} s: ${wordsOf(action)}`),
      from: { faults: faultCount, durationS: loaded.drill.durationS },
      durationS: best.durationS,
      flights: this.#flights,
      isMinimal,
      isConfirmed,
      measured: this.#measured,
    };
  }

  #document({ faults, durationS }: Candidate): Record<string, unknown> {
    const { loaded, failing } = this.#request;
    const { drill } = loaded;
    const { lossRatio } = drill.faults.rates;
    return {
      format: "skein-drill/1",
      name: `${drill.name} (${failing.check.check}, shrunk)`,
      mission: drill.mission,
      vehicles: drill.vehicleCount,
      seeds: String(this.#seed),
      durationMinutes: durationS / 60,
      signatures: drill.signatures,
      ...(drill.handOver ? {} : { handOver: false }),
      faults: faults.map(entryOf),
      ...(lossRatio > 0 ? { rates: { lossRatio } } : {}),
      hypothesis: [failing.check],
    };
  }

  /** Out of the file as it will be read, with nothing of this search. */
  async #confirm(document: Record<string, unknown>): Promise<boolean> {
    const { loaded } = this.#request;
    const text = JSON.stringify(document);
    const read = drillOf(JSON.parse(text) as unknown, loaded.file);
    if (!read.ok) return false;
    const { drill } = read.value;
    const candidate = { faults: drill.faults.script, durationS: drill.durationS };
    const [row] = await this.#fly([candidate]);
    return row !== undefined && judge(this.#request.failing.check, [row]).outcome === "failed";
  }

  async #fly(candidates: readonly Candidate[]): Promise<readonly (SeedRows | undefined)[]> {
    const jobs = candidates.map((candidate) => this.#job(candidate));
    const rows = await this.#flown(jobs);
    if (this.#request.failing.check.check !== "posRegained") {
      return jobs.map((job, i) => seedRows(job, rows[i], {}));
    }
    const controls = await this.#flown(
      jobs.map((job, i) => ({ ...job, handOver: false, faults: rows[i]?.begun ?? job.faults })),
    );
    await this.#flyCalm(jobs);
    return jobs.map((job, i) => {
      const bounds = { control: controls[i], faultless: this.#calm.get(job.durationS) };
      return seedRows(job, rows[i], bounds);
    });
  }

  /** Once for each duration: no fault of a candidate changes it. */
  async #flyCalm(jobs: readonly FlightJob[]): Promise<void> {
    const wanted = jobs.filter(
      ({ durationS }, i) =>
        !this.#calm.has(durationS) && jobs.findIndex((job) => job.durationS === durationS) === i,
    );
    const calm = wanted.map((job) => ({ ...job, faults: [], lossRatio: 0, handOver: true }));
    const rows = await this.#flown(calm);
    wanted.forEach(({ durationS }, i) => this.#calm.set(durationS, rows[i]));
  }

  async #flown(jobs: readonly FlightJob[]): Promise<readonly (DrillRow | undefined)[]> {
    this.#flights += jobs.length;
    const { rows } = await this.#request.crew.fly(jobs);
    return rows;
  }

  #job({ faults, durationS }: Candidate): FlightJob {
    const { handOver, faults: plan } = this.#request.loaded.drill;
    return { seed: this.#seed, faults, durationS, handOver, lossRatio: plan.rates.lossRatio };
  }

  #tell(note: string): void {
    this.#request.onProgress?.(`shrinking: ${note}, ${String(this.#flights)} flown`);
  }
}

function seedRows(
  { seed, durationS }: FlightJob,
  drill: DrillRow | undefined,
  bounds: { readonly control?: DrillRow | undefined; readonly faultless?: DrillRow | undefined },
): SeedRows | undefined {
  if (drill === undefined) return undefined;
  return { seed, durationS, drill, control: bounds.control, faultless: bounds.faultless };
}

const lengths = (lists: readonly (readonly unknown[])[]): string => {
  const sizes = lists.map(({ length }) => length);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most ? String(least) : `${String(least)} to ${String(most)}`;
};

/** The candidate with one window half as long, while it lasts a second or more. */
function halved(from: Candidate, index: number): Candidate | undefined {
  const fault = from.faults[index];
  if (fault === undefined || !("lastsS" in fault.action) || fault.action.lastsS < 2)
    return undefined;
  const action = { ...fault.action, lastsS: Math.round(fault.action.lastsS * 500) / 1000 };
  const faults = from.faults.map((one, i) => (i === index ? { ...one, action } : one));
  return { ...from, faults };
}
