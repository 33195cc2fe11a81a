/** The few words that the JSON schemas of recordings are written with. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const NUMBER: JsonSchema = { type: "number" };
export const TEXT: JsonSchema = { type: "string" };
export const INTEGER: JsonSchema = { type: "integer" };

export const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });
export const object = (properties: JsonSchema): JsonSchema => ({ type: "object", properties });
