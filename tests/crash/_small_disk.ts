/** @module A disk of a few MiB, so that a test can fill it. */

import assert from "node:assert/strict";
import { endProcess, say } from "../_server.ts";

const LARGE_MIB = 96;

/** Why no small disk can be made here; `undefined` if one can. */
export const missingDisk = await whyNoDisk();
if (missingDisk !== undefined) {
  say(`Skipped: the full disk, because no small disk can be made: ${missingDisk}`);
}

async function run(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args, stderr: "piped" }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `there is no ${command}`;
  }
}

/** Why no file system can be mounted here; `undefined` if it can. */
async function whyNoDisk(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "mount namespaces are Linux's";
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_test_" });
  const script = 'mount -t tmpfs -o size=1m none "$0" && exec nsenter -t $$ -m true';
  const reason = await run("unshare", "-m", "sh", "-c", script, dir);
  Deno.removeSync(dir);
  return reason;
}

/** A small disk mounted at a folder, seen only by the processes that enter its namespace. */
export class SmallDisk {
  private constructor(readonly dir: string, readonly holder: Deno.ChildProcess) {}

  static async mount(dir: string, mib: number): Promise<SmallDisk> {
    // What holds the namespace ends with its standard input, and so with this test whatever happens.
    const script = `mount -t tmpfs -o size=${mib}m none "$0" && echo mounted && exec cat`;
    const holder = new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", script, dir],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return new SmallDisk(dir, holder);
  }

  /** Put before a command, lets it see the disk. */
  get wrapper(): string[] {
    return ["nsenter", "-t", String(this.holder.pid), "-m"];
  }

  /** Makes it large. */
  async grow(): Promise<void> {
    const remount = ["mount", "-o", `remount,size=${LARGE_MIB}m`, this.dir];
    assert.equal(await this.#run(...remount), undefined);
  }

  /** Another program takes what is left, to the last byte. */
  async fill(): Promise<void> {
    const said = await this.#run("dd", "if=/dev/zero", `of=${this.dir}/other`, "bs=4k");
    assert.match(said ?? "", /No space left/);
  }

  #run(...command: string[]): Promise<string | undefined> {
    const [program, ...args] = [...this.wrapper, ...command];
    return run(program!, ...args);
  }

  /** Ends it, with all that is on it. */
  async unmount(): Promise<void> {
    await this.holder.stdin.close();
    await endProcess(this.holder, "SIGTERM");
  }
}
