import { describe, expect, test } from "vitest";
import { nodeIndex, SeededStream } from "../../base/mod.ts";
import { DEFAULT_TIMING } from "../config.ts";
import { EntryKind } from "../entry.ts";
import { CONFIGURATION_MEMBERS_MAX, encodeBody } from "../state/bodies.ts";
import type { ConsensusOut } from "../types.ts";
import { verifyMark } from "../world.test-support.ts";
import { continueChange } from "./membership.ts";
import { onForward } from "./proposals.ts";
import { configurationOf, createRaft, type Raft } from "./raft-state.ts";
import { RULES } from "./rules.ts";
import { decodeMessage } from "./messages.ts";

const JOINED = {
  kind: "member",
  action: "joined",
  role: "vehicle",
  bootNonce: new Uint8Array(8),
} as const;

/** A leader of so many voters, in whose roster `present` have joined. */
function leading(voters: number, present: readonly number[]): Raft {
  const raft = createRaft({
    self: nodeIndex(0),
    cluster: 7,
    timing: DEFAULT_TIMING,
    rules: RULES,
    verify: verifyMark,
    random: new SeededStream(1, "members"),
    initial: {
      outgoing: [],
      voters: Array.from({ length: voters }, (_, i) => nodeIndex(i)),
      nonVoters: [],
    },
    grounds: [],
  });
  raft.role = "leader";
  raft.emit = () => undefined;
  for (const index of present) {
    const node = nodeIndex(index);
    const body = encodeBody({ ...JOINED, node });
    const entry = { kind: EntryKind.member, proposer: node, sequence: 1, orderId: 0n, body };
    raft.machine.apply({ ...entry, signatures: [] });
  }
  return raft;
}

describe("a full configuration", () => {
  test("stays as it is when one more is present", () => {
    const raft = leading(CONFIGURATION_MEMBERS_MAX, [200]);
    continueChange(raft);
    expect(configurationOf(raft).voters).toHaveLength(CONFIGURATION_MEMBERS_MAX);
    expect(raft.log.lastIndex).toBe(0);
  });

  test("one short of it takes in one of two, as a listener first", () => {
    const raft = leading(CONFIGURATION_MEMBERS_MAX - 1, [200, 201]);
    continueChange(raft);
    expect(configurationOf(raft).nonVoters).toEqual([200]);
  });

  test.each([
    [CONFIGURATION_MEMBERS_MAX, [15]],
    [CONFIGURATION_MEMBERS_MAX - 1, []],
  ])("of %d tells who would join that there is no place, or takes it", (voters, refusals) => {
    const raft = leading(voters, []);
    const sent: ConsensusOut[] = [];
    raft.emit = (out) => void sent.push(out);
    const node = nodeIndex(200);
    const body = encodeBody({ ...JOINED, node });
    const wish = { kind: EntryKind.member, proposer: node, sequence: 1, orderId: 0n, body };
    const carried = { term: 0, entry: { ...wish, signatures: [] }, bytes: new Uint8Array(1) };
    onForward(raft, node, { kind: "forward", term: 0, previous: 0, entries: [carried] });
    const codes = sent.flatMap((out) => {
      const read = out.kind === "send" ? decodeMessage(7, out.bytes) : undefined;
      return read?.ok && read.value?.kind === "refusal" ? [read.value.code] : [];
    });
    expect(codes).toEqual(refusals);
  });
});
