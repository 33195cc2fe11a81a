/** What `skein replay` answers about a run: whether it repeats, where two runs differ. */
import type { Comparison } from "../../replay/difference.ts";
import type { Verdict } from "../../replay/verify.ts";
import { clock } from "../../replay/why.ts";

export function verdictText(verdict: Verdict): string {
  if (verdict.kind === "equal") {
    const { hashes, untilS } = verdict;
    return `equal to the end: ${String(hashes)} trace hashes until ${clock(untilS)}`;
  }
  const { atS, equalUntilS, recorded, flown } = verdict;
  const until = equalUntilS === null ? "never equal" : `equal until ${clock(equalUntilS)}`;
  return [
    `different at ${clock(atS)}, ${until}`,
    `  recorded ${recorded}`,
    `  flown    ${flown}`,
  ].join("\n");
}

export function comparisonText(
  comparison: Comparison,
  names: { readonly a: string; readonly b: string },
): string {
  const { first, identity, traceDiffersAtS, traceEqualUntilS } = comparison;
  const width = Math.max(names.a.length, names.b.length);
  const both = (a: string, b: string): readonly string[] => [
    `  ${names.a.padEnd(width)}  ${a === "" ? "nothing" : a}`,
    `  ${names.b.padEnd(width)}  ${b === "" ? "nothing" : b}`,
  ];
  const runs = identity.flatMap(({ key, a, b }) => [`${key} differs`, ...both(a, b)]);
  return [...runs, ...traceLines(traceDiffersAtS, traceEqualUntilS), ...firstLines()].join("\n");

  function firstLines(): readonly string[] {
    if (first === null) return ["nothing recorded differs"];
    const { atS, what, vehicle, a, b } = first;
    const who =
      vehicle === null ? "operator" : vehicle === 0 ? "the ground" : `vehicle ${String(vehicle)}`;
    return [`first different ${what} at ${clock(atS)}, ${who}`, ...both(a, b)];
  }
}

function traceLines(
  differsAtS: number | null,
  equalUntilS: Comparison["traceEqualUntilS"],
): readonly string[] {
  if (equalUntilS === undefined) return ["one of them has no trace hashes"];
  const until = equalUntilS === null ? "never equal" : `equal until ${clock(equalUntilS)}`;
  return [
    differsAtS === null ? `traces ${until}` : `traces differ at ${clock(differsAtS)}, ${until}`,
  ];
}
