/** @module What a process has used, as Linux tells it. */

/** A process's use of the machine at one moment. */
export interface ProcessFigures {
  /** Processor time of all its threads since it began. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The most that was resident at once. */
  readonly peakBytes: number;
}

/** The unit of times in /proc: fixed at 100 a second for programs, whatever the kernel's own (proc(5), time(7)). */
const TICKS_PER_SECOND = 100;

/** The figures of a process; `undefined` where there is no /proc, or no such process. */
export async function processFigures(pid: number): Promise<ProcessFigures | undefined> {
  const stat = await procText(`${pid}/stat`);
  const status = await procText(`${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold spaces: count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const kibibytes = (name: string) => {
    return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  };
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentBytes: kibibytes("VmRSS"),
    peakBytes: kibibytes("VmHWM"),
  };
}

/**
 * A file of /proc as text; `undefined` where there is none.
 *
 * Deno itself opens /proc only with every permission granted, `cat` with that to run it.
 */
export async function procText(path: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const command = new Deno.Command("cat", { args: [`/proc/${path}`], stderr: "null" });
  const { success, stdout } = await command.output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}
