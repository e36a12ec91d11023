/** @module What the main thread and a service's Worker say to each other. */
import type { Counters } from "./counters.ts";
import type { ServiceTask } from "./service_task.ts";

/** To a Worker: begin, or finish the batch in flight and end. */
export type ToWorker =
  | { readonly type: "start"; readonly task: ServiceTask }
  | { readonly type: "stop" };

/** From a Worker. Progress comes as bare counters: a transferred buffer, no object to clone. */
export type FromWorker =
  | Counters
  | { readonly type: "ready" }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "done"; readonly counters: Counters; readonly failure?: string };
