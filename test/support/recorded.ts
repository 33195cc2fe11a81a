/** Recordings of short flights of the tiny mission, for whatever reads recordings. */
import { loadSearch } from "../../apps/mission/load-search.ts";
import { openSimulation } from "../../apps/simulation/open-simulation.ts";
import { startRecording, type RunAsked } from "../../apps/simulation/record.ts";
import { runMission } from "../../apps/simulation/run-mission.ts";
import type { RunReport } from "../../apps/simulation/report.ts";

const MISSION = "missions/tiny.json5";

export async function recordTiny(
  path: string,
  how: {
    readonly durationS: number;
    readonly seed?: number;
    readonly asked?: Partial<RunAsked>;
    /** Kills vehicle 1 at this second, which the recording is not told. */
    readonly killAtS?: number;
  },
): Promise<RunReport> {
  const { durationS, seed = 3, asked, killAtS } = how;
  const loaded = loadSearch(MISSION);
  if (!loaded.ok) throw new Error("the tiny mission is good");
  const simulation = openSimulation({ loaded: loaded.value, seed, vehicleCount: 2 });
  const recording = startRecording(
    simulation,
    {
      missionFile: MISSION,
      durationS,
      untilFound: false,
      faults: "",
      behaviourDigest: "",
      behaviourFile: "",
      outside: false,
      ...asked,
    },
    { path },
  );
  if (!recording.ok) throw new Error(recording.problem.text);
  const report = await runMission(simulation, {
    durationS,
    missionFile: MISSION,
    onProgress: (timeS) => {
      if (timeS === killAtS) simulation.world.applyFault({ kind: "kill", slot: 1 });
    },
  });
  const ended = recording.value.end(report);
  if (!ended.ok) throw new Error(ended.problem.text);
  return report;
}
