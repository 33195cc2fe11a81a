/** Whether a file can be written, found out by opening it; nothing that is there is touched. */
import { closeSync, existsSync, openSync, rmSync } from "node:fs";

/** The reason in words, or undefined when it can. */
export function whyNotWritable(path: string): string | undefined {
  const isNew = !existsSync(path);
  try {
    closeSync(openSync(path, "a"));
    if (isNew) rmSync(path, { force: true });
    return undefined;
  } catch (error) {
    return REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EISDIR: "it is a folder",
  EACCES: "permission is missing",
  EPERM: "permission is missing",
  EROFS: "the file system is read-only",
};
