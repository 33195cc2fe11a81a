/**
 * The durable store of an agent: a folder with one file a name, behind `StoreRequest` and
 * `StoreAnswer` of `src/hal`.
 *
 * An answer "done" means that the bytes have survived a power cut: file data is flushed (fdatasync)
 * before it, and the folder too where a name has appeared or been replaced. Requests are done one
 * after the other in the order asked. A full disk undoes what it had begun and answers "full"; a
 * flush that failed makes the name "broken" for good, because after it nobody knows what the disk
 * holds (a second fsync would lie).
 *
 * Bounds: `maxBytes` for all files together, so that a log cannot fill the card of a vehicle;
 * `NAMES_MAX` names.
 */
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { compareBytes, fail, ok, problem, utf8Encode, type Result } from "../../src/base/mod.ts";
import type { RecoveredStore, StoreAnswer, StoreRequest } from "../../src/hal/mod.ts";
import { lockFile, LOCK_FILE, type FolderLock } from "./folder-lock.ts";
import { encodeRecords, FILE_HEADER_BYTES, fileHeader, readRecords } from "./record-file.ts";

/** What the store needs of a file system; tests fill the disk through it. */
export interface StoreFiles {
  readonly write: (file: FileHandle, bytes: Uint8Array, at: number) => Promise<void>;
  readonly flush: (file: FileHandle) => Promise<void>;
}

const REAL_FILES: StoreFiles = {
  async write(file, bytes, at) {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  },
  flush: (file) => file.datasync(),
};

export interface FileStoreOptions {
  readonly folder: string;
  /** All files together; 256 MB when absent. */
  readonly maxBytes?: number;
  readonly files?: StoreFiles;
}

export interface OpenedStore {
  readonly store: FileStore;
  readonly recovered: RecoveredStore;
  /** One line a finding: a tail that was dropped. */
  readonly notes: readonly string[];
}

interface OpenFile {
  readonly handle: FileHandle;
  /** Where each record ends. */
  readonly ends: number[];
  broken: boolean;
}

const NAMES_MAX = 64;
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const SUFFIX = ".log";
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

const goodBytes = (file: OpenFile): number => file.ends.at(-1) ?? FILE_HEADER_BYTES;

export class FileStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #files: StoreFiles;
  readonly #lock: FolderLock;
  readonly #open = new Map<string, OpenFile>();
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(options: FileStoreOptions, lock: FolderLock) {
    this.#lock = lock;
    this.#folder = options.folder;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#files = options.files ?? REAL_FILES;
  }

  /**
   * Opens the folder, making it if need be. Problems: another process has it (`STO001`), a file is
   * damaged (`STO002`), or the folder cannot be used (`STO003`).
   */
  static async open(options: FileStoreOptions): Promise<Result<OpenedStore>> {
    const { folder } = options;
    try {
      await mkdir(folder, { recursive: true });
      const lock = lockFile(join(folder, LOCK_FILE));
      if (lock === undefined) {
        return fail(problem("STO001", { where: folder, remedy: "stop the other agent first" }));
      }
      return await FileStore.#recoverOrRelease(new FileStore(options, lock));
    } catch (error) {
      return fail(problem("STO003", { where: folder, detail: messageOf(error) }));
    }
  }

  static async #recoverOrRelease(store: FileStore): Promise<Result<OpenedStore>> {
    try {
      return await FileStore.#recover(store);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  static async #recover(store: FileStore): Promise<Result<OpenedStore>> {
    const notes: string[] = [];
    const recovered: { name: string; records: readonly Uint8Array[] }[] = [];
    const entries = await readdir(store.#folder);
    for (const entry of entries.filter((name) => name.endsWith(".new"))) {
      await rm(join(store.#folder, entry));
    }
    const names = entries.filter((entry) => entry.endsWith(SUFFIX));
    names.sort((a, b) => compareBytes(utf8Encode(a), utf8Encode(b)));
    for (const entry of names) {
      const name = entry.slice(0, -SUFFIX.length);
      const bytes = new Uint8Array(await readFile(join(store.#folder, entry)));
      const found = readRecords(bytes);
      if (found.state === "damaged") {
        await store.close();
        const remedy =
          "give the node a new identity and an empty folder: under the old one it might vote twice";
        return fail(problem("STO002", { where: join(store.#folder, entry), remedy }));
      }
      const file = await store.#openFile(name, [...found.ends]);
      if (found.state === "torn") {
        notes.push(
          `${name}: dropped ${String(bytes.length - found.goodBytes)} bytes of a torn tail`,
        );
        // A disk that is full or dying: read, but never again written to (the guide of the agent).
        if ((await store.#guarded(file, () => store.#cut(file, found.goodBytes))) === "broken") {
          notes.push(`${name}: the torn tail could not be cut; nothing more is written to it`);
        }
      }
      recovered.push({ name, records: found.records });
    }
    return ok({ store, recovered, notes });
  }

  /** Does what is asked, after all that was asked before; never rejects. */
  request(ticket: number, request: StoreRequest): Promise<StoreAnswer> {
    const answer = this.#queue.then(async (): Promise<StoreAnswer> => ({
      ticket,
      outcome: this.#closed ? "broken" : await this.#perform(request),
    }));
    this.#queue = answer;
    return answer;
  }

  /** Waits for what was asked, then closes the files and gives the folder free. */
  async close(): Promise<void> {
    await this.#queue;
    if (this.#closed) return;
    this.#closed = true;
    for (const file of this.#open.values()) await file.handle.close();
    this.#lock.release();
  }

  async #perform(request: StoreRequest): Promise<StoreAnswer["outcome"]> {
    if (!NAME.test(request.name)) return "broken";
    const known = this.#open.get(request.name);
    if (known?.broken === true) return "broken";
    if (known === undefined && this.#open.size >= NAMES_MAX) return "full";
    try {
      if (request.kind === "replace") return await this.#replace(request.name, request.records);
      const file = known ?? (await this.#create(request.name));
      if (request.kind === "append") return await this.#append(file, request.records);
      const end = request.keepCount === 0 ? FILE_HEADER_BYTES : file.ends[request.keepCount - 1];
      // Nothing to cut: the file is no longer than that.
      if (end === undefined) return "done";
      file.ends.length = request.keepCount;
      return await this.#guarded(file, () => this.#cut(file, end));
    } catch (error) {
      return isFull(error) ? "full" : "broken";
    }
  }

  async #append(file: OpenFile, records: readonly Uint8Array[]): Promise<StoreAnswer["outcome"]> {
    const at = goodBytes(file);
    const bytes = encodeRecords(records, file.ends.length);
    if (this.#usedBytes() + bytes.length > this.#maxBytes) return "full";
    try {
      await this.#files.write(file.handle, bytes, at);
    } catch (error) {
      // What was begun is undone, so that the next append starts at a known end.
      const outcome = await this.#guarded(file, () => this.#cut(file, at));
      return outcome === "done" && isFull(error) ? "full" : "broken";
    }
    return this.#guarded(file, async () => {
      await this.#files.flush(file.handle);
      let end = at;
      for (const record of records) {
        end += encodeRecords([record], 0).length;
        file.ends.push(end);
      }
    });
  }

  /** A new file beside the old one, flushed, then put in its place: never half of either. */
  async #replace(name: string, records: readonly Uint8Array[]): Promise<StoreAnswer["outcome"]> {
    const body = encodeRecords(records, 0);
    const old = this.#open.get(name);
    const freed = old === undefined ? 0 : goodBytes(old);
    if (this.#usedBytes() - freed + body.length + FILE_HEADER_BYTES > this.#maxBytes) return "full";
    const fresh = join(this.#folder, `${name}.new`);
    const handle = await open(fresh, "w+");
    try {
      await this.#files.write(handle, fileHeader(), 0);
      await this.#files.write(handle, body, FILE_HEADER_BYTES);
      await this.#files.flush(handle);
    } catch (error) {
      await handle.close();
      await rm(fresh, { force: true });
      throw error;
    }
    await rename(fresh, this.#path(name));
    await this.#flushFolder();
    await old?.handle.close();
    const ends: number[] = [];
    let end = FILE_HEADER_BYTES;
    for (const record of records) ends.push((end += encodeRecords([record], 0).length));
    this.#open.set(name, { handle, ends, broken: false });
    return "done";
  }

  async #create(name: string): Promise<OpenFile> {
    const file = await this.#openFile(name, []);
    try {
      await this.#files.write(file.handle, fileHeader(), 0);
      await this.#files.flush(file.handle);
    } catch (error) {
      this.#open.delete(name);
      await file.handle.close();
      await rm(this.#path(name), { force: true });
      throw error;
    }
    await this.#flushFolder();
    return file;
  }

  async #openFile(name: string, ends: number[]): Promise<OpenFile> {
    const handle = await open(this.#path(name), constants.O_RDWR | constants.O_CREAT, 0o600);
    const file: OpenFile = { handle, ends, broken: false };
    this.#open.set(name, file);
    return file;
  }

  /** Shortens the file; a file that lost its header gets it back. */
  async #cut(file: OpenFile, bytes: number): Promise<void> {
    await file.handle.truncate(bytes);
    if (bytes < FILE_HEADER_BYTES) await this.#files.write(file.handle, fileHeader(), 0);
    await this.#files.flush(file.handle);
  }

  /** A failure here leaves the disk in an unknown state: the name is broken from then on. */
  async #guarded(file: OpenFile, act: () => Promise<void>): Promise<StoreAnswer["outcome"]> {
    try {
      await act();
      return "done";
    } catch {
      file.broken = true;
      return "broken";
    }
  }

  async #flushFolder(): Promise<void> {
    const handle = await open(this.#folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #usedBytes(): number {
    let sum = 0;
    for (const file of this.#open.values()) sum += goodBytes(file);
    return sum;
  }

  #path(name: string): string {
    return join(this.#folder, name + SUFFIX);
  }
}

const FULL_CODES: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function isFull(error: unknown): boolean {
  return FULL_CODES.has((error as NodeJS.ErrnoException).code ?? "");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
