import { signal } from "@preact/signals";
import { navigate, view } from "./navigation.ts";
import { facetsShown, wrap } from "./preferences.ts";
import { reload, results } from "./results.ts";
import { closeRow, goToEnd, goToRow, moveRow, openActive } from "./row_moves.ts";

/** The panel that is open over the page. */
export const panel = signal<
  "none" | "facets" | "range" | "help" | "look" | "export" | "account" | "delete"
>(
  "none",
);

/** Where the style sheet makes the filters a drawer. */
const DRAWER = matchMedia("(max-width: 760px)");

/** What each key does, for the help. */
export const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["/", "search"],
  ["j  k", "next and previous row"],
  ["g  G", "first and last row"],
  ["Enter", "open the row"],
  ["Esc", "close what is open"],
  ["l", "live on or off"],
  ["t", "time range"],
  ["f", "filters"],
  ["r", "ask the server again"],
  ["w", "wrap long lines"],
  ["o", "overview"],
  ["?", "this help"],
];

const ACTIONS: Readonly<Record<string, () => void>> = {
  "/": () => document.getElementById("search")?.focus(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  ArrowDown: () => moveRow(1),
  ArrowUp: () => moveRow(-1),
  g: () => goToRow(0),
  G: () => goToEnd(),
  Home: () => goToRow(0),
  End: () => goToEnd(),
  PageUp: () => scrollRows(-1),
  PageDown: () => scrollRows(1),
  Enter: () => openActive(),
  l: () => toggleLive(),
  t: () => panel.value = "range",
  f: () => focusFacets(),
  r: () => reload(),
  w: () => {
    wrap.value = !wrap.peek();
  },
  o: () => toggleOverview(),
  "?": () => panel.value = "help",
};

/** Handles a key that was pressed anywhere on the page. */
export function handleKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    escape();
    return;
  }
  if (isTyping(event.target) || panel.peek() !== "none") return;
  const onRows = view.peek().screen === "rows" && results.peek() !== undefined;
  const isOwn = event.target instanceof HTMLButtonElement ||
    event.target instanceof HTMLAnchorElement;
  // A focused button has Enter, and the page's own scrolling, for itself.
  if (isOwn && (event.key === "Enter" || event.key.length > 1)) return;
  const action = ACTIONS[event.key];
  if (action === undefined || (!onRows && !"/lo?tr".includes(event.key))) return;
  event.preventDefault();
  action();
}

/** Goes to the filters, wherever they are: turned off, hidden by an open record, or in a narrow screen's drawer. */
function focusFacets(): void {
  const facets = document.querySelector<HTMLElement>(".facets");
  if (facets?.offsetParent === null) {
    if (DRAWER.matches) panel.value = "facets";
    else if (!facetsShown.peek()) facetsShown.value = true;
    else closeRow();
  }
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".facets button")?.focus());
}

/** Scrolls by almost a window; some rows stay in view. */
function scrollRows(windows: 1 | -1): void {
  const rows = document.querySelector(".rows");
  rows?.scrollBy(0, windows * 0.9 * rows.clientHeight);
}

function escape(): void {
  if (panel.peek() !== "none") panel.value = "none";
  else if (isTyping(document.activeElement)) (document.activeElement as HTMLElement).blur();
  else if (!closeRow() && view.peek().screen === "overview") navigate({ screen: "rows" });
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Turns live on or off. */
export function toggleLive(): void {
  const { live } = view.peek();
  navigate({ live: !live, screen: "rows", around: undefined, open: undefined });
}

/** Goes to the overview, or back to the rows. */
export function toggleOverview(): void {
  navigate({ screen: view.peek().screen === "overview" ? "rows" : "overview", open: undefined });
}
