import { expect, test } from "vitest";
import { admitted, parameterIndex, paramValue, VEHICLE_PARAMETERS } from "./parameters.ts";

test("names are in order, unique, and fit their field", () => {
  const names = VEHICLE_PARAMETERS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  expect(names.every((name) => name.length <= 16)).toBe(true);
  expect(parameterIndex("NO_SUCH")).toBe(-1);
});

test("a value is held within its range, whole where it counts, as a 32-bit float", () => {
  const low = VEHICLE_PARAMETERS[parameterIndex("BATT_FS_LOW_ACT")]!;
  const timeout = VEHICLE_PARAMETERS[parameterIndex("FS_GCS_TIMEOUT")]!;
  expect([admitted(low, 1.4), admitted(low, 9), admitted(low, -1)]).toEqual([1, 2, 0]);
  expect([admitted(timeout, 7.1), admitted(timeout, NaN)]).toEqual([Math.fround(7.1), 2]);
});

test("is told with its type, place and the number of all", () => {
  const index = parameterIndex("FS_GCS_TIMEOUT");
  expect(paramValue(index, 5)).toMatchObject({
    paramId: "FS_GCS_TIMEOUT",
    paramType: 9,
    paramIndex: index,
    paramCount: VEHICLE_PARAMETERS.length,
  });
});
