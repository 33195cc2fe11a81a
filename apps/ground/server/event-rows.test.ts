import { expect, test } from "vitest";
import { nodeIndex } from "../../../src/base/mod.ts";
import type { NodeEventDetail } from "../../../src/node/mod.ts";
import { rowOf } from "./event-rows.ts";

const row = (detail: NodeEventDetail) =>
  rowOf({ detail, severity: "alarm" }, 5, () => "16S GF 50671 28380");

test("events speak an operator's words: places, percents, names", () => {
  const position = { northM: 139, eastM: -681, altitudeAmslM: 400 };
  expect(row({ kind: "found", id: 65_536, position })).toMatchObject({
    severity: "notice",
    text: "found, confirmed at 16S GF 50671 28380",
  });
  expect(row({ kind: "verdict", id: 65_536, verdict: "lookAgain" })?.text).toBe(
    "detection 1-1 is looked at again",
  );
  expect(row({ kind: "suspect", peer: nodeIndex(3), phi: 5.4 })?.text).toBe("is silent");
});

test("what is counted elsewhere is no line", () => {
  expect(row({ kind: "refused", code: "NET001", count: 3 })).toBeUndefined();
});
