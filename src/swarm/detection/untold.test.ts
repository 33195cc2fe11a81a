import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex } from "../../base/mod.ts";
import { loadCore, saveCore, type Core } from "../core.ts";
import { stepAt, testCore, type Told } from "../core.test-support.ts";
import type { Detection } from "../types.ts";
import {
  forgetTold,
  keepUntold,
  TELL_AGAIN_MS,
  tellAgain,
  tellDetection,
  UNTOLD_MAX,
} from "./untold.ts";

const detection = (id: number, confidence = 0.8): Detection => ({
  id,
  finder: nodeIndex(1),
  position: { northM: id, eastM: 0, altitudeAmslM: 400 },
  errorM: 5,
  confidence,
  imageRef: `v1-${String(id)}`,
  networkTimeMs: 0,
});

const proposed = ({ outs }: Told): number[] =>
  outs.flatMap((out) =>
    out.kind === "propose" && out.proposal.kind === "detection" ? [out.proposal.detection.id] : [],
  );

const again = (core: Core, nowMs: number): number[] => {
  const step = stepAt(nowMs);
  tellAgain(core, step);
  return proposed(step);
};

describe("a person seen where no head hears of it", () => {
  test("is proposed at once and again, until the log has agreed", () => {
    const core = testCore();
    const first = stepAt(0);
    tellDetection(core, first, detection(7));
    expect(proposed(first)).toEqual([7]);
    expect(again(core, TELL_AGAIN_MS - 1)).toEqual([]);
    expect(again(core, TELL_AGAIN_MS)).toEqual([7]);
    expect(again(core, TELL_AGAIN_MS + 1)).toEqual([]);
    forgetTold(core, 7);
    expect(again(core, 10 * TELL_AGAIN_MS)).toEqual([]);
  });

  test("outlasts a snapshot that does not know of it", () => {
    const core = testCore();
    tellDetection(core, stepAt(0), detection(7));
    core.state.sightings = [];
    keepUntold(core, 500);
    expect(core.state.sightings.map((one) => one.detection.id)).toEqual([7]);
  });

  test("outlasts a save and a load", () => {
    const core = testCore();
    tellDetection(core, stepAt(0), detection(7));
    const to = new ByteWriter();
    saveCore(core, to);
    const copy = testCore();
    loadCore(copy, new ByteReader(to.take()), []);
    expect(again(copy, TELL_AGAIN_MS)).toEqual([7]);
  });

  test("gives way to surer ones only when there are too many", () => {
    const core = testCore();
    for (let id = 0; id < UNTOLD_MAX; id += 1) tellDetection(core, stepAt(0), detection(id));
    tellDetection(core, stepAt(0), detection(500, 0.99));
    tellDetection(core, stepAt(0), detection(501, 0.1));
    const ids = again(core, TELL_AGAIN_MS);
    expect(ids).toHaveLength(UNTOLD_MAX);
    expect(ids).toContain(500);
    expect(ids).not.toContain(501);
  });
});
