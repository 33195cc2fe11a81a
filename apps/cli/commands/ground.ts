/**
 * `skein ground MISSION`: the ground station on loopback with a simulated search behind it. Prints
 * the link that lets the operator in; opens nothing by itself. Ends with Ctrl-C.
 */
import { openGroundServer, type GroundServer } from "../../ground/server/server.ts";
import { openWorld, type WorldSession } from "../../ground/server/world-session.ts";
import { SPEED_MAX } from "../../ground/server/requests.ts";
import { wholeNumber, type Command, type ExitCode, type Invocation } from "../command.ts";
import { openPage } from "../output/open-page.ts";
import { printProblems, problemText } from "../output/problems.ts";

const DEFAULT_PORT = 8765;

export const ground: Command = {
  name: "ground",
  summary: "Open the ground station in the browser, with a simulated search behind it.",
  operands: "MISSION",
  operandCount: { min: 1, max: 1 },
  options: {
    port: { kind: "text", value: "N", help: `on loopback (default ${DEFAULT_PORT}; 0: any free)` },
    vehicles: { kind: "text", value: "N", help: "how many vehicles (default: the mission's)" },
    seed: { kind: "text", value: "N", help: "names the run; hides the person (default 1)" },
    speed: { kind: "text", value: "N", help: "begin at N times real time (default 1)" },
    faults: { kind: "text", value: "FILE", help: "a timeline of faults: docs/guides/faults.md" },
    headless: { kind: "flag", help: "print nothing but the link; for programs" },
  },
  examples: [
    "skein ground missions/jacksboro-search.json5",
    "skein ground missions/jacksboro-search.json5 --seed 7 --speed 20",
    "skein ground missions/tiny.json5 --port 0 --headless",
  ],
  run: groundCommand,
};

async function groundCommand(invocation: Invocation): Promise<ExitCode> {
  const json = invocation.flag("json");
  const quiet = json || invocation.flag("headless");
  const port = wholeNumber(invocation, "port", { min: 0, max: 65_535, otherwise: DEFAULT_PORT });
  const speed = wholeNumber(invocation, "speed", { min: 1, max: SPEED_MAX, otherwise: 1 });
  const seed = wholeNumber(invocation, "seed", { min: 0, max: 2 ** 53 - 1, otherwise: 1 });
  const asked = wholeNumber(invocation, "vehicles", { min: 0, max: 50, otherwise: 0 });
  // Both take a second: side by side.
  const [page, world] = await Promise.all([
    openPage(quiet),
    openWorld({
      missionFile: invocation.operands[0] ?? "",
      seed,
      speed,
      vehicleCount: asked === 0 ? undefined : asked,
      faultFile: invocation.text("faults"),
    }),
  ]);
  if (!world.ok) {
    printProblems(world.file, world.problems, { json });
    return 2;
  }
  const { session } = world;
  if (!page.ok) return refused(session, problemText(page.problem));
  const server = await openGroundServer({ session, files: page.value, port });
  if (!server.ok) return refused(session, problemText(server.problem));
  announce(server.value, session, { json, quiet });
  return stand(server.value, session);
}

async function refused(session: WorldSession, line: string): Promise<ExitCode> {
  console.error(`skein: ${line}`);
  await session.close();
  return 2;
}

function announce(
  server: GroundServer,
  session: WorldSession,
  how: { readonly json: boolean; readonly quiet: boolean },
): void {
  const { url, port } = server;
  if (how.json) console.log(JSON.stringify({ url, port }));
  else if (how.quiet) console.log(url);
  else {
    const { name } = session.hello.mission;
    const count = session.view().vehicles.length;
    console.log(
      [
        "",
        `  ${name}: ${count} simulated vehicles stand ready.`,
        "",
        `  Open   ${url}`,
        "",
        "  Hold G on the page to begin, ] to go faster, ? for all keys. Ctrl-C ends it.",
        "",
      ].join("\n"),
    );
  }
}

/** Until Ctrl-C, a polite kill, or the end of the world. */
async function stand(server: GroundServer, session: WorldSession): Promise<ExitCode> {
  const code = await new Promise<ExitCode>((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done(0));
    session.onChange((what) => {
      if (what === "stopped") done(1);
    });
    if (session.stopped !== undefined) done(1);
  });
  if (session.stopped !== undefined) console.error(`skein: ${problemText(session.stopped)}`);
  await server.close();
  await session.close();
  return code;
}
