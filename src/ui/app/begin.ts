/**
 * @module Starts the page. Imported before anything that draws: the first rows are asked for while the rest of the program
 * is still being read.
 */

import { effect } from "@preact/signals";
import { results, rowsError } from "./state/results.ts";
import { session, sessionError } from "./state/session_state.ts";
import { start } from "./state/start.ts";
import { view } from "./state/navigation.ts";

/** Nobody sees an empty page for so short a time, in milliseconds. */
const EMPTY_MS_MAX = 120;

start();

/**
 * Resolves when there is something to show. Drawing the frame first and the rows a moment later would lay everything out
 * twice, and the rows would come later for it.
 */
export const somethingToShow = new Promise<void>((resolve) => {
  setTimeout(resolve, EMPTY_MS_MAX);
  const stop = effect(() => {
    const hasAnswer = results.value !== undefined || rowsError.value !== undefined;
    const needsForm = session.value === null || sessionError.value !== undefined;
    if (hasAnswer || needsForm || view.value.screen === "overview") {
      resolve();
      queueMicrotask(() => stop());
    }
  });
});
