/** `skein`: finds the command, parses its words, runs it. Commands are loaded only when called. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { helpOf, parseInvocation, UsageError, type Command, type ExitCode } from "./command.ts";
import { printPlainly } from "./output/plain-text.ts";

interface CommandEntry {
  readonly words: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    words: ["run"],
    summary: "fly a mission in the simulator and write a report",
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    words: ["campaign"],
    summary: "fly a mission with many seeds on all cores and sum up",
    load: async () => (await import("./commands/campaign.ts")).campaign,
  },
  {
    words: ["what-if"],
    summary: "fork a flown search, change something, show both outcomes",
    load: async () => (await import("./commands/what-if.ts")).whatIf,
  },
  {
    words: ["drill"],
    summary: "fly hard days, judge what must hold, shrink what fails",
    load: async () => (await import("./commands/drill.ts")).drill,
  },
  {
    words: ["ground"],
    summary: "open the ground station with a simulated search",
    load: async () => (await import("./commands/ground.ts")).ground,
  },
  {
    words: ["agent"],
    summary: "run the node of one vehicle beside its autopilot",
    load: async () => (await import("./commands/agent.ts")).agent,
  },
  {
    words: ["replay"],
    summary: "summarise a recording and check that it can be read",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  {
    words: ["mission", "check"],
    summary: "list every problem of a mission file",
    load: async () => (await import("./commands/mission-check.ts")).missionCheck,
  },
  {
    words: ["new", "behaviour"],
    summary: "write a behaviour with its test",
    load: async () => (await import("./commands/new-behaviour.ts")).newBehaviour,
  },
  {
    words: ["fleet", "init"],
    summary: "make an authority, credentials and a mission package",
    load: async () => (await import("./commands/fleet-init.ts")).fleetInit,
  },
  {
    words: ["bench"],
    summary: "run the benchmarks and print their tables",
    load: async () => (await import("./commands/bench.ts")).bench,
  },
];

/** Runs `skein` with the words after its name; prints; returns the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  printPlainly();
  const words = argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
  const entry = COMMANDS.find((each) => each.words.every((word, i) => words[i] === word));
  if (entry === undefined) return noCommand(words);
  try {
    const command = await entry.load();
    const invocation = parseInvocation(command, words.slice(entry.words.length));
    if (invocation.flag("help")) {
      console.log(helpOf(command));
      return 0;
    }
    return await command.run(invocation);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`skein: ${error.message}`);
    return 2;
  }
}

/** The overview, the commands of a group such as `mission`, the version; or no such command. */
function noCommand(words: readonly string[]): ExitCode {
  const [first = "--help", second] = words;
  if (first === "--help") {
    console.log(overview(COMMANDS));
    return 0;
  }
  if (first === "--version") {
    console.log(version());
    return 0;
  }
  const group = COMMANDS.filter((each) => each.words.length > 1 && each.words[0] === first);
  if (group.length > 0 && (second === undefined || second === "--help")) {
    console[second === undefined ? "error" : "log"](overview(group));
    return second === undefined ? 2 : 0;
  }
  const asked = words.filter((word) => !word.startsWith("-")).join(" ") || first;
  console.error(`skein: no command "${asked}" (see: skein --help)`);
  return 2;
}

function version(): string {
  const file = join(import.meta.dirname, "..", "..", "package.json");
  const { version: text } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
  return text;
}

function overview(entries: readonly CommandEntry[]): string {
  return [
    "skein: the open stack for swarms of drones",
    "",
    "usage: skein COMMAND [options]      skein COMMAND --help      skein --version",
    "",
    ...entries.map(({ words, summary }) => `  ${words.join(" ").padEnd(16)} ${summary}`),
  ].join("\n");
}
