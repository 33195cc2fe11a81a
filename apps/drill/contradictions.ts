/** Where a drill that reads well contradicts itself: what cannot come, or cannot be judged. */
import type { Checker, Fields } from "../../src/base/mod.ts";
import { NO_RATES, type FaultKind, type FaultRates } from "../../sim/mod.ts";
import type { Drill } from "./drill.ts";
import type { CheckName } from "./hypothesis.ts";

/** Keys of the rates that make a fault by themselves. */
const drawn = (rates: FaultRates): boolean =>
  rates.killShare > 0 ||
  (Object.keys(NO_RATES) as (keyof FaultRates)[]).some(
    (key) => key.endsWith("PerHour") && rates[key] > 0,
  );

export function contradictions(checker: Checker, drill: Drill, file: Fields): void {
  const wrong = (where: string, detail: string, remedy: string): void => {
    checker.report("DRL001", { where, detail, remedy });
  };
  const { faults, durationS, vehicleCount, blast } = drill;
  const { script, rates } = faults;
  script.forEach(({ atS }, i) => {
    if (atS < durationS) return;
    const detail = `the run ends at ${String(durationS)} s, before it`;
    wrong(`faults[${String(i)}].atS`, detail, "let it come sooner or the run last longer");
  });
  // An empty list is meant: what fails on a good day is shrunk to it.
  if (!file.has("faults") && !drawn(rates) && rates.lossRatio === 0) {
    wrong("faults", "nothing goes wrong", "give `faults`, `rates` or both");
  }
  if (rates.fromS >= rates.toS && drawn(rates)) {
    wrong("rates.fromS", "the run ends before", "let it begin before the run ends");
  }
  if (rates.killShare > 0 && Math.round(rates.killShare * vehicleCount) === 0) {
    const detail = `of ${String(vehicleCount)} vehicles that is none`;
    wrong("rates.killShare", detail, "raise the share or the number of vehicles");
  }
  if (file.has("blast") && !drawn(rates)) {
    wrong("blast", "no fault is random", "remove it, or give `rates`");
  }
  if (blast.nodes.length > 0 && blast.nodes.every((node) => node === 0) && rates.killShare > 0) {
    wrong("blast.nodes", "the ground station never falls", "name vehicles too");
  }
  unjudged(drill, wrong);
}

type Tell = (where: string, detail: string, remedy: string) => void;

/** What a check is about must be able to happen. */
const NEEDS: Partial<
  Record<CheckName, { readonly kinds: readonly FaultKind[]; readonly rates: (keyof FaultRates)[] }>
> = {
  leasesMoveOn: { kinds: ["kill", "strike"], rates: ["killPerHour", "killShare"] },
  sidesSearch: { kinds: ["partition", "split"], rates: ["partitionPerHour", "splitPerHour"] },
};

function unjudged({ faults, handOver, hypothesis }: Drill, tell: Tell): void {
  hypothesis.forEach(({ check }, i) => {
    const where = `hypothesis[${String(i)}].check`;
    const needs = NEEDS[check];
    if (check === "posRegained" && !handOver) {
      tell(where, "without hand-over the drill is its own control", "remove `handOver: false`");
    }
    if (needs === undefined) return;
    const comes =
      faults.script.some(({ action }) => needs.kinds.includes(action.kind)) ||
      needs.rates.some((rate) => faults.rates[rate] > 0);
    if (comes) return;
    const remedy = `give a fault of: ${[...needs.kinds, ...needs.rates].join(", ")}`;
    tell(where, "nothing in this drill puts it to the test", remedy);
  });
}
