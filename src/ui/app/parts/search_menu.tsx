import type { VNode } from "preact";
import { isFiltered } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { dropSearch, recentQueries, savedSearches, saveSearch } from "../state/searches.ts";
import { say } from "../state/toast.ts";
import { formatView, parseView, type View } from "../state/view.ts";
import { Icon } from "./icons.tsx";
import { SyntaxTable } from "./help.tsx";

interface SearchMenuProps {
  readonly draft: string;
  choose(q: string): void;
}

/** What was searched before, what was saved, and how a query is written. */
export function SearchMenu({ draft, choose }: SearchMenuProps): VNode {
  const recent = recentQueries.value.filter((q) => q !== draft && q.includes(draft));
  const saved = savedSearches.value;
  return (
    <div class="search-menu" onKeyDown={moveFocus}>
      {recent.length > 0 && <h2>Recent</h2>}
      {recent.map((q) => (
        <button type="button" class="item" key={q} onClick={() => choose(q)}>
          <code>{q}</code>
        </button>
      ))}
      {saved.length > 0 && <h2>Saved</h2>}
      {saved.map(({ label, url }) => (
        <div class="saved" key={label}>
          <button type="button" class="item" onClick={() => open(url)}>
            <Icon name="star" /> {label}
          </button>
          <button
            type="button"
            class="bare"
            aria-label={`Forget ${label}`}
            onClick={() => dropSearch(label)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      {isFiltered(view.value.filters) && (
        <button
          type="button"
          class="item save"
          onClick={() => save(view.peek())}
        >
          <Icon name="star" /> Save this search
        </button>
      )}
      <h2>How to search</h2>
      <SyntaxTable />
    </div>
  );
}

function open(url: string): void {
  navigate(parseView(url));
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

function save(now: View): void {
  const label = labelOf(now);
  saveSearch({ label, url: formatView({ ...now, open: undefined, live: false }) });
  say(`Saved as ${label}`);
}

/** What a search is about, in few words. */
function labelOf({ filters, range }: View): string {
  const terms = filters.terms.map(({ value, not }) => (not ? `−${value}` : value));
  const least = filters.minSeverity === "" ? [] : [`≥ ${filters.minSeverity}`];
  const time = range.kind === "last" ? `last ${range.duration}` : range.kind === "all" ? "" : "";
  return [filters.q, ...least, ...terms, time].filter((part) => part !== "").join(" · ");
}

function moveFocus(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>("button.item")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = items[at + (event.key === "ArrowDown" ? 1 : -1)];
  (next ?? document.getElementById("search"))?.focus();
}
