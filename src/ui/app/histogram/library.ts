import { signal } from "@preact/signals";
import type uPlot from "uplot";

/** The drawing library's class. */
export type ChartLibrary = typeof uPlot;

/** The drawing library, once it is there. */
export const chartLibrary = signal<ChartLibrary | undefined>(undefined);
/** Why it could not be loaded. */
export const chartLibraryError = signal<unknown>(undefined);

let isLoading = false;

/**
 * Loads the drawing library. It is a file of its own because its first lines ask the browser for number formats and time
 * zones, some twenty milliseconds that the first rows would wait for. The page names the file as one to preload.
 */
export async function loadChartLibrary(): Promise<void> {
  if (isLoading) return;
  isLoading = true;
  try {
    const link = document.querySelector<HTMLLinkElement>("link[rel=modulepreload]");
    const library: { default: ChartLibrary } = await import(link!.href);
    chartLibrary.value = library.default;
    chartLibraryError.value = undefined;
  } catch (error) {
    isLoading = false;
    chartLibraryError.value = error;
  }
}
