import { describe, expect, test } from "vitest";
import { REFERENCE_CAMERA, sightChance } from "../../sim/mod.ts";
import { HiddenPersons, type Person } from "./hidden-persons.ts";

const CAMERA = REFERENCE_CAMERA;
const halfM = CAMERA.footprintM / 2;
const person = (eastM: number): Person => ({ northM: 0, eastM, cover: "open" });

/** One vehicle flies north along `eastM` at reference height, 5 m a tick. */
function flyPast(persons: HiddenPersons, eastM: number, slot = 1): void {
  for (let i = 0; i <= 80; i += 1) {
    const eye = { slot, northM: -200 + 5 * i, eastM, aglM: CAMERA.aglM };
    persons.look(i * 0.5, slot, eye);
  }
}

describe("hidden persons", () => {
  test("nobody is seen while nobody flies", () => {
    const persons = new HiddenPersons([person(0)], { camera: CAMERA, responsive: false });
    persons.look(1, 1, undefined);
    expect(persons.unseenShare).toBe(1);
  });

  test("one pass leaves what the camera's curve leaves, by the least lateral range", () => {
    for (const offM of [0, 0.5 * halfM, 0.9 * halfM]) {
      const persons = new HiddenPersons([person(offM)], { camera: CAMERA, responsive: false });
      flyPast(persons, 0);
      const look = { aglM: CAMERA.aglM, cover: "open" as const, responsive: false };
      const chance = sightChance(CAMERA, { ...look, share: offM / halfM });
      expect(persons.unseenShare).toBeCloseTo(1 - chance, 6);
    }
  });

  test("two passes are independent looks, of one vehicle or of two", () => {
    const persons = new HiddenPersons([person(0), person(10 * halfM)], {
      camera: CAMERA,
      responsive: false,
    });
    flyPast(persons, 0, 1);
    const once = 2 * persons.unseenShare - 1;
    flyPast(persons, 0, 2);
    expect(2 * persons.unseenShare - 1).toBeCloseTo(once * once, 6);
  });

  test("too high, the camera recognises nobody", () => {
    const persons = new HiddenPersons([person(0)], { camera: CAMERA, responsive: true });
    persons.look(1, 1, { slot: 1, northM: 0, eastM: 0, aglM: 3 * CAMERA.aglM });
    persons.look(2, 1, undefined);
    expect(persons.unseenShare).toBe(1);
  });
});
