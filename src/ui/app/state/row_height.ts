import { computed, signal } from "@preact/signals";
import { dense } from "./preferences.ts";

const NARROW = matchMedia("(max-width: 640px)");

/** Whether a row has two lines, because a line is too short for time, service and message. */
export const isNarrow = signal(NARROW.matches);
NARROW.addEventListener("change", () => isNarrow.value = NARROW.matches);

/** The height of a row that is not wrapped, in pixels; the style sheet says the same. */
export const rowHeight = computed(() => {
  if (isNarrow.value) return dense.value ? 40 : 48;
  return dense.value ? 22 : 28;
});
