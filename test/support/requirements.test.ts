import { afterEach, expect, test, vi } from "vitest";
import { corpus } from "./requirements.ts";

afterEach(() => vi.unstubAllEnvs());

test("a corpus is found below SKEIN_CORPUS, and missing with a reason elsewhere", () => {
  vi.stubEnv("SKEIN_CORPUS", import.meta.dirname);
  expect(corpus("requirements.ts").kind).toBe("found");
  expect(corpus("gone.json")).toEqual({
    kind: "missing",
    reason: "no corpus gone.json; SKEIN_CORPUS names the folder",
  });
});
