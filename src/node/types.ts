/**
 * The node's two unions: everything that can happen to a node, and everything it can do.
 */
import type {
  ChannelReport,
  OutgoingDatagram,
  RadioIndex,
  ReceivedDatagram,
  SensorReport,
  StoreAnswer,
  StoreRequest,
  VehicleCommand,
  VehicleSample,
} from "../hal/mod.ts";
import type { OrderDraft } from "../security/mod.ts";
import type { NodeEvent } from "./events.ts";

export type Stimulus =
  | { readonly kind: "datagram"; readonly datagram: ReceivedDatagram }
  | { readonly kind: "vehicle"; readonly sample: VehicleSample }
  | { readonly kind: "sensor"; readonly report: SensorReport }
  | { readonly kind: "channel"; readonly report: ChannelReport }
  /** An operator's wish, on a node that holds an operator's key (the ground station). */
  | { readonly kind: "operator"; readonly draft: OrderDraft }
  | { readonly kind: "answer"; readonly answer: StoreAnswer }
  /** A reading of a clock with its bound: GNSS through the autopilot, or the host's own. */
  | {
      readonly kind: "clock";
      readonly source: "gnss" | "host";
      readonly timeMs: number;
      readonly errorMs: number;
    }
  | { readonly kind: "wake" };

export type Effect =
  | { readonly kind: "transmit"; readonly datagram: OutgoingDatagram }
  /** The radio sends and listens on this channel from now on: 1 and up, 0 switches it off. */
  | { readonly kind: "tune"; readonly radio: RadioIndex; readonly channel: number }
  | { readonly kind: "command"; readonly command: VehicleCommand }
  | { readonly kind: "ask"; readonly ticket: number; readonly request: StoreRequest }
  | { readonly kind: "report"; readonly event: NodeEvent };
