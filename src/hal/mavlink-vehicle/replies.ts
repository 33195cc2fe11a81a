/**
 * Answers that do not depend on the vehicle: acknowledgements, missions (none is held and none is
 * taken) and clocks.
 */
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkMessage } from "../mavlink/messages.ts";
import { MAV_MISSION_RESULT } from "../mavlink/numbers.ts";
import type { MavlinkFrame } from "../mavlink/parser.ts";

type Send = (reply: MavlinkMessage) => void;

/** COMMAND_ACK to whoever asked. */
export function acknowledge(
  { systemId, componentId }: MavlinkFrame,
  outcome: { readonly command: number; readonly result: number },
  send: Send,
): void {
  const [targetSystem, targetComponent] = [systemId, componentId];
  send(mavlink("commandAck", { ...outcome, targetSystem, targetComponent }));
}

/** No mission is held and none is taken. */
export function answerMission(frame: MavlinkFrame, send: Send): void {
  const { message } = frame;
  const [targetSystem, targetComponent] = [frame.systemId, frame.componentId];
  const refuse = (type: number): void =>
    send(mavlink("missionAck", { targetSystem, targetComponent, type }));
  switch (message.kind) {
    case "missionRequestList":
      send(
        mavlink("missionCount", {
          targetSystem,
          targetComponent,
          missionType: message.missionType,
        }),
      );
      return;
    case "missionClearAll":
      refuse(MAV_MISSION_RESULT.ACCEPTED);
      return;
    case "missionCount":
      refuse(message.count === 0 ? MAV_MISSION_RESULT.ACCEPTED : MAV_MISSION_RESULT.UNSUPPORTED);
      return;
    case "missionRequest":
    case "missionRequestInt":
    case "missionItemInt":
      refuse(MAV_MISSION_RESULT.INVALID_SEQUENCE);
      return;
    default:
      return;
  }
}

export function answerClock(frame: MavlinkFrame, bootMs: number, send: Send): void {
  const { message } = frame;
  if (message.kind === "timesync" && message.tc1 === 0n) {
    send(mavlink("timesync", { tc1: BigInt(Math.round(bootMs * 1e6)), ts1: message.ts1 }));
  }
  if (message.kind === "ping" && message.targetSystem === 0) {
    const [targetSystem, targetComponent] = [frame.systemId, frame.componentId];
    send({ ...message, targetSystem, targetComponent });
  }
}
