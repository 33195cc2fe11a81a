/** The only place that knows all layers; itself a machine. Uses: every layer. */
export { createNode, entryVerifier, type NodeConfig } from "./create-node.ts";
export { Node } from "./node.ts";
export type { NodeIdentity } from "./identity.ts";
export type { Effect, Stimulus } from "./types.ts";
export type { NodeEvent, NodeEventDetail, Severity } from "./events.ts";
export type { Layers } from "./layers.ts";
export type { OrderRecord, OrderStep } from "./order-book.ts";
