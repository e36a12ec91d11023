import { CommandError } from "./errors.ts";

/** Reads the state of an interrupted command; `undefined` if there is none. Its shape is its writer's. */
export function readState<T>(path: string): T | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CommandError(`${path} is damaged; remove it to start from the beginning`, {
      cause: error,
    });
  }
}

/** Replaces the state in one step: a reader finds the old or the new one, whole. */
export function writeState<T>(path: string, state: T): void {
  try {
    Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify(state)}\n`);
    Deno.renameSync(`${path}.new`, path);
  } catch (error) {
    throw new CommandError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Removes the state; fine if there is none. */
export function removeState(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
