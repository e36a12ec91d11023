/** @module What the figures were measured on: without it they say little. */

import { procText } from "./process_figures.ts";
import manifest from "../deno.json" with { type: "json" };

/** The machine and the versions, as a published table must name them. */
export interface Machine {
  readonly sentinel: string;
  readonly deno: string;
  readonly system: string;
  readonly processors: number;
  readonly processor: string;
  readonly memoryGib: number | undefined;
}

/** Describes this machine; what only Linux tells is unknown elsewhere. */
export async function describeMachine(): Promise<Machine> {
  const model = /^model name\s*: (.*)$/m.exec(await procText("cpuinfo") ?? "")?.[1];
  const kibibytes = /^MemTotal:\s+(\d+) kB$/m.exec(await procText("meminfo") ?? "")?.[1];
  return {
    sentinel: manifest.version,
    deno: Deno.version.deno,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    processors: navigator.hardwareConcurrency,
    processor: model ?? "unknown",
    memoryGib: kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 2 ** 20),
  };
}
