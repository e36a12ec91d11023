import type { SearchWorker } from "../storage/mod.ts";

/** Starts a Worker that searches segments: what a store is opened with. */
export function startSearchWorker(): SearchWorker {
  return new Worker(new URL("./search_worker.ts", import.meta.url), {
    type: "module",
    name: "segment search",
  });
}
