/** @module The simulator: emulated services that speak the public HTTP API, as any other client does. */
export { DEMO_TOKEN, type SimulateOptions } from "./options.ts";
export type { TextWriter } from "./output.ts";
export { type Past, pastBatches } from "./past.ts";
export { simulate } from "./simulate.ts";
