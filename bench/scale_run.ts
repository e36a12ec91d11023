/** @module The scale benchmark: one store that grows, measured at several sizes. */

import { diskBytes } from "./disk.ts";
import { describeMachine, type Machine } from "./machine.ts";
import type { Figures } from "./rows.ts";
import { fillStore, type GrowthPoint } from "./scale_build.ts";
import { measureStep, name } from "./scale_step.ts";

/** How far to go, and where. */
export interface ScaleOptions {
  /** The sizes to measure at, ascending: multiples of a thousand records. */
  readonly steps: readonly number[];
  /** Records of each of the three loads at every size; a multiple of a thousand. */
  readonly loadRecords: number;
  /** A store is settled when its background work stood still for so long. */
  readonly stillMs: number;
  /** An empty directory for the store. */
  readonly directory: string;
  readonly progress: (line: string) => void;
  /** Gets what there is after each size, so that a run that is cut off was not for nothing. */
  readonly onStep: (report: ScaleReport) => Promise<void>;
}

/** One size. */
export interface ScaleStep {
  readonly records: number;
  readonly figures: Figures;
}

/** Everything that was measured. */
export interface ScaleReport {
  readonly machine: Machine;
  readonly steps: readonly ScaleStep[];
  /** Straight into the engine, between the sizes. */
  readonly growth: readonly GrowthPoint[];
  /** What was answered wrongly: figures of a run that has any mean nothing. */
  readonly problems: readonly string[];
}

/** The disk that a run may take; past it, it ends with what it has. A hundred million records take 3.6 GB. */
const DISK_BYTES_MAX = 6e9;

/**
 * Grows a store from one size to the next and measures it at each.
 *
 * @throws {Error} the store or its server does not do as it must
 */
export async function runScale(options: ScaleOptions): Promise<ScaleReport> {
  const { steps, directory, progress } = options;
  const dataFile = `${directory}/sentinel.kv`;
  const report = {
    machine: await describeMachine(),
    steps: [] as ScaleStep[],
    growth: [] as GrowthPoint[],
    problems: [] as string[],
  };
  const onPoint = async (point: GrowthPoint) => {
    report.growth.push(point);
    progress(describe(point));
    const bytes = await diskBytes(directory);
    if (bytes > DISK_BYTES_MAX) {
      throw new Error(`${bytes} bytes on the disk are over the ${DISK_BYTES_MAX} of a run`);
    }
  };
  let records = 0;
  let token: string | undefined;
  for (const size of steps) {
    const { stillMs, loadRecords } = options;
    const seconds = await fillStore({ path: dataFile, from: records, to: size, stillMs, onPoint });
    progress(`${name(size)}: settled after ${seconds.toFixed(1)} s`);
    const result = await measureStep({
      directory,
      dataFile,
      records: size,
      loadRecords,
      stillMs,
      token,
      progress,
      problems: report.problems,
    });
    report.steps.push({ records: size, figures: { ...result.figures, settling: seconds } });
    ({ records, token } = result);
    await options.onStep(report);
  }
  return report;
}

function describe({ records, perSecond, cpuMicrosPerRecord, residentBytes }: GrowthPoint): string {
  return [
    name(records),
    `${Math.round(perSecond).toLocaleString("en-US")} records/s`,
    ...(cpuMicrosPerRecord === undefined ? [] : [`${cpuMicrosPerRecord.toFixed(2)} µs/record`]),
    ...(residentBytes === undefined ? [] : [`${Math.round(residentBytes / 2 ** 20)} MiB`]),
  ].join(", ");
}
