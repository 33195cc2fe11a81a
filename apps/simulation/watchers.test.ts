/** A run that Foxglove's own client watches: what it sees, and that the run keeps to the clock. */
import { FoxgloveClient, type Channel } from "@foxglove/ws-protocol";
import { expect, test } from "vitest";
import { loadSearch } from "../mission/load-search.ts";
import { openSimulation, type Simulation } from "./open-simulation.ts";
import { startRecording } from "./record.ts";
import { openWatchers } from "./watchers.ts";

function tiny(): Simulation {
  const loaded = loadSearch("missions/tiny.json5");
  if (!loaded.ok) throw new Error("the tiny mission is good");
  return openSimulation({ loaded: loaded.value, seed: 1, vehicleCount: 2 });
}

test("without anybody a run is as fast as it can be", async () => {
  const watched = await openWatchers(tiny(), { mavlink: undefined, foxglovePort: undefined });
  expect(watched.ok && [watched.value.pace, watched.value.sinks]).toEqual([undefined, []]);
});

test("Foxglove sees poses, log and what the page shows, at the times of the world", async () => {
  const simulation = tiny();
  const watched = await openWatchers(simulation, { mavlink: undefined, foxglovePort: 0 });
  if (!watched.ok) throw new Error(watched.problem.text);
  const { sinks, announcements, close } = watched.value;
  const asked = {
    missionFile: "missions/tiny.json5",
    durationS: 5,
    untilFound: false,
    faults: "",
    behaviourFile: "",
    behaviourDigest: "",
    outside: false,
  };
  startRecording(simulation, asked, { sinks });
  const url = announcements[0]?.replace("Foxglove: open ", "") ?? "";
  const client = new FoxgloveClient({ ws: new WebSocket(url, ["foxglove.websocket.v1"]) });
  const seen: string[] = [];
  const channels = await new Promise<readonly Channel[]>((done) => client.on("advertise", done));
  const topics = new Map<number, string>();
  for (const { id, topic } of channels) topics.set(client.subscribe(id), topic);
  client.on("message", ({ subscriptionId, timestamp }) => {
    seen.push(
      `${topics.get(subscriptionId) ?? ""} ${String((timestamp / 1_000_000_000n) % 1000n)}`,
    );
  });
  await expect.poll(() => seen.length).toBeGreaterThan(0);
  simulation.world.runUntil(3000);
  // The world's epoch ends in three zeros of seconds.
  await expect.poll(() => seen).toContain("/swarm/poses 3");
  expect(seen).toContain("/skein/ground/hello 0");
  expect(seen).toContain("/skein/ground/view 3");
  expect(seen).toContain("/vehicle/2/fix 3");
  expect(seen.some((each) => each.startsWith("/log "))).toBe(true);
  client.close();
  await close();
});
