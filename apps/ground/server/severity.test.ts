import { expect, test } from "vitest";
import { scriptedGround } from "../../../test/support/scripted-ground.ts";
import { severityOf } from "./severity.ts";

test("a lost vehicle is an alarm, one that needs a hand a warning, the rest are well", () => {
  const [first, , , needy] = scriptedGround({ startS: 3300 }).view().vehicles;
  if (first === undefined || needy === undefined) throw new Error("there are six vehicles");
  expect(severityOf(first)).toBe("well");
  expect(severityOf(needy)).toBe("warning");
  expect(severityOf({ ...needy, minutesLeft: 0.5 })).toBe("alarm");
  expect(severityOf({ ...first, status: "lost" })).toBe("alarm");
  expect(severityOf({ ...first, status: "outOfRange" })).toBe("warning");
  expect(severityOf({ ...first, toldS: 40 })).toBe("warning");
});
