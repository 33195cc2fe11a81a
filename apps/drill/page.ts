/**
 * The page of `--report`: one file that needs nothing else, for a screen in the dark. What was
 * claimed and what was measured, the success of the drill beside its bounds, faults and events on
 * one time axis, and what to type to see a failure again.
 *
 * Everything from a file goes through `text`: a drill's name is no markup.
 */
import { chartOf } from "./chart.ts";
import { wordsOf } from "./fault-words.ts";
import { boundOf, percent, type Outcome, type SeedRows, type Verdict } from "./judge.ts";
import type { DrillReport } from "./run-drill.ts";
import { text } from "./markup.ts";
import type { Reproduction } from "./shrink.ts";

const ROWS_SHOWN = 60;

export function pageOf(reports: readonly DrillReport[]): string {
  const passed = reports.filter((report) => report.passed).length;
  const title = `${String(passed)} of ${String(reports.length)} drills passed`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>Skein drills: ${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Skein drills</h1><p>${text(title)}</p></header>
<main>
${reports.length > 1 ? overview(reports) : ""}
${reports.map(section).join("\n")}
</main>
</body>
</html>
`;
}

const badge = (passed: boolean): string =>
  `<b class="badge ${passed ? "good" : "bad"}">${passed ? "passed" : "failed"}</b>`;

function overview(reports: readonly DrillReport[]): string {
  const rows = reports.map(({ name, passed, vehicles, durationS, verdicts }, i) => {
    const failing = verdicts.filter(({ outcome }) => outcome !== "held");
    const what = failing.map(({ check }) => check.check).join(", ");
    return `<tr><td>${badge(passed)}</td><td><a href="#drill-${String(i)}">${text(name)}</a></td>
<td class="n">${String(vehicles)}</td><td class="n">${minutes(durationS)}</td>
<td>${text(what)}</td></tr>`;
  });
  return `<section><table><thead><tr><th></th><th>drill</th><th class="n">vehicles</th>
<th class="n">length</th><th>did not hold</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></section>`;
}

function section(report: DrillReport, index: number): string {
  const { name, file, passed, vehicles, durationS, flights, wallSeconds } = report;
  const facts = [
    file,
    `${String(vehicles)} vehicles`,
    minutes(durationS),
    `${String(report.rows.length)} seeds`,
    `${String(flights)} flights in ${wallSeconds.toFixed(0)} s`,
    ...(report.handOver ? [] : ["hand-over switched off"]),
  ];
  const lost = report.givenUp.map(
    ({ seed, why }) => `<p class="bad">Seed ${String(seed)} could not be flown: ${text(why)}</p>`,
  );
  return `<section id="drill-${String(index)}">
<h2>${badge(passed)} ${text(name)}</h2>
<p class="dim">${facts.map(text).join(" · ")}</p>
${checks(report.verdicts)}
${lost.join("")}
${report.reproduction === undefined ? "" : reproduction(report.reproduction)}
${report.rows.map((row, i) => seed(row, i === 0)).join("\n")}
</section>`;
}

const WORDS: Readonly<Record<Outcome, readonly [css: string, words: string]>> = {
  held: ["good", "held"],
  failed: ["bad", "failed"],
  nothingToJudge: ["warn", "nothing to judge"],
};

function checks(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const [css, words] = WORDS[verdict.outcome];
    const { check, measured } = verdict;
    return `<tr><td><b class="badge ${css}">${words}</b></td><td><code>${check.check}</code></td>
<td>${text(boundOf(check))}</td><td>${text(measured)}</td></tr>`;
  });
  return `<table><thead><tr><th></th><th>check</th><th>claimed</th><th>measured</th></tr></thead>
<tbody>${rows.join("")}</tbody></table>`;
}

function reproduction(found: Reproduction): string {
  const { faults, from, durationS, flights, isMinimal, isConfirmed, measured, drill } = found;
  const size =
    `${String(faults.length)} of ${String(from.faults)} faults, ` +
    `${String(durationS)} of ${String(from.durationS)} s, after ${String(flights)} flights`;
  const rest = isMinimal
    ? "Without any one of these faults it does not fail."
    : "The budget ended the search: a smaller one may fail as well.";
  const sure = isConfirmed ? "Read back from the file below and flown again." : "Not confirmed.";
  return `<div class="repro"><h3>Smallest drill that fails the same way</h3>
<p>Seed ${String(found.seed)}, <code>${found.check.check}</code>: ${text(size)}. ${rest} ${sure}</p>
<ol>${faults.map((words) => `<li>${text(words)}</li>`).join("")}</ol>
<p>${text(measured)}</p>
<p>Save as <code>smallest.json5</code> beside the drill, then
<code>npx skein drill smallest.json5</code></p>
<pre>${text(JSON.stringify(drill, null, 2))}</pre></div>`;
}

function seed(row: SeedRows, isOpen: boolean): string {
  const { drill, control, faultless } = row;
  const bounds = [
    `drill ${percent(drill.posFinal)}`,
    ...(faultless === undefined ? [] : [`without faults ${percent(faultless.posFinal)}`]),
    ...(control === undefined ? [] : [`without hand-over ${percent(control.posFinal)}`]),
  ];
  return `<details${isOpen ? " open" : ""}><summary>Seed ${String(row.seed)}
<span class="dim">POS ${bounds.join(", ")} · trace ${text(drill.traceHash)}</span></summary>
${chartOf(row)}
${happenings(row)}</details>`;
}

/** Faults and events in the order of time. */
function happenings({ drill }: SeedRows): string {
  const faults = drill.begun.map(({ atS, action }) => ({
    atS,
    css: "fault",
    words: wordsOf(action),
  }));
  const events = drill.events.map(({ atS, text: words }) => ({ atS, css: "", words }));
  const wrong = drill.violated.map(({ atS, invariant, detail }) => {
    return { atS, css: "bad", words: `${invariant} violated: ${detail}` };
  });
  const taken = drill.orphans.flatMap(({ takenAtS, segment, owner, by }) =>
    takenAtS === null
      ? []
      : [
          {
            atS: takenAtS,
            css: "good",
            words: `vehicle ${String(by)} has segment ${String(segment)} of ${String(owner)}`,
          },
        ],
  );
  const all = [...faults, ...events, ...wrong, ...taken].sort((a, b) => a.atS - b.atS);
  const rows = all
    .slice(0, ROWS_SHOWN)
    .map(
      ({ atS, css, words }) =>
        `<li class="${css}"><time>${atS.toFixed(1)} s</time> ${text(words)}</li>`,
    );
  const more = all.length - rows.length;
  const rest = more > 0 ? `<li class="dim">and ${String(more)} more in --json</li>` : "";
  return `<ul class="log">${rows.join("")}${rest}</ul>`;
}

const minutes = (s: number): string => `${(s / 60).toFixed(1)} min`;

const STYLE = `
:root{--bg:#0a0e13;--panel:#0f151b;--raised:#18212a;--line:#222e39;--text:#e6edf3;--dim:#93a4b5;
--accent:#6cc4ff;--good:#6fd69a;--warn:#ffc857;--alarm:#ff7a6b;--agree:#b8a6ff}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}
header{padding:20px 24px 0;max-width:1100px;margin:auto}h1{font-size:22px;margin:0}
header p{margin:0;color:var(--dim)}
h2{font-size:18px;margin:0 0 4px}h3{font-size:15px;margin:0 0 6px}
main{max-width:1100px;margin:auto;padding:12px 24px 60px}
section{background:var(--panel);
border:1px solid var(--line);border-radius:10px;padding:18px;margin:14px 0}
table{border-collapse:collapse;width:100%;margin:12px 0}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--dim);font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums}
.badge{display:inline-block;border-radius:6px;padding:1px 9px;font-size:13px;font-weight:600;
border:1px solid currentColor;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--alarm)}.warn{color:var(--warn)}.dim{color:var(--dim)}
a{color:var(--accent)}
code,pre,time{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{background:var(--raised);border-radius:4px;padding:1px 5px}
pre{background:var(--raised);border-radius:8px;
padding:12px;overflow:auto;max-height:420px;font-size:13px}
.repro{border-left:3px solid var(--alarm);padding:4px 0 4px 16px;margin:16px 0}
details{border-top:1px solid var(--line);padding:10px 0}summary{cursor:pointer}
.log{list-style:none;margin:8px 0;padding:0;columns:2 320px;font-size:13px}
.log li{break-inside:avoid;padding:1px 0}.log time{color:var(--dim);display:inline-block;width:72px}
.log .fault{color:var(--warn)}svg{width:100%;height:auto;display:block;margin:8px 0}
svg text{font:12px system-ui,sans-serif;fill:var(--dim)}
@media(max-width:600px){main,header{padding-left:10px;padding-right:10px}section{padding:12px}}
`.trim();
