/** Durable storage in files. */
export { FileStore, type FileStoreOptions, type OpenedStore } from "./file-store.ts";
