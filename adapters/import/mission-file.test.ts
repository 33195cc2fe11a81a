import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readMissionFile } from "./mission-file.ts";
import { readNpy } from "./npy.ts";
import { readBytes } from "./source.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-import-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const put = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const ring = [
  [7, 46],
  [7.01, 46],
  [7.01, 46.01],
];
const geojson = (properties: object = {}) =>
  JSON.stringify({
    type: "Feature",
    properties,
    geometry: { type: "Polygon", coordinates: [ring] },
  });
put("area.geojson", geojson({ weight: 2 }));
put("plain.geojson", geojson());
put("area.kml", "<kml/>");

/** A `.npy` of float64 written by hand (format 1.0). */
function npy(rows: number, cols: number, values: readonly number[], header?: string): Uint8Array {
  const text =
    header ??
    `{'descr': '<f8', 'fortran_order': False, 'shape': (${String(rows)}, ${String(cols)}), }`;
  const bytes = new Uint8Array(10 + text.length + 8 * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, text.length, true);
  for (let i = 0; i < text.length; i += 1) bytes[10 + i] = text.charCodeAt(i);
  values.forEach((value, i) => {
    view.setFloat64(10 + text.length + 8 * i, value, true);
  });
  return bytes;
}
put("map.npy", npy(2, 3, [1, 2, 3, 4, 5, 6]));

/** What a mission with these fields is read into, or its problems in one text. */
function read(mission: object): { readonly value: Record<string, unknown>; readonly told: string } {
  const source = readMissionFile(put("mission.json5", JSON.stringify(mission)));
  const told = source.ok
    ? ""
    : source.problems.map((p) => `${p.code} ${p.where} ${p.text}`).join("\n");
  return { value: (source.ok ? source.value.value : {}) as Record<string, unknown>, told };
}

describe("references", () => {
  test("areas, fences, zones and maps become shapes", () => {
    const { value, told } = read({
      area: { file: "area.geojson" },
      limits: { fence: { file: "plain.geojson" } },
      noFlyZones: [{ name: "z", file: "plain.geojson", floorAglM: 5 }, { name: "k" }],
      map: { file: "map.npy", cellM: 30 },
    });
    expect(told).toBe("");
    const corners = ring.map(([lonDeg, latDeg]) => ({ latDeg, lonDeg }));
    const polygons = [{ outer: corners, holes: [] }];
    expect(value["area"]).toEqual({ polygons });
    expect(value["limits"]).toEqual({ fence: { polygons } });
    expect(value["noFlyZones"]).toEqual([{ name: "z", floorAglM: 5, polygons }, { name: "k" }]);
    expect(value["map"]).toMatchObject({ cellM: 30, grid: { rows: 2, cols: 3 } });
    expect(read({ map: { file: "area.geojson" } }).value["map"]).toMatchObject({
      weighted: [{ weight: 2 }],
    });
  });

  test("all broken references are told at once, each with its place", () => {
    const { told } = read({
      area: { file: "missing.kml" },
      limits: { fence: { file: 7 } },
      noFlyZones: [
        { name: "a", file: "area.kml" },
        { name: "b", file: "area.exe" },
      ],
      map: { file: "plain.geojson" },
      terrain: "../../etc/passwd",
    });
    expect(told.split("\n").map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual(
      [
        "IMP001 area.file",
        "IMP012 map.file",
        "CHK002 limits.fence.file",
        "IMP001 noFlyZones[1].file",
        "IMP005 noFlyZones[0].file",
        "IMP013 terrain",
      ].sort((a, b) => order(told, a) - order(told, b)),
    );
  });

  test("one file named often is read once and counts each time", () => {
    const corners = Array.from({ length: 3000 }, (_, i) => [7 + i * 1e-6, 46 + (i % 2) * 1e-5]);
    const geometry = { type: "Polygon", coordinates: [corners] };
    put("many.geojson", JSON.stringify({ type: "Feature", properties: {}, geometry }));
    const zones = (count: number) =>
      Array.from({ length: count }, () => ({ file: "many.geojson" }));
    const read = (count: number) =>
      readMissionFile(put("zones.json5", JSON.stringify({ noFlyZones: zones(count) })));
    const few = read(60);
    if (!few.ok) throw new Error(few.problems[0]?.text);
    const named = few.value.value as { noFlyZones: { polygons: unknown[] }[] };
    expect(named.noFlyZones[0]?.polygons[0]).toBe(named.noFlyZones[59]?.polygons[0]);
    const many = read(70);
    expect(many.ok ? [] : many.problems.map(({ code, where }) => [code, where])).toEqual(
      [66, 67, 68, 69].map((i) => ["IMP009", `noFlyZones[${String(i)}].file`]),
    );
  });

  test("nothing outside the mission's folder is opened", () => {
    expect(read({ area: { file: "../area.geojson" } }).told).toContain("IMP013");
    expect(read({ area: { file: "/etc/passwd" } }).told).toContain("IMP013");
    symlinkSync("/etc/passwd", join(folder, "link.geojson"));
    expect(read({ area: { file: "link.geojson" } }).told).toContain("is a link");
  });

  test("a file that is a folder, or whose ending is unknown, is told", () => {
    mkdirSync(join(folder, "folder.kml"));
    expect(read({ area: { file: "folder.kml" } }).told).toContain("no plain file");
    put("area.shp", "x");
    expect(read({ area: { file: "area.shp" } }).told).toContain("IMP004");
    put("noending", "x");
    expect(read({ area: { file: "noending" } }).told).toContain("without ending");
    put("bad.kmz", "x");
    expect(read({ area: { file: "bad.kmz" } }).told).toContain("IMP011");
    put("latin.kml", Uint8Array.from([0xff, 0xfe, 0x80]));
    expect(read({ area: { file: "latin.kml" } }).told).toContain("UTF-8");
  });
});

describe("terrain", () => {
  test("the shipped one is found by its name, an unknown one is told", () => {
    const source = readMissionFile(put("m.json5", "{ terrain: 'jacksboro' }"));
    expect(source.ok && source.value.terrain?.length).toBeGreaterThan(50_000);
    expect(read({ terrain: "atlantis" }).told).toContain("IMP001 terrain");
    const flat = readMissionFile(put("m.json5", "{ terrain: 'flat' }"));
    expect(flat.ok && flat.value.terrain).toBe(undefined);
  });
});

describe("the file itself", () => {
  test.each([
    ["{ name: ", "MIS001"],
    ["{ name: 'a', }, b", "MIS001"],
    [`{a:${"[".repeat(200)}`, "MIS002"],
  ])("%s", (text, code) => {
    const source = readMissionFile(put("m.json5", text));
    expect(source.ok ? "" : source.problems[0]?.code).toBe(code);
    if (code === "MIS001")
      expect(source.ok ? "" : source.problems[0]?.where).toMatch(/line 1 column \d+/u);
  });

  test("a byte order mark is no problem; no object is left to the mission's parser", () => {
    expect(readMissionFile(put("m.json5", "\uFEFF{ name: 'a' }")).ok).toBe(true);
    expect(readMissionFile(put("m.json5", "[1]"))).toEqual({
      ok: true,
      value: { value: [1], terrain: undefined },
    });
  });

  test.skipIf(process.platform === "win32")("a pipe is told, not waited for", () => {
    const path = join(folder, "pipe.json5");
    execFileSync("mkfifo", [path]);
    expect(readBytes(path)).toMatchObject({ ok: false, problem: { code: "IMP001" } });
  });

  test("a missing or oversized file is told before it is read", () => {
    expect(readMissionFile(join(folder, "nothing.json5")).ok).toBe(false);
    const large = readBytes(put("large", new Uint8Array(100)), 99);
    expect(large.ok ? "" : large.problem.code).toBe("IMP002");
  });
});

describe(".npy", () => {
  const told = (bytes: Uint8Array): string => {
    const map = readNpy(bytes, "f");
    return map.ok ? "" : `${map.problem.code} ${map.problem.text}`;
  };
  const header = (descr: string, shape: string, fortran = "False") =>
    `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

  test("rows and columns, in both orders", () => {
    const rowsFirst = readNpy(npy(2, 3, [1, 2, 3, 4, 5, 6]), "f");
    const columnsFirst = readNpy(
      npy(2, 3, [1, 4, 2, 5, 3, 6], header("<f8", "(2, 3)", "True")),
      "f",
    );
    expect(rowsFirst).toEqual(columnsFirst);
    expect(rowsFirst.ok && [...rowsFirst.value.values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("small integer types", () => {
    const bytes = npy(1, 8, [0], header("|u1", "(1, 8)"));
    bytes[bytes.length - 1] = 200;
    const map = readNpy(bytes, "f");
    expect(map.ok && map.value.values[7]).toBe(200);
  });

  test.each([
    [npy(2, 3, [1]), "IMP003"],
    [npy(1, 1, [Number.NaN]), "row 0 column 0"],
    [npy(1, 2, [1, -1]), "IMP012"],
    [npy(1, 1, [0]), "all cells are 0"],
    [npy(1, 1, [1], header("|O", "(1, 1)")), "unknown type"],
    [npy(1, 1, [1], header("<f8", "(1,)")), "two-dimensional"],
    [npy(1, 1, [1], header("<f8", "(99999, 99999)")), "IMP009"],
    [Uint8Array.from([1, 2, 3]), "IMP004"],
    [npy(1, 1, [1]).fill(9, 6, 7), "version 9"],
    [npy(1, 1, [1]).fill(255, 8, 10), "cut short"],
  ])("case %#", (bytes, words) => {
    const map = readNpy(bytes, "f");
    const where = map.ok ? "" : map.problem.where;
    expect(`${told(bytes)} ${where}`).toContain(words);
  });

  test("cut anywhere it is told", () => {
    const whole = npy(2, 2, [1, 2, 3, 4]);
    for (let i = 0; i < whole.length; i += 1) expect(told(whole.slice(0, i))).not.toBe("");
  });
});

/** Where a code and place stand in the report: order is the reader's own business. */
const order = (told: string, head: string): number => told.indexOf(head);
