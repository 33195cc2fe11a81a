/** Where the page begins. */
import { createRoot } from "react-dom/client";
import { bindLink, tellLook } from "./actions.ts";
import { App } from "./app.tsx";
import { forgetFleet, takeFrame } from "./frames.ts";
import { listenToKeys } from "./keys.ts";
import { GroundLink } from "./link.ts";
import { takeReplay } from "./replay.ts";
import { addEvents, takeView, update } from "./store.ts";
import "./theme.css";

bindLink(
  new GroundLink({
    state: (link) => update({ link }),
    frame: takeFrame,
    message: (message) => {
      switch (message.kind) {
        case "hello":
          // All events come again after it.
          update({ hello: message, events: [], slowMs: 0 });
          forgetFleet();
          tellLook();
          return;
        case "map":
          update({ map: message });
          return;
        case "tracks":
          update({ tracks: message });
          return;
        case "view":
          takeView(message);
          return;
        case "details":
          update({ details: message });
          return;
        case "pace":
          update({ slowMs: message.slow ? message.everyMs : 0 });
          return;
        case "events":
          if (message.afresh === true) update({ events: message.events });
          else addEvents(message.events);
          return;
        case "replay":
          takeReplay(message);
          return;
        case "whatIf":
          update({ whatIf: message.whatIf });
          return;
        case "answer":
          return;
        default:
          message satisfies never;
      }
    },
  }),
);
listenToKeys();

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
