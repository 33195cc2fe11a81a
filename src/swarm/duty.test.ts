import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideDuty } from "./duty.ts";
import type { DutyFacts } from "./duty.ts";

const searching: DutyFacts = {
  inAir: true,
  manual: false,
  positionValid: true,
  started: true,
  armGranted: true,
  holdOrdered: false,
  returnOrdered: false,
  landOrdered: false,
  clearAirHere: false,
  clearAirLands: false,
  clearAirLeaves: false,
  faultLand: undefined,
  faultReturn: undefined,
  faultHold: undefined,
  mustGoHome: false,
  touchingDown: false,
  mayLaunch: false,
  climbing: false,
  eyes: false,
  look: false,
  found: false,
  ownBehaviour: false,
  behaviourParked: false,
  hasWork: true,
};
const waiting: DutyFacts = { ...searching, inAir: false, mayLaunch: true };

const duty = (base: DutyFacts, changes: Partial<DutyFacts>) => {
  const { duty: what, reason } = decideDuty({ ...base, ...changes });
  return `${what}: ${reason}`;
};

describe("in the air", () => {
  test.each<[Partial<DutyFacts>, string]>([
    [{}, "search: started"],
    [{ manual: true, landOrdered: true }, "manual: a pilot flies"],
    [{ faultLand: "battery", holdOrdered: true }, "land: battery"],
    [{ landOrdered: true, positionValid: false }, "land: ordered"],
    [{ clearAirHere: true, clearAirLands: true }, "land: clear-air"],
    [{ touchingDown: true, holdOrdered: true }, "return: touching down"],
    [{ positionValid: false, mustGoHome: true }, "hold: no position"],
    [{ mustGoHome: true, clearAirHere: true, holdOrdered: true }, "return: battery"],
    [{ clearAirHere: true, returnOrdered: true }, "hold: clear-air"],
    [{ returnOrdered: true, holdOrdered: true }, "return: ordered"],
    [{ faultReturn: "ground" }, "return: ground"],
    [{ climbing: true, holdOrdered: true }, "takeoff: climbing"],
    [{ clearAirLeaves: true, holdOrdered: true }, "return: clear-air"],
    [{ holdOrdered: true }, "hold: ordered"],
    [{ faultHold: "position" }, "hold: position"],
    [{ started: false }, "hold: not started"],
    [{ eyes: true, found: true }, "eyes: found"],
    [{ found: true, look: true }, "return: found"],
    [{ look: true }, "look: look again"],
    [{ ownBehaviour: true, behaviourParked: true }, "hold: behaviour parked"],
    [{ ownBehaviour: true }, "behaviour: started"],
    [{ hasWork: false }, "return: nothing left that this battery reaches"],
  ])("%o -> %s", (changes, told) => {
    expect(duty(searching, changes)).toBe(told);
  });
});

describe("on the ground nothing arms by itself", () => {
  test.each<[Partial<DutyFacts>, string]>([
    [{}, "arming: released"],
    [{ started: false }, "grounded: not started"],
    [{ armGranted: false }, "grounded: not granted in this boot"],
    [{ holdOrdered: true }, "grounded: ordered"],
    [{ clearAirHere: true }, "grounded: ordered"],
    [{ faultHold: "position" }, "grounded: fault"],
    [{ positionValid: false }, "grounded: no position"],
    [{ mayLaunch: false }, "grounded: not released or not ready"],
    [{ found: true }, "grounded: found"],
    [{ found: true, eyes: true, hasWork: false }, "arming: released"],
    [{ ownBehaviour: true, behaviourParked: true }, "grounded: behaviour parked"],
    [{ hasWork: false }, "grounded: no work"],
    [{ hasWork: false, look: true }, "arming: released"],
  ])("%o -> %s", (changes, told) => {
    expect(duty(waiting, changes)).toBe(told);
  });

  test("whatever else holds: no arming without start, grant and release", () => {
    const flags = Object.keys(waiting).filter(
      (key) => typeof waiting[key as keyof DutyFacts] === "boolean",
    );
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: flags.length, maxLength: flags.length }),
        (bits) => {
          const facts = {
            ...waiting,
            ...Object.fromEntries(flags.map((key, i) => [key, bits[i]])),
          };
          const decided = decideDuty(facts);
          if (decided.duty !== "arming") return;
          expect(facts.started && facts.armGranted && facts.mayLaunch && !facts.inAir).toBe(true);
        },
      ),
    );
  });
});
