import { send } from "./client.ts";

/** The server's own figures that have no labels, by name without the prefix `sentinel_`. */
export async function getFigures(signal?: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const response = await send("/metrics", { signal: signal ?? null });
  return parseFigures(await response.text());
}

/** Reads the Prometheus text format; lines with labels are passed over. */
export function parseFigures(text: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^sentinel_(\w+) (\S+)$/gm)) {
    figures.set(name!, Number(value));
  }
  return figures;
}
