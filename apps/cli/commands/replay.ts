/**
 * `skein replay FILE`: a recording in the ground station, with a time line; or, by an option, what
 * it holds, whether it can be repeated, where it differs from another, and why something happened.
 */
import { openFoxgloveServer, type FoxgloveServer } from "../../../adapters/foxglove/mod.ts";
import { summariseRecording } from "../../../adapters/recording/mod.ts";
import { problem, type Problem, type Result } from "../../../src/base/mod.ts";
import { openReplay, type ReplaySession } from "../../ground/server/replay-session.ts";
import { openGroundServer } from "../../ground/server/server.ts";
import { compareRuns } from "../../replay/difference.ts";
import { ReplayFeed } from "../../replay/feed.ts";
import { openRecordedRun, type RecordedRun } from "../../replay/recorded-run.ts";
import { verifyRun } from "../../replay/verify.ts";
import { findWhy, whyLines } from "../../replay/why.ts";
import type { Command, ExitCode, Invocation } from "../command.ts";
import { UsageError, wholeNumber } from "../command.ts";
import { openPage } from "../output/open-page.ts";
import { printProblems, problemText } from "../output/problems.ts";
import { startProgress } from "../output/progress.ts";
import { comparisonText, verdictText } from "../output/replay-answers.ts";
import { summaryText } from "../output/replay-summary.ts";

const DEFAULT_PORT = 8765;

export const replay: Command = {
  name: "replay",
  summary: "Play a recording in the ground station, or ask it what happened and why.",
  operands: "FILE",
  operandCount: { min: 1, max: 1 },
  options: {
    port: { kind: "text", value: "N", help: `on loopback (default ${DEFAULT_PORT}; 0: any free)` },
    headless: { kind: "flag", help: "print nothing but the link; for programs" },
    summary: { kind: "flag", help: "print what the recording holds, and open nothing" },
    events: { kind: "text", value: "N", help: "of the summary: at most N events (default 40)" },
    all: { kind: "flag", help: "of the summary: information, too, not only notices" },
    verify: { kind: "flag", help: "fly it again from its seed and compare each trace hash" },
    mission: { kind: "text", value: "FILE", help: "of --verify: the mission, when it has moved" },
    anyway: { kind: "flag", help: "of --verify: although code or Node is another" },
    against: { kind: "text", value: "FILE", help: "say where it first differs from this one" },
    foxglove: {
      kind: "text",
      value: "PORT",
      help: "play to Foxglove, too (its own: 8765; 0: any)",
    },
    why: { kind: "text", value: "WHAT", help: "what led to it: found, 3@12:30, detection@190s" },
  },
  examples: [
    "skein replay out.mcap",
    "skein replay out.mcap --summary --all --events 500",
    "skein replay out.mcap --verify",
    "skein replay out.mcap --against other.mcap",
    "skein replay out.mcap --port 0 --foxglove 8765",
    "skein replay out.mcap --why found",
    "skein replay out.mcap --why 3@0:12:30",
  ],
  badOutcome:
    "with --verify or --against: they differ; with --summary: the recording is damaged or\n" +
    "     cut short, and what could be read is shown",
  run: replayCommand,
};

async function replayCommand(invocation: Invocation): Promise<ExitCode> {
  const [file = ""] = invocation.operands;
  const json = invocation.flag("json");
  const asked = ["summary", "verify", "against", "why"].filter(
    (name) => invocation.flag(name) || invocation.text(name) !== undefined,
  );
  if (asked.length > 1) throw new UsageError(`--${asked.join(" and --")} do not go together`);
  const [what = json ? "summary" : "page"] = asked;
  if (what === "summary") return summarise(file, invocation);
  const opened = openRecordedRun(file);
  if (!opened.ok) return refuse(file, [opened.problem], json);
  const run = opened.value;
  for (const damage of run.damages) console.error(problemText(damage));
  if (what === "page") return show(run, file, invocation);
  const code = await answer(what, run, invocation);
  run.close();
  return code;
}

function answer(what: string, run: RecordedRun, invocation: Invocation): Promise<ExitCode> {
  if (what === "verify") return verify(run, invocation);
  return Promise.resolve(what === "why" ? why(run, invocation) : against(run, invocation));
}

function refuse(file: string, problems: readonly Problem[], json: boolean): ExitCode {
  printProblems(file, problems, { json });
  return 2;
}

function summarise(file: string, invocation: Invocation): ExitCode {
  const json = invocation.flag("json");
  const read = summariseRecording(file);
  if (!read.ok) return refuse(file, [read.problem], json);
  const summary = read.value;
  const most = wholeNumber(invocation, "events", { min: 0, max: 10_000, otherwise: 40 });
  if (json) console.log(JSON.stringify(summary, null, 2));
  else console.log(summaryText(file, summary, { most, all: invocation.flag("all") }));
  for (const damage of summary.damages) console.error(problemText(damage));
  return summary.damages.length === 0 ? 0 : 1;
}

async function verify(run: RecordedRun, invocation: Invocation): Promise<ExitCode> {
  const json = invocation.flag("json");
  const progress = startProgress({ quiet: json });
  const verdict = await verifyRun(run, {
    missionFile: invocation.text("mission"),
    anyway: invocation.flag("anyway"),
    onProgress: (share) => progress.show(share, () => "flying it again"),
  });
  progress.end();
  if (!verdict.ok) return refuse(invocation.operands[0] ?? "", verdict.problems, json);
  console.log(json ? JSON.stringify(verdict.value, null, 2) : verdictText(verdict.value));
  return verdict.value.kind === "equal" ? 0 : 1;
}

function against(run: RecordedRun, invocation: Invocation): ExitCode {
  const json = invocation.flag("json");
  const [file = ""] = invocation.operands;
  const otherFile = invocation.text("against") ?? "";
  const other = openRecordedRun(otherFile);
  if (!other.ok) return refuse(otherFile, [other.problem], json);
  const comparison = compareRuns(run, other.value);
  other.value.close();
  const names = { a: file, b: otherFile };
  console.log(json ? JSON.stringify(comparison, null, 2) : comparisonText(comparison, names));
  return comparison.first === null && comparison.traceDiffersAtS === null ? 0 : 1;
}

function why(run: RecordedRun, invocation: Invocation): ExitCode {
  const json = invocation.flag("json");
  const [file = ""] = invocation.operands;
  const wish = invocation.text("why") ?? "";
  const event = findWhy(run, wish);
  if (event === undefined) {
    const remedy = "see what happened: skein replay FILE --summary --all";
    return refuse(file, [problem("REC012", { detail: wish, remedy, where: "--why" })], json);
  }
  const lines = event.cause === undefined ? undefined : whyLines(run, event.cause);
  if (lines === undefined) {
    const remedy = "record the run anew";
    return refuse(file, [problem("REC013", { remedy, where: "/skein/causes" })], json);
  }
  const { atS, vehicle, kind, text } = event;
  if (json) console.log(JSON.stringify({ event: { atS, vehicle, kind, text }, chain: lines }));
  else console.log([text, ...lines.map((line) => `  ${line}`)].join("\n"));
  return 0;
}

async function show(run: RecordedRun, file: string, invocation: Invocation): Promise<ExitCode> {
  const quiet = invocation.flag("headless");
  const port = wholeNumber(invocation, "port", { min: 0, max: 65_535, otherwise: DEFAULT_PORT });
  const opened = openReplay(run, file);
  if (!opened.ok) return refuse(file, [opened.problem], false);
  const { session } = opened;
  const page = await openPage(quiet);
  const server = page.ok
    ? await openGroundServer({ session, files: page.value, port })
    : { ok: false as const, problem: page.problem };
  if (!server.ok) {
    console.error(`skein: ${problemText(server.problem)}`);
    await session.close();
    return 2;
  }
  const foxglove = await openFeed(run, session, invocation);
  if (foxglove?.ok === false) {
    await server.value.close();
    await session.close();
    return refuse("--foxglove", [foxglove.problem], false);
  }
  session.start();
  console.log(quiet ? server.value.url : announcement(session, server.value.url));
  await new Promise<void>((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
  await foxglove?.value.close();
  await server.value.close();
  await session.close();
  return 0;
}

/** Foxglove follows the page's clock. */
async function openFeed(
  run: RecordedRun,
  session: ReplaySession,
  invocation: Invocation,
): Promise<Result<FoxgloveServer> | undefined> {
  if (invocation.text("foxglove") === undefined) return undefined;
  const port = wholeNumber(invocation, "foxglove", { min: 0, max: 65_535, otherwise: 0 });
  const name = `Skein: ${session.hello.mission.name}`;
  const opened = await openFoxgloveServer({ port, name, channels: run.reader.channels });
  if (!opened.ok) return opened;
  const feed = new ReplayFeed(run, opened.value);
  session.onChange((what) => {
    if (what === "frame" || what === "rewound") feed.moveTo(session.replay().atS);
  });
  feed.moveTo(session.replay().atS);
  console.error(`skein: Foxglove: open ${opened.value.url}`);
  return opened;
}

function announcement({ hello }: ReplaySession, url: string): string {
  const { name } = hello.mission;
  const minutes = ((hello.replay?.endS ?? 0) - (hello.replay?.startS ?? 0)) / 60;
  return [
    "",
    `  ${name}: a recording of ${minutes.toFixed(1)} minutes.`,
    "",
    `  Open   ${url}`,
    "",
    "  Space plays it, [ and ] change the speed, ? shows all keys. Ctrl-C ends it.",
    "",
  ].join("\n");
}
