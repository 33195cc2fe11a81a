import { expect, test } from "vitest";
import { Playback } from "./playback.ts";

const begun = (): Playback => {
  const playback = new Playback({ startS: 10, endS: 70 });
  playback.play(1000);
  return playback;
};

test("it stands still until it is played, then goes with the wall clock times its speed", () => {
  const playback = new Playback({ startS: 10, endS: 70 });
  playback.advance(5000);
  expect(playback.state).toEqual({ atS: 10, playing: false, speed: 1, loop: false });
  playback.play(6000);
  playback.advance(8000);
  expect(playback.state.atS).toBe(12);
  playback.setSpeed(4, 9000);
  playback.advance(10_000);
  expect(playback.state.atS).toBe(17);
  playback.pause(11_000);
  playback.advance(50_000);
  expect(playback.state).toMatchObject({ atS: 21, playing: false });
});

test("speeds are held between a quarter and 64", () => {
  const playback = begun();
  playback.setSpeed(1000, 1000);
  expect(playback.state.speed).toBe(64);
  playback.setSpeed(0, 1000);
  expect(playback.state.speed).toBe(0.25);
});

test("at the end it stops; played again it begins anew", () => {
  const playback = begun();
  expect(playback.advance(1_000_000)).toBe(false);
  expect(playback.state).toMatchObject({ atS: 70, playing: false });
  expect(playback.play(1_001_000)).toBe(true);
  expect(playback.state).toMatchObject({ atS: 10, playing: true });
});

test("in a loop the end is the beginning, and it says that time went back", () => {
  const playback = begun();
  playback.setLoop(true);
  expect(playback.advance(62_000)).toBe(true);
  expect(playback.state).toMatchObject({ atS: 10, playing: true });
});

test("a seek stays inside the recording and says whether it went back", () => {
  const playback = begun();
  expect(playback.seek(50, 1000)).toBe(false);
  expect(playback.seek(20, 1000)).toBe(true);
  expect([playback.seek(-5, 1000), playback.state.atS]).toEqual([true, 10]);
  expect([playback.seek(1e9, 1000), playback.state.atS]).toEqual([false, 70]);
});
