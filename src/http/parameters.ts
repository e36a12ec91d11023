import { InvalidParameterError } from "../query/mod.ts";

/** @throws {InvalidParameterError} for a parameter that is not among the known ones */
export function onlyParameters(params: URLSearchParams, known: readonly string[]): void {
  for (const name of params.keys()) {
    if (known.includes(name)) continue;
    throw new InvalidParameterError(
      `Unknown parameter ${JSON.stringify(name.slice(0, 64))}: ` +
        (known.length === 0 ? "none is taken here" : `known are ${known.join(", ")}`),
    );
  }
}

/** A value from outside as a sentence shows it: quoted, and cut. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}
