/** The 3D view and what floats over it: compass, scale, legend, the banner of a found person. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { LinkRow } from "../../../report/view.ts";
import { bindScene, select, tellView, theScene, toggleSelected } from "../actions.ts";
import { distance, roundLengthM } from "../format.ts";
import { fleet, onFrame } from "../frames.ts";
import { HEIGHT_SCALE } from "../scene/heights.ts";
import { SwarmScene } from "../scene/scene.ts";
import { page, update, usePage } from "../store.ts";
import { TEXT } from "../strings.ts";
import { Details } from "./details.tsx";

const SCALE_PX = 120;
const POSE_EVERY_MS = 150;

interface Pose {
  readonly azimuthRad: number;
  readonly pixelM: number;
}

export function MapView({ hidden }: { readonly hidden: boolean }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const labels = useRef<HTMLDivElement>(null);
  const [pose, setPose] = useState<Pose>({ azimuthRad: 0, pixelM: 10 });
  const hello = usePage((state) => state.hello);
  useEffect(() => {
    if (hello === undefined || canvas.current === null || labels.current === null) return undefined;
    return openScene(canvas.current, labels.current, setPose);
  }, [hello]);
  useFeed();
  useEffect(() => theScene()?.setHidden(hidden), [hidden, hello]);
  return (
    <div className={`map${hidden ? " hidden" : ""}`}>
      <canvas ref={canvas} aria-label={TEXT.density} />
      <div className="labels" ref={labels} />
      <Details />
      <Found />
      <ToStart />
      <Over />
      <Furniture pose={pose} />
    </div>
  );
}

function openScene(
  canvas: HTMLCanvasElement,
  labels: HTMLDivElement,
  setPose: (pose: Pose) => void,
): () => void {
  const { hello, theme } = page();
  if (hello === undefined) return () => undefined;
  let posedMs = 0;
  let posedKey = "";
  const scene = new SwarmScene({
    canvas,
    labels,
    hello,
    theme,
    calm: window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    words: { base: TEXT.base, lastKnown: TEXT.lastKnown },
    fleet,
    onSelect: (index, add) => {
      if (add) toggleSelected(index);
      else select([index]);
    },
    onLook: tellView,
    onDetection: (detection) => update({ detection }),
    onGround: (cluePlace) => update({ cluePlace, dialog: "clue" }),
    onCamera: (pose) => {
      if (performance.now() - posedMs < POSE_EVERY_MS) return;
      posedMs = performance.now();
      const key = `${pose.azimuthRad.toFixed(4)} ${pose.pixelM.toFixed(4)}`;
      // The camera rests most of the time: then nothing is rendered for it.
      if (key === posedKey) return;
      posedKey = key;
      setPose(pose);
    },
  });
  bindScene(scene);
  const { map, tracks, view, selected, detection, details } = page();
  if (map !== undefined) scene.setMap(map);
  if (tracks !== undefined) scene.setTracks(tracks);
  const meshLinks = details?.links ?? [];
  if (view !== undefined) scene.show({ view, selected, detection, meshLinks });
  if (fleet.count > 0) scene.pushFrame();
  const stop = onFrame(() => scene.pushFrame());
  return () => {
    stop();
    bindScene(undefined);
    scene.dispose();
  };
}

/** Hands each change of the page's state on to the scene. */
function useFeed(): void {
  const map = usePage((state) => state.map);
  const tracks = usePage((state) => state.tracks);
  const theme = usePage((state) => state.theme);
  const view = usePage((state) => state.view);
  const selected = usePage((state) => state.selected);
  const detection = usePage((state) => state.detection);
  const meshLinks = usePage((state) => state.details?.links) ?? NO_LINKS;
  useEffect(() => {
    if (map !== undefined) theScene()?.setMap(map);
  }, [map]);
  useEffect(() => {
    if (tracks !== undefined) theScene()?.setTracks(tracks);
  }, [tracks]);
  useEffect(() => theScene()?.setTheme(theme), [theme]);
  useEffect(() => {
    if (view !== undefined) theScene()?.show({ view, selected, detection, meshLinks });
  }, [view, selected, detection, meshLinks]);
}

const NO_LINKS: readonly LinkRow[] = [];

function Furniture({ pose }: { readonly pose: Pose }): ReactNode {
  const units = usePage((state) => state.units);
  const lengthM = roundLengthM(SCALE_PX * pose.pixelM);
  const turn = { transform: `rotate(${pose.azimuthRad.toFixed(3)}rad)` };
  return (
    <div className="furniture">
      <svg className="compass" viewBox="-16 -16 32 32" style={turn} role="img" aria-label="north">
        <circle r="14" />
        <path d="M0 -11 L4 3 L0 0.5 L-4 3 Z" />
        <text y="11">N</text>
      </svg>
      <div className="legend">
        <span>{TEXT.density}</span>
        <i className="ramp" />
        <small>
          {TEXT.densityLow} – {TEXT.densityHigh}
        </small>
      </div>
      <div className="scale" style={{ width: `${(lengthM / pose.pixelM).toFixed(0)}px` }}>
        {distance(lengthM, units)}
      </div>
      <small>{TEXT.exaggeration(HEIGHT_SCALE)}</small>
      <button type="button" className="plain" onClick={() => theScene()?.overview()}>
        {TEXT.overview}
      </button>
    </div>
  );
}

function ToStart(): ReactNode {
  const waiting = usePage((state) => state.view?.phase === "planned");
  const count = usePage((state) => state.view?.vehicleCount ?? 0);
  if (!waiting) return null;
  return (
    <div className="found planned" role="status">
      <span>{TEXT.toStart(count)}</span>
    </div>
  );
}

/** Read anew at each change of the page's state, which the fleet's table makes, too. */
function flyingNow(): number {
  let count = 0;
  for (let slot = 0; slot < fleet.count; slot += 1) if (fleet.armedAt(slot)) count += 1;
  return count;
}

/** The planned time is over and somebody still flies. */
function Over(): ReactNode {
  const durationS = usePage((state) => state.hello?.mission.durationS ?? Infinity);
  const over = usePage(({ view }) => {
    const elapsedS = (view?.missionTimeS ?? 0) - (view?.startedAtS ?? Infinity);
    return elapsedS > durationS && view?.phase === "searching";
  });
  const flying = usePage(() => (over ? flyingNow() : 0));
  if (!over || flying === 0) return null;
  return (
    <div className="found planned" role="status">
      <span>{TEXT.timeOver(flying)}</span>
    </div>
  );
}

function Found(): ReactNode {
  const phase = usePage((state) => state.view?.phase);
  const placeFormat = usePage((state) => state.placeFormat);
  const detections = usePage((state) => state.view?.detections) ?? [];
  const confirmed = detections.find(({ state }) => state === "confirmed");
  if (confirmed === undefined || (phase !== "found" && phase !== "handedOver")) return null;
  return (
    <div className={`found ${phase}`} role="status">
      <b>{phase === "found" ? TEXT.found : TEXT.handedOver}</b>
      <span className="place">{confirmed.place[placeFormat]}</span>
      <span>{phase === "found" ? TEXT.foundText : ""}</span>
      <button
        type="button"
        className="plain"
        onClick={() => update({ dialog: "handOver", detection: confirmed.id })}
      >
        {TEXT.handOverTitle} <kbd>I</kbd>
      </button>
    </div>
  );
}
