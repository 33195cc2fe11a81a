/**
 * The Foxglove WebSocket protocol, version 1
 * (https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md), as far as a server speaks that
 * only tells: who it is, its channels, their messages, the time. JSON as text frames, messages and
 * time as binary frames, little-endian. Written from the specification; held to it by its client.
 */
import { fail, isRecord, nestingDepth, ok, problem, type Result } from "../../src/base/mod.ts";

/** What clients ask for in the handshake; the younger name is the same for what is used here. */
export const SUBPROTOCOLS: readonly string[] = ["foxglove.sdk.v1", "foxglove.websocket.v1"];

export interface FoxgloveChannel {
  readonly topic: string;
  readonly schema: string;
  /** The JSON schema of its messages, as text. */
  readonly schemaText: string;
}

export const SUBSCRIPTIONS_MAX = 1024;
const DEPTH_MAX = 4;
const OP_MESSAGE = 0x01;
const OP_TIME = 0x02;
const MESSAGE_HEAD_BYTES = 13;

export function serverInfo(name: string, sessionId: string): string {
  const supportedEncodings = ["json"];
  return JSON.stringify({
    op: "serverInfo",
    name,
    capabilities: ["time"],
    supportedEncodings,
    sessionId,
  });
}

/** A channel's id is its place in the list. */
export function advertise(channels: readonly FoxgloveChannel[]): string {
  return JSON.stringify({
    op: "advertise",
    channels: channels.map(({ topic, schema, schemaText }, id) => ({
      id,
      topic,
      encoding: "json",
      schemaName: schema,
      schema: schemaText,
      schemaEncoding: "jsonschema",
    })),
  });
}

export type StatusLevel = "info" | "warning" | "error";
const LEVELS: Readonly<Record<StatusLevel, number>> = { info: 0, warning: 1, error: 2 };

export function status(level: StatusLevel, message: string): string {
  return JSON.stringify({ op: "status", level: LEVELS[level], message });
}

/** Opcode, subscription (u32), time in nanoseconds (u64), the message. */
export function messageFrame(subscription: number, atNs: bigint, json: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_HEAD_BYTES + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, OP_MESSAGE);
  view.setUint32(1, subscription, true);
  view.setBigUint64(5, BigInt.asUintN(64, atNs), true);
  bytes.set(json, MESSAGE_HEAD_BYTES);
  return bytes;
}

export function timeFrame(atNs: bigint): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, OP_TIME);
  view.setBigUint64(1, BigInt.asUintN(64, atNs), true);
  return bytes;
}

export type ClientWish =
  | {
      readonly kind: "subscribe";
      readonly subscriptions: readonly { readonly id: number; readonly channel: number }[];
    }
  | { readonly kind: "unsubscribe"; readonly ids: readonly number[] }
  /** Well-formed, and nothing that this server does. */
  | { readonly kind: "other"; readonly op: string };

/** What a client sent as text; nothing of it is believed unseen. */
export function parseWish(text: string): Result<ClientWish> {
  const value = nestingDepth(text) <= DEPTH_MAX ? readJson(text) : undefined;
  if (!isRecord(value) || typeof value["op"] !== "string") return malformed("no operation");
  const { op } = value;
  if (op === "subscribe") return subscribeOf(value["subscriptions"]);
  if (op !== "unsubscribe") return ok({ kind: "other", op: op.slice(0, 40) });
  const ids = value["subscriptionIds"];
  if (!Array.isArray(ids) || ids.length > SUBSCRIPTIONS_MAX || !ids.every(isId)) {
    return malformed("subscriptionIds");
  }
  return ok({ kind: "unsubscribe", ids });
}

function subscribeOf(list: unknown): Result<ClientWish> {
  if (!Array.isArray(list) || list.length > SUBSCRIPTIONS_MAX) return malformed("subscriptions");
  const subscriptions: { id: number; channel: number }[] = [];
  for (const item of list as readonly unknown[]) {
    if (!isRecord(item)) return malformed("subscriptions");
    const { id, channelId } = item;
    if (!isId(id) || !isId(channelId)) return malformed("subscriptions");
    subscriptions.push({ id, channel: channelId });
  }
  return ok({ kind: "subscribe", subscriptions });
}

const isId = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;

const malformed = (where: string): Result<never> => fail(problem("REC014", { where }));

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
