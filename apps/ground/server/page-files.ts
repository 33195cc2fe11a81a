/**
 * The built page, held in memory and served as it is: a few files, no path from a request ever
 * reaches the file system. Everything the page needs comes from here; its policy forbids the
 * browser to ask anyone else.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";

export interface PageFile {
  readonly body: Uint8Array;
  readonly mediaType: string;
  /** Named by its content, so it may be kept. */
  readonly immutable: boolean;
}

/** Path as in a URL -> file; `/` is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
};

const FILES_MAX = 200;

/** Scripts, styles and connections from this server alone; no frames, no forms, no plug-ins. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
};

/** Reads a folder of built files; at most `FILES_MAX` of them. */
export function readPageFiles(folder: string): PageFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, FILES_MAX);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, full).split(sep).join("/")}`;
    const mediaType = MEDIA_TYPES[extname(entry.name)];
    if (mediaType === undefined) continue;
    const immutable = path.startsWith("/assets/");
    files.set(path, { body: readFileSync(full), mediaType, immutable });
  }
  const index = files.get("/index.html");
  if (index !== undefined) files.set("/", index);
  return files;
}

/** Answers GET and HEAD for the files of the page; everything else is refused. */
export function servePageFile(
  files: PageFiles,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    refuse(response, 405);
    return;
  }
  const path = (request.url ?? "/").split(/[?#]/u, 1)[0] ?? "/";
  const file = files.get(path);
  if (file === undefined) {
    refuse(response, 404);
    return;
  }
  response.writeHead(200, {
    ...SAFE_HEADERS,
    "Content-Type": file.mediaType,
    "Content-Length": file.body.length,
    "Cache-Control": file.immutable ? "public, max-age=31536000, immutable" : "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : file.body);
}

export function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...SAFE_HEADERS, "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${status}\n`);
}
