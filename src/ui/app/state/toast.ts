import { signal } from "@preact/signals";

/** A short sentence that is shown, and read aloud, for a moment. */
export const toast = signal("");

const SHOWN_MS = 2_500;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a sentence for a moment. */
export function say(sentence: string): void {
  toast.value = sentence;
  clearTimeout(timer);
  timer = setTimeout(() => toast.value = "", SHOWN_MS);
}
