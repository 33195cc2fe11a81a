/**
 * Who has the store's folder: a lock that the kernel holds, and gives free when its owner dies.
 *
 * A process id in a file cannot say that. After a kill in a container the next process has the same
 * id, and would find "itself" holding the folder for ever. Node offers no `flock`; SQLite, which it
 * carries, takes a POSIX record lock (LockFileEx on Windows), across processes and across
 * containers that share the folder. The file stays empty and stays there: nothing is ever written
 * to it, so that a full disk hinders no start after the first, and removing it would let two
 * processes lock two files of one name.
 */
import { DatabaseSync } from "node:sqlite";

export const LOCK_FILE = "lock.sqlite";
/** `SQLITE_BUSY`: another connection holds it. */
const BUSY = 5;

export interface FolderLock {
  release(): void;
}

/** Undefined when another process, or another store of this one, has it; throws on other errors. */
export function lockFile(path: string): FolderLock | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    // No journal file, which would need room; no page is ever written within the transaction that
    // stays open.
    file.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    if ((error as { readonly errcode?: number }).errcode === BUSY) return undefined;
    throw error;
  }
  return { release: () => file.close() };
}
