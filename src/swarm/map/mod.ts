/** The probability map of a search. Uses: base. */
export { distanceLaw, type DistanceLaw } from "./distance.ts";
export { podBand, podParallel, podRandom } from "./pod.ts";
export {
  cellAt,
  cellEastM,
  cellNorthM,
  computedPrior,
  gridOver,
  laneSpacingM,
  loadedPrior,
  searchable,
  type MapGrid,
  type PriorMap,
  type SearchGround,
} from "./prior.ts";
export {
  CLUES_MAX,
  COVERAGE_UNIT,
  coverageAt,
  leftAt,
  posterior,
  searchMap,
  setClues,
  successBand,
  sweep,
  totalLeft,
  type Clue,
  type SearchMap,
} from "./search-map.ts";
