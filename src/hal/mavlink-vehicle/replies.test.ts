import { expect, test } from "vitest";
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkMessage } from "../mavlink/messages.ts";
import type { MavlinkFrame } from "../mavlink/parser.ts";
import { acknowledge, answerClock, answerMission } from "./replies.ts";

function frameOf(message: MavlinkMessage): MavlinkFrame {
  return { version: 2, signed: false, systemId: 250, componentId: 3, sequence: 0, message };
}

test("answers go back to whoever asked", () => {
  const replies: MavlinkMessage[] = [];
  const send = (reply: MavlinkMessage): unknown => replies.push(reply);
  const asked = frameOf(mavlink("missionRequestList", { missionType: 2 }));
  acknowledge(asked, { command: 400, result: 4 }, send);
  answerMission(asked, send);
  answerMission(frameOf(mavlink("missionClearAll", {})), send);
  answerClock(frameOf(mavlink("ping", { seq: 9 })), 0, send);
  for (const reply of replies)
    expect(reply).toMatchObject({ targetSystem: 250, targetComponent: 3 });
  expect(replies.map(({ kind }) => kind)).toEqual([
    "commandAck",
    "missionCount",
    "missionAck",
    "ping",
  ]);
});

test("time since boot in nanoseconds, with the asker's own stamp", () => {
  const replies: MavlinkMessage[] = [];
  answerClock(frameOf(mavlink("timesync", { ts1: 77n })), 1234.5678, (reply) =>
    replies.push(reply),
  );
  expect(replies).toMatchObject([{ tc1: 1_234_567_800n, ts1: 77n }]);
});

test("what is neither mission nor clock gets no answer", () => {
  const silent = (): void => expect.unreachable();
  const frame = frameOf(mavlink("attitude", {}));
  answerMission(frame, silent);
  answerClock(frame, 0, silent);
});
