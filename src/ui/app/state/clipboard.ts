import { say } from "./toast.ts";

/** Copies a text and says so. */
export async function copy(text: string, what: string): Promise<void> {
  say(await write(text) ? `${what} copied` : `${what} could not be copied: the browser forbids it`);
}

async function write(text: string): Promise<boolean> {
  // Browsers have the clipboard only where the address is https or local.
  if (navigator.clipboard === undefined) return writeBySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeBySelection(text); // Not allowed just now; the old way may be.
  }
}

function writeBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "offscreen";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
