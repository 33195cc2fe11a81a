/**
 * How long a route is out after a link breaks, and what keeping routes costs: Skein's network layer
 * and the routing daemon `babeld` (RFC 8966, hello interval 0.5 s) over the same taps, topology,
 * loss trace and cuts, both measured where the frames leave the channel.
 *
 * Six nodes with two ways of three hops, 5% of frames lost on each link, a probe of 64 B every
 * 20 ms. The middle link of the way in use is cut for 16 s and mended for 12 s, over and over; the
 * outage is the longest time without an arrival. babeld's probes are unicast frames that the radio
 * itself repeats; Skein's go as broadcasts and are repeated by its own hop acknowledgements, which
 * also tell it of the break: without traffic a break shows by silent beacons, after 4 s.
 *
 * Needs root and network namespaces; without them it says so and keeps no promise. With few cuts
 * the p99 is the longest.
 */
import {
  airLab,
  measureOutages,
  type OutageFigures,
  type Program,
} from "../test/support/air/lab.ts";
import { median, printTable, quantile, type Row } from "./support/table.ts";

const CUTS = 6;
const SETTLE_MS = 15_000;
const HOLD_MS = 16_000;
const REST_MS = 12_000;
const MEDIAN_MAX_MS = 300;
const CONTROL_SHARE_MAX = 2;

const measure = (program: Program, cuts: number): Promise<OutageFigures> =>
  measureOutages({ program, seed: 1, cuts, settleMs: SETTLE_MS, holdMs: HOLD_MS, restMs: REST_MS });

/** A figure that is there to be seen beside another, without a promise of its own. */
const shown = (what: string, measured: string): Row => ({
  what,
  measured,
  promised: "",
  kept: true,
});

function rowsOf(skein: OutageFigures, babeld: OutageFigures): readonly Row[] {
  const rows: Row[] = [];
  for (const { program, outagesMs, convergedMs, arrivedRatio } of [skein, babeld]) {
    const medianMs = median(outagesMs);
    const isOurs = program === "skein";
    rows.push(
      {
        what: `${program}: outage after a cut, median of ${outagesMs.length}`,
        measured: `${medianMs.toFixed(0)} ms`,
        promised: isOurs ? `<= ${MEDIAN_MAX_MS} ms` : "",
        kept: !isOurs || medianMs <= MEDIAN_MAX_MS,
      },
      shown(`${program}: outage after a cut, p99`, `${quantile(outagesMs, 0.99).toFixed(0)} ms`),
      shown(`${program}: first arrival after the start`, `${convergedMs.toFixed(0)} ms`),
      shown(
        `${program}: probes that arrived before the cuts`,
        `${(100 * arrivedRatio).toFixed(0)}%`,
      ),
    );
  }
  const share = skein.controlBytesS / babeld.controlBytesS;
  rows.push(shown("babeld: bytes of routing, a node", `${babeld.controlBytesS.toFixed(0)} B/s`), {
    what: "skein: bytes of presence and routing, a node",
    measured: `${skein.controlBytesS.toFixed(0)} B/s`,
    promised: `<= ${CONTROL_SHARE_MAX}x babeld`,
    kept: share <= CONTROL_SHARE_MAX,
  });
  return rows;
}

/** The first argument is how many cuts to measure. */
export async function run({ args }: { readonly args: readonly string[] }): Promise<void> {
  const lab = airLab();
  if (lab.kind === "missing") {
    process.stdout.write(`route-outage: ${lab.reason}\n`);
    process.exitCode = 1;
    return;
  }
  const cuts = Number(args[0] ?? CUTS);
  const skein = await measure("skein", cuts);
  const babeld = await measure("babeld", cuts);
  printTable(rowsOf(skein, babeld));
}

if (import.meta.main) await run({ args: process.argv.slice(2) });
