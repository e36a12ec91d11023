/** @module The benchmark's public surface. */

export type { BenchOptions } from "./options.ts";
export { type BenchReport, runBench } from "./run.ts";
export { renderReport } from "./table.ts";
