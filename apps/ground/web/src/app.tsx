/** The page: header, vehicles on the left, map or a level below in the middle, watch at right. */
import { useEffect, type ReactNode } from "react";
import { cyclePlace, cycleTheme, cycleUnits, showTab } from "./actions.ts";
import { Dialogs } from "./panels/dialogs.tsx";
import { FaultsView } from "./panels/faults.tsx";
import { ClearAirCount, Header } from "./panels/header.tsx";
import { MapView } from "./panels/map-view.tsx";
import { Orders } from "./panels/orders.tsx";
import { PosChart } from "./panels/pos-chart.tsx";
import { ReplayBar } from "./panels/replay-bar.tsx";
import { SearchLog } from "./panels/search-log.tsx";
import { SecurityView } from "./panels/security.tsx";
import { SwarmView } from "./panels/swarm.tsx";
import { Timeline } from "./panels/timeline.tsx";
import { OrderPad, Vehicles } from "./panels/vehicles.tsx";
import { Detections, Hands, Segments } from "./panels/watch.tsx";
import { usePage, type Tab } from "./store.ts";
import { LINK, TAB, TEXT, THEME } from "./strings.ts";

export function App(): ReactNode {
  const theme = usePage((state) => state.theme);
  const ready = usePage((state) => state.view !== undefined && state.hello !== undefined);
  const replay = usePage((state) => state.hello?.replay !== undefined);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  if (!ready) return <Waiting />;
  return (
    <>
      <div className={replay ? "app replaying" : "app"}>
        <Header />
        <div className="left">
          <Vehicles />
          <OrderPad />
          <Orders />
        </div>
        <Main />
        <div className="right">
          <ClearAirCount />
          <Detections />
          <Hands />
          <PosChart />
          <Segments />
        </div>
        <ReplayBar />
        <Timeline />
      </div>
      <Toasts />
      <Dialogs />
      <SearchLog />
    </>
  );
}

function Waiting(): ReactNode {
  const link = usePage((state) => state.link);
  return (
    <main className="lobby">
      <h1>{TEXT.product}</h1>
      <p role="status">{LINK[link]}</p>
    </main>
  );
}

const TABS: readonly (readonly [Tab, string])[] = [
  ["map", "M"],
  ["swarm", "W"],
  ["security", "S"],
  ["faults", "F"],
];

function Main(): ReactNode {
  const tab = usePage((state) => state.tab);
  return (
    <main className="main">
      <nav className="tabs">
        {TABS.map(([name, key]) => (
          <button
            key={name}
            type="button"
            aria-pressed={tab === name}
            className={tab === name ? "chosen" : ""}
            onClick={() => showTab(name)}
          >
            {TAB[name]} <kbd>{key}</kbd>
          </button>
        ))}
        <Switches />
      </nav>
      <MapView hidden={tab !== "map"} />
      <Level tab={tab} />
    </main>
  );
}

function Level({ tab }: { readonly tab: Tab }): ReactNode {
  switch (tab) {
    case "map":
      return null;
    case "swarm":
      return <SwarmView />;
    case "security":
      return <SecurityView />;
    case "faults":
      return <FaultsView />;
    default:
      return tab satisfies never;
  }
}

function Switches(): ReactNode {
  const theme = usePage((state) => state.theme);
  const units = usePage((state) => state.units);
  const placeFormat = usePage((state) => state.placeFormat);
  return (
    <span className="switches">
      <button type="button" onClick={cyclePlace}>
        {TEXT.place[placeFormat]} <kbd>V</kbd>
      </button>
      <button type="button" onClick={cycleUnits}>
        {TEXT.units[units]} <kbd>U</kbd>
      </button>
      <button type="button" onClick={cycleTheme}>
        {THEME[theme]} <kbd>B</kbd>
      </button>
    </span>
  );
}

function Toasts(): ReactNode {
  const toasts = usePage((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, ok, text, detail }) => (
        <p key={id} className={ok ? "toast" : "toast failed"}>
          <b>{text}</b>
          {detail === "" ? null : <span>{detail}</span>}
        </p>
      ))}
    </div>
  );
}
