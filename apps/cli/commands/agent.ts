/**
 * `skein agent --config FILE`: the node of one vehicle beside its autopilot, until it is told to
 * stop. Every event is a line; with `--json` a JSON document a line, for a journal.
 */
import { runAgent, type Agent } from "../../agent/agent.ts";
import { readAgentConfig } from "../../agent/config.ts";
import { eventText } from "../../events/event-text.ts";
import { UsageError, type Command, type ExitCode, type Invocation } from "../command.ts";
import { printProblems } from "../output/problems.ts";

export const agent: Command = {
  name: "agent",
  summary: "Run the node of one vehicle beside its autopilot.",
  operands: "",
  operandCount: { min: 0, max: 0 },
  options: {
    config: { kind: "text", value: "FILE", help: "the vehicle's configuration, JSON5" },
    check: { kind: "flag", help: "read and check the configuration, then end" },
  },
  examples: [
    "skein agent --config vehicle.json5",
    "skein agent --config vehicle.json5 --check",
    "skein agent --config vehicle.json5 --json | jq .detail",
  ],
  run: async (invocation): Promise<ExitCode> => {
    const path = invocation.text("config");
    if (path === undefined) throw new UsageError("skein agent needs --config FILE");
    const config = readAgentConfig(path);
    const json = invocation.flag("json");
    if (!config.ok) {
      printProblems(path, config.problems, { json });
      return 2;
    }
    if (invocation.flag("check")) {
      console.log(json ? JSON.stringify({ ok: true }) : `${path}: good`);
      return 0;
    }
    return untilStopped(invocation, path, config.value);
  },
};

async function untilStopped(
  invocation: Invocation,
  path: string,
  config: Parameters<typeof runAgent>[0]["config"],
): Promise<ExitCode> {
  const json = invocation.flag("json");
  const line = (text: string, value: object): void =>
    console.log(json ? JSON.stringify(value, plain) : text);
  const ended = Promise.withResolvers<ExitCode>();
  const started = await runAgent({
    config,
    event: (event) => {
      line(`${event.severity.padEnd(7)} ${eventText(event.detail)}`, event);
    },
    autopilotEvent: (event) => {
      line(`autopilot ${JSON.stringify(event, plain)}`, { autopilot: event });
    },
    note: (text) => {
      line(text, { note: text });
    },
    fatal: (error) => {
      console.error(
        `skein: ${error instanceof Error ? (error.stack ?? error.message) : "unknown"}`,
      );
      ended.resolve(1);
    },
  });
  if (!started.ok) {
    printProblems(path, started.problems, { json });
    return 2;
  }
  announce(started.value, line);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      ended.resolve(0);
    });
  }
  const code = await ended.promise;
  await started.value.close();
  return code;
}

function announce(running: Agent, line: (text: string, value: object) => void): void {
  const { self, mesh, autopilot } = running;
  const ports = { mesh: mesh.localPort, autopilot: autopilot.localPort };
  line(`vehicle ${String(self)}: mesh on port ${String(ports.mesh)}, waiting for the autopilot`, {
    started: { vehicle: self, ...ports },
  });
}

/** 64-bit numbers are text in JSON. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
