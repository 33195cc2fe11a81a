/**
 * The published planners, written anew from their definitions in the SAREnv paper and data set
 * description, and the published score. All about the origin, out to `DISC_M`.
 *
 * Greedy breaks ties of nothing-to-see by an unseeded draw in the original; here the draw is
 * seeded, so its rows agree with the published ones in kind, not in digits.
 */
import { SeededStream } from "../../src/base/mod.ts";
import type { GroundPoint } from "../../src/swarm/area/mod.ts";
import type { DensityMap } from "../../src/swarm/sweep/mod.ts";
import { DISC_M, RADIUS_M } from "./data.ts";

export interface Team {
  readonly vehicles: number;
  readonly budgetM: number;
}

type Path = GroundPoint[];

const SPACING_M = 2 * RADIUS_M;
const POINT_M = 10;
const SAMPLE_M = 15;

const polar = (radiusM: number, angle: number): GroundPoint => ({
  eastM: radiusM * Math.cos(angle),
  northM: radiusM * Math.sin(angle),
});

const evenly = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** Archimedean spiral, cut into equal pieces, each cut to its budget. */
export function spiral(team: Team): Path[] {
  const growth = SPACING_M / (2 * Math.PI);
  const end = (DISC_M / SPACING_M) * 2 * Math.PI;
  const root = Math.sqrt(1 + end * end);
  const length = 0.5 * growth * (end * root + Math.log(end + root));
  const angles = evenly(0, end, Math.floor(length / POINT_M));
  return shared(
    angles.map((angle) => polar(Math.min(DISC_M, growth * angle), angle)),
    team,
  );
}

/** Circles left open by an arc of 50 m and joined straight to the next. */
export function concentric(team: Team): Path[] {
  const openM = 50;
  const path: Path = [];
  for (let radius = SPACING_M; radius <= DISC_M; radius += SPACING_M) {
    const open = openM / radius;
    const arcM = radius * (2 * Math.PI - open);
    const arc = evenly(0, 2 * Math.PI - open, Math.max(2, Math.floor(arcM / POINT_M)));
    path.push(...arc.map((angle) => polar(radius, angle)));
    const next = radius + SPACING_M;
    if (next <= DISC_M) path.push(polar(next, 0));
    else {
      const rest = evenly(
        2 * Math.PI - open,
        2 * Math.PI,
        Math.max(2, Math.floor(openM / POINT_M)),
      );
      path.push(...rest.map((angle) => polar(radius, angle)));
    }
  }
  return shared(path, team);
}

/** Equal sectors, each in arcs of alternating direction from the centre outward. */
export function pizza(team: Team): Path[] {
  const gapM = 15;
  const sector = (2 * Math.PI) / team.vehicles;
  return Array.from({ length: team.vehicles }, (_, i) => {
    const path: Path = [{ northM: 0, eastM: 0 }];
    let forward = true;
    for (let radius = SPACING_M; radius <= DISC_M; radius += SPACING_M) {
      const from = i * sector + gapM / radius;
      const to = (i + 1) * sector - gapM / radius;
      if (from >= to) continue;
      const count = Math.max(2, Math.floor((radius * (to - from)) / POINT_M));
      const angles = forward ? evenly(from, to, count) : evenly(to, from, count);
      path.push(...angles.map((angle) => polar(radius, angle)));
      forward = !forward;
    }
    return cut(path, 0, team.budgetM / team.vehicles);
  });
}

/** Each vehicle steps to the neighbouring cell that shows most unseen mass. */
export function greedy(map: DensityMap, team: Team): Path[] {
  const random = new SeededStream(7, "greedy");
  const { rows, cols, cellM } = map;
  const seen = new Uint8Array(rows * cols);
  const reach = Math.ceil(RADIUS_M / cellM);
  const around: { readonly dRow: number; readonly dCol: number }[] = [];
  for (let dRow = -reach; dRow <= reach; dRow += 1) {
    for (let dCol = -reach; dCol <= reach; dCol += 1) {
      if (Math.sqrt(dRow * dRow + dCol * dCol) * cellM <= RADIUS_M) around.push({ dRow, dCol });
    }
  }
  const visible = (row: number, col: number): number[] =>
    around
      .map(({ dRow, dCol }) => ({ r: row + dRow, c: col + dCol }))
      .filter(({ r, c }) => r >= 0 && c >= 0 && r < rows && c < cols)
      .map(({ r, c }) => r * cols + c);
  const middle = { row: Math.floor(rows / 2), col: Math.floor(cols / 2) };
  const at = Array.from({ length: team.vehicles }, (_, i) => {
    const angle = (2 * Math.PI * i) / team.vehicles;
    const offset = i === 0 ? 0 : 2;
    return {
      row: middle.row + Math.trunc(offset * Math.sin(angle)),
      col: middle.col + Math.trunc(offset * Math.cos(angle)),
    };
  });
  const paths = at.map(({ row, col }) => [{ row, col }]);
  for (const { row, col } of at) for (const cell of visible(row, col)) seen[cell] = 1;
  const center = (index: number): number => -DISC_M + (index + 0.5) * cellM;
  const inDisc = (row: number, col: number): boolean =>
    center(row) ** 2 + center(col) ** 2 < DISC_M * DISC_M;
  const moves = Math.floor(Math.floor(team.budgetM / cellM) / team.vehicles);
  for (let move = 0; move < moves; move += 1) {
    for (let vehicle = 0; vehicle < team.vehicles; vehicle += 1) {
      const here = at[vehicle]!;
      const open: { readonly row: number; readonly col: number; readonly gain: number }[] = [];
      for (const dRow of [-1, 0, 1]) {
        for (const dCol of [-1, 0, 1]) {
          const row = here.row + dRow;
          const col = here.col + dCol;
          if ((dRow === 0 && dCol === 0) || !inDisc(row, col)) continue;
          const gain = visible(row, col).reduce(
            (sum, cell) => sum + (seen[cell] === 1 ? 0 : map.mass[cell]!),
            0,
          );
          open.push({ row, col, gain });
        }
      }
      let next = open.reduce((best, each) => (each.gain > best.gain ? each : best));
      if (next.gain <= 0) next = open[random.below(open.length)]!;
      at[vehicle] = next;
      paths[vehicle]!.push({ row: next.row, col: next.col });
      for (const cell of visible(next.row, next.col)) seen[cell] = 1;
    }
  }
  return paths.map((cells) =>
    cut(
      cells.map(({ row, col }) => ({ northM: center(row), eastM: center(col) })),
      0,
      team.budgetM / team.vehicles,
    ),
  );
}

/** Equal pieces of one path, each cut to its vehicle's budget. */
function shared(path: Path, team: Team): Path[] {
  const pieceM = lengthOf(path) / team.vehicles;
  const budgetM = team.budgetM / team.vehicles;
  return Array.from({ length: team.vehicles }, (_, i) =>
    cut(path, i * pieceM, i * pieceM + Math.min(pieceM, budgetM)),
  );
}

export function lengthOf(path: readonly GroundPoint[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i += 1) sum += distance(path[i - 1]!, path[i]!);
  return sum;
}

const distance = (a: GroundPoint, b: GroundPoint): number =>
  Math.hypot(b.northM - a.northM, b.eastM - a.eastM);

const between = (a: GroundPoint, b: GroundPoint, t: number): GroundPoint => ({
  northM: a.northM + t * (b.northM - a.northM),
  eastM: a.eastM + t * (b.eastM - a.eastM),
});

/** The part of a path between two distances along it. */
function cut(path: Path, fromM: number, toM: number): Path {
  const out: Path = [];
  let done = 0;
  for (let i = 1; i < path.length; i += 1) {
    const [a, b] = [path[i - 1]!, path[i]!];
    const leg = distance(a, b);
    const end = done + leg;
    if (leg > 0 && end > fromM && done < toM) {
      if (out.length === 0) out.push(between(a, b, Math.max(0, fromM - done) / leg));
      out.push(end <= toM ? b : between(a, b, (toM - done) / leg));
    }
    done = end;
  }
  return out;
}

/**
 * The published likelihood score: the mass of all cells whose centre lies within the radius of a
 * sample of any path, samples evenly about 15 m apart, each cell once.
 */
export function publishedScore(map: DensityMap, paths: readonly Path[]): number {
  const seen = new Uint8Array(map.rows * map.cols);
  let score = 0;
  for (const path of paths) {
    for (const sample of samples(path)) {
      const low = (metres: number): number =>
        Math.max(0, Math.floor((metres - RADIUS_M) / map.cellM));
      const row0 = low(sample.northM - map.southM);
      const col0 = low(sample.eastM - map.westM);
      for (let row = row0; row < Math.min(map.rows, row0 + 5); row += 1) {
        for (let col = col0; col < Math.min(map.cols, col0 + 5); col += 1) {
          const cell = row * map.cols + col;
          const dn = map.southM + (row + 0.5) * map.cellM - sample.northM;
          const de = map.westM + (col + 0.5) * map.cellM - sample.eastM;
          if (seen[cell] === 1 || Math.sqrt(dn * dn + de * de) > RADIUS_M) continue;
          seen[cell] = 1;
          score += map.mass[cell]!;
        }
      }
    }
  }
  return score;
}

function samples(path: Path): Path {
  const total = lengthOf(path);
  const count = Math.ceil(total / SAMPLE_M) + 1;
  const out: Path = [];
  let leg = 1;
  let before = 0;
  for (let i = 0; i < count; i += 1) {
    const wanted = (total * i) / Math.max(1, count - 1);
    let legM = distance(path[leg - 1]!, path[leg]!);
    while (before + legM < wanted && leg < path.length - 1) {
      before += legM;
      leg += 1;
      legM = distance(path[leg - 1]!, path[leg]!);
    }
    out.push(
      between(path[leg - 1]!, path[leg]!, legM > 0 ? Math.min(1, (wanted - before) / legM) : 0),
    );
  }
  return out;
}
