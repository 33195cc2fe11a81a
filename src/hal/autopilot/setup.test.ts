import { expect, test } from "vitest";
import { mavlink } from "../mavlink/codec.ts";
import {
  failsafesSet,
  newSetup,
  observeSetup,
  parameterRequests,
  streamRequests,
  STREAMS,
  stubbornParameters,
} from "./setup.ts";

const PARAMETERS = [
  { name: "FS_GCS_ENABLE", value: 1, integer: true },
  { name: "FS_GCS_TIMEOUT", value: 5, integer: false },
];
const CONTEXT = { dialect: "ardupilot", parameters: PARAMETERS, nowMs: 0 } as const;

test("streams are asked for a few at a time, again when missing, ever less eagerly", () => {
  const setup = newSetup(0);
  const asked = new Map<number, number>();
  for (let nowMs = 0; nowMs < 60_000; nowMs += 250) {
    const requests = streamRequests(setup, "ardupilot", nowMs);
    expect(requests.length).toBeLessThanOrEqual(3);
    for (const { param1 } of requests) asked.set(param1, (asked.get(param1) ?? 0) + 1);
    // Only the position ever comes.
    observeSetup(setup, mavlink("globalPositionInt", {}), { ...CONTEXT, nowMs });
  }
  expect(asked.get(33)).toBe(1);
  expect(asked.size).toBe(STREAMS.filter(({ dialect }) => dialect !== "px4").length);
  for (const [id, count] of asked) {
    if (id !== 33) expect(count, String(id)).toBeLessThan(13);
  }
});

test("a request says the message and the interval in microseconds", () => {
  const [first] = streamRequests(newSetup(0), "px4", 0);
  expect(first).toMatchObject({ command: 511, param1: 33, param2: 100_000 });
});

test("a parameter counts as set when it is read back with its value", () => {
  const setup = newSetup(2);
  expect(parameterRequests(setup, CONTEXT)).toHaveLength(2);
  expect(parameterRequests(setup, { ...CONTEXT, nowMs: 500 })).toEqual([]);
  const answer = (paramId: string, paramValue: number): void =>
    observeSetup(setup, mavlink("paramValue", { paramId, paramValue }), CONTEXT);
  answer("FS_GCS_ENABLE", 1);
  answer("FS_GCS_TIMEOUT", 30);
  answer("UNRELATED", 5);
  expect(failsafesSet(setup)).toBe(false);
  expect(parameterRequests(setup, { ...CONTEXT, nowMs: 1000 })).toMatchObject([
    { paramId: "FS_GCS_TIMEOUT", paramValue: 5 },
  ]);
  answer("FS_GCS_TIMEOUT", 5);
  expect(failsafesSet(setup)).toBe(true);
  expect(parameterRequests(setup, { ...CONTEXT, nowMs: 9000 })).toEqual([]);
});

test("one that changes afterwards is set again", () => {
  const setup = newSetup(2);
  observeSetup(setup, mavlink("paramValue", { paramId: "FS_GCS_ENABLE", paramValue: 1 }), CONTEXT);
  observeSetup(setup, mavlink("paramValue", { paramId: "FS_GCS_ENABLE", paramValue: 0 }), CONTEXT);
  expect(parameterRequests(setup, CONTEXT)).toHaveLength(2);
});

test("one that is set in vain is named", () => {
  const setup = newSetup(2);
  for (let i = 0; i < 5; i += 1) parameterRequests(setup, { ...CONTEXT, nowMs: i * 1000 });
  expect(stubbornParameters(setup, PARAMETERS)).toEqual([]);
  parameterRequests(setup, { ...CONTEXT, nowMs: 5000 });
  expect(stubbornParameters(setup, PARAMETERS)).toEqual(["FS_GCS_ENABLE", "FS_GCS_TIMEOUT"]);
});
