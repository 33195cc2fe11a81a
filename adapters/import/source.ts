/** Reading a file with a limit, as text or JSON, with problems instead of exceptions. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import JSON5 from "json5";
import {
  fail,
  nestingDepth,
  ok,
  problem,
  type ProblemCode,
  type Result,
  utf8Decode,
} from "../../src/base/mod.ts";
import { FILE_MAX_BYTES, NESTING_MAX } from "./geo.ts";

/** The file's bytes. A folder, a device or a file that grows beyond the limit is refused. */
export function readBytes(path: string, maxBytes: number = FILE_MAX_BYTES): Result<Uint8Array> {
  const unreadable = (detail: string): Result<Uint8Array> =>
    fail(problem("IMP001", { where: path, detail, remedy: "check the path and the permissions" }));
  let file: number;
  try {
    // A pipe without a writer would hold the caller for ever; Windows knows no such flag.
    const patient = (constants.O_NONBLOCK as number | undefined) ?? 0;
    file = openSync(path, constants.O_RDONLY | patient);
  } catch (error) {
    return unreadable(reasonOf(error));
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) return unreadable("it is no plain file");
    if (status.size > maxBytes) {
      const detail = `${String(status.size)} bytes`;
      const remedy = `files up to ${String(maxBytes)} bytes are read`;
      return fail(problem("IMP002", { where: path, detail, remedy }));
    }
    const bytes = new Uint8Array(status.size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(file, bytes, at, bytes.length - at, at);
      if (count === 0) return unreadable("it ended while being read");
      at += count;
    }
    return ok(bytes);
  } catch (error) {
    return unreadable(reasonOf(error));
  } finally {
    closeSync(file);
  }
}

/** Text of UTF-8 bytes; a byte order mark is dropped. */
export function textOf(bytes: Uint8Array, where: string): Result<string> {
  const text = utf8Decode(bytes);
  if (text === undefined) {
    return fail(problem("IMP003", { where, detail: "no UTF-8 text", remedy: "save it as UTF-8" }));
  }
  return ok(text.startsWith("\uFEFF") ? text.slice(1) : text);
}

interface Dialect {
  readonly parse: (text: string) => unknown;
  readonly broken: ProblemCode;
  readonly deep: ProblemCode;
}

const JSON_DIALECT: Dialect = {
  parse: (text) => JSON.parse(text) as unknown,
  broken: "IMP003",
  deep: "IMP007",
};
const JSON5_DIALECT: Dialect = {
  parse: (text) => JSON5.parse(text),
  broken: "MIS001",
  deep: "MIS002",
};

/** Strict JSON, as GeoJSON, `.plan` and ED-269 files are. */
export function parseJson(text: string, where: string): Result<unknown> {
  return parseWith(JSON_DIALECT, text, where);
}

/** JSON5, as Skein's own files are. */
export function parseJson5(text: string, where: string): Result<unknown> {
  return parseWith(JSON5_DIALECT, text, where);
}

function parseWith(dialect: Dialect, text: string, where: string): Result<unknown> {
  const depth = nestingDepth(text);
  if (depth > NESTING_MAX) {
    const detail = `${String(depth)} levels`;
    const remedy = `nest at most ${String(NESTING_MAX)} levels`;
    return fail(problem(dialect.deep, { where, detail, remedy }));
  }
  try {
    return ok(dialect.parse(text));
  } catch (error) {
    const place = placeOf(error, text);
    return fail(
      problem(dialect.broken, {
        where: place === "" ? where : `${where} ${place}`,
        detail: reasonOf(error),
        remedy: "correct the text there; the file may be cut short",
      }),
    );
  }
}

/** Line and column, from what JSON5 and V8 say about the place. */
function placeOf(error: unknown, text: string): string {
  const { lineNumber, columnNumber } = error as { lineNumber?: unknown; columnNumber?: unknown };
  if (typeof lineNumber === "number" && typeof columnNumber === "number") {
    return `line ${String(lineNumber)} column ${String(columnNumber)}`;
  }
  const position = /position (\d+)/u.exec(reasonOf(error))?.[1];
  if (position === undefined) return "";
  const before = text.slice(0, Number(position)).split("\n");
  return `line ${String(before.length)} column ${String((before.at(-1)?.length ?? 0) + 1)}`;
}

export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]?.slice(0, 200) ?? "";
}
