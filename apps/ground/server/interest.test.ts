import { expect, test } from "vitest";
import { cutFrame, HealthDelta, NO_INTEREST, STRIDE_MAX, THIN_EVERY } from "./interest.ts";
import { encodeFrame, encodeHealth, type FrameVehicle, type HealthRow } from "./stream.ts";

/** A row of vehicles, a hundred metres apart towards the east. */
function fleet(count: number): FrameVehicle[] {
  return Array.from({ length: count }, (_, i) => ({
    index: i + 1,
    status: "searching",
    position: { northM: 0, eastM: i * 100 },
    velocity: { northMps: 0, eastMps: 10, upMps: 0 },
    altitudeAmslM: 600,
    headingRad: 0,
    armed: true,
    leader: false,
    needs: i + 1 === 777 ? "a hand" : "",
  }));
}

const whole = (count: number): Uint8Array =>
  encodeFrame({
    sequence: 9,
    missionTimeS: 60,
    originAltitudeAmslM: 529,
    vehicles: fleet(count),
  });

function indicesIn(frame: Uint8Array): number[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return Array.from({ length: (frame.length - 16) / 20 }, (_, i) =>
    view.getUint32(16 + i * 20, true),
  );
}

const box = { southM: -10, northM: 10, westM: -10, eastM: 1010 };

test("a small swarm comes whole in every frame, under the page's own sequence", () => {
  const interest = { box, selected: new Set<number>() };
  const frame = cutFrame(whole(50), { interest, turn: 3, stride: 1, sequence: 41 });
  expect(indicesIn(frame)).toHaveLength(50);
  expect(new DataView(frame.buffer, frame.byteOffset).getUint32(4, true)).toBe(41);
});

test("of a large one a page gets what it sees, has selected, and what needs a hand", () => {
  const interest = { box, selected: new Set([5000]) };
  const always = [...Array.from({ length: 11 }, (_, i) => i + 1), 777, 5000];
  const seen = new Set<number>();
  for (let turn = 1; turn <= THIN_EVERY; turn += 1) {
    const got = indicesIn(cutFrame(whole(10_000), { interest, turn, stride: 1, sequence: turn }));
    for (const index of always) expect(got).toContain(index);
    expect(got.length).toBeLessThan(1020);
    for (const index of got) seen.add(index);
  }
  // The rest comes in its turn.
  expect(seen.size).toBe(10_000);
});

test("a page that has not said where it looks gets all of it", () => {
  const cut = { interest: NO_INTEREST, turn: 1, stride: 1, sequence: 1 };
  expect(indicesIn(cutFrame(whole(10_000), cut))).toHaveLength(10_000);
});

test("on a slow line each comes less often, and still every one in its turn", () => {
  const seen = new Set<number>();
  for (let turn = 1; turn <= STRIDE_MAX; turn += 1) {
    const cut = { interest: NO_INTEREST, turn, stride: STRIDE_MAX, sequence: turn };
    const got = indicesIn(cutFrame(whole(1000), cut));
    expect(got).toHaveLength(125);
    for (const index of got) seen.add(index);
  }
  expect(seen.size).toBe(1000);
});

test("of how vehicles fare a page gets only what is news to it", () => {
  const row: HealthRow = {
    index: 1,
    batteryRatio: 0.5,
    linkQuality: 1,
    lastHeardS: 0,
    hops: 1,
    minutesLeft: 9,
    toldS: 0,
    positionAgeS: 0,
    released: true,
    severity: "well",
    cluster: 0,
  };
  const rows = Array.from({ length: 300 }, (_, i): HealthRow => ({ ...row, index: i + 1 }));
  const frame = (list: readonly HealthRow[]): Uint8Array =>
    encodeHealth({ sequence: 0, missionTimeS: 60, rows: list });
  const delta = new HealthDelta();
  expect(delta.take(frame(rows), 1)).toHaveLength(16 + 300 * 16);
  expect(delta.take(frame(rows), 2)).toBeUndefined();
  const changed = rows.map((each) => (each.index === 7 ? { ...each, batteryRatio: 0.4 } : each));
  expect(delta.take(frame(changed), 3)).toHaveLength(16 + 16);
  // Another page has had nothing yet.
  expect(new HealthDelta().take(frame(changed), 1)).toHaveLength(16 + 300 * 16);
});
