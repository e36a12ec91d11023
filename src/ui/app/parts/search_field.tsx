import { signal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { ApiError } from "../api/client.ts";
import { checkQuery, queryProblem } from "../state/query_check.ts";
import { navigate, view } from "../state/navigation.ts";
import { wrongPart } from "../state/wrong_part.ts";
import { rowsError } from "../state/results.ts";
import { rememberQuery } from "../state/searches.ts";
import { Icon } from "./icons.tsx";
import { SearchMenu } from "./search_menu.tsx";

/** The text in the field, which is not searched for before Enter. */
const draft = signal(view.peek().filters.q);
const isFocused = signal(false);

/** The search line: marks what is wrong where it is wrong, and offers what was searched before. */
export function SearchField(): VNode {
  const field = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    draft.value = view.value.filters.q;
  });
  const problem = problemOf(draft.value);
  const scroll = () => mirror.current!.scrollLeft = field.current!.scrollLeft;
  const isChanged = draft.value !== view.value.filters.q;
  return (
    <div
      class="search"
      role="search"
      onFocusIn={() => isFocused.value = true}
      onFocusOut={leave}
    >
      <Icon name="search" />
      <div class="search-text">
        <div class="mirror" ref={mirror} aria-hidden="true">{underlined(draft.value, problem)}</div>
        <input
          id="search"
          ref={field}
          type="text"
          value={draft.value}
          placeholder="Search messages"
          aria-label="Search messages"
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : "search-problem"}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => change(event.currentTarget.value)}
          onScroll={scroll}
          onKeyDown={(event) => key(event, field.current!)}
        />
      </div>
      {draft.value === "" && <kbd aria-hidden="true">/</kbd>}
      {isChanged && problem === undefined && <span class="hint">Enter</span>}
      {draft.value !== "" && (
        <button
          type="button"
          class="bare"
          aria-label="Clear the search"
          onClick={() => search("")}
        >
          <Icon name="close" />
        </button>
      )}
      {problem !== undefined && (
        <p id="search-problem" class="search-problem" role="alert">{problem.sentence}</p>
      )}
      {isFocused.value && problem === undefined && (
        <SearchMenu
          draft={draft.value}
          choose={(q) => search(q, field.current)}
        />
      )}
    </div>
  );
}

interface Problem {
  readonly offset: number;
  readonly sentence: string;
}

function problemOf(q: string): Problem | undefined {
  const typed = queryProblem.value;
  if (typed?.q === q) return typed;
  const error = rowsError.value;
  if (!(error instanceof ApiError) || q !== view.value.filters.q) return undefined;
  const offset = error.queryOffset;
  return offset === undefined ? undefined : { offset, sentence: sentenceAlone(error.message) };
}

/** The server's sentence without the part that the underline says better. */
function sentenceAlone(message: string): string {
  const text = message.replace(/^Cannot read "q" at offset \d+: /, "");
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function underlined(q: string, problem: Problem | undefined) {
  if (problem === undefined) return q;
  const [start, end] = wrongPart(q, problem.offset);
  return [q.slice(0, start), <u key="wrong">{q.slice(start, end)}</u>, q.slice(end)];
}

function change(q: string): void {
  draft.value = q;
  checkQuery(q, sentenceAlone);
}

function key(event: KeyboardEvent, field: HTMLInputElement): void {
  if (event.key === "Enter") search(draft.peek(), field);
  if (event.key === "ArrowDown") {
    const first = document.querySelector<HTMLElement>(".search-menu button");
    if (first !== null) event.preventDefault();
    first?.focus();
  }
}

function search(q: string, field?: HTMLInputElement | null): void {
  draft.value = q;
  rememberQuery(q);
  navigate({ filters: { ...view.peek().filters, q }, screen: "rows", around: undefined });
  // With the keyboard back on the page, j and k move at once.
  field?.blur();
  isFocused.value = false;
}

function leave(event: FocusEvent): void {
  const to = event.relatedTarget;
  const stays = to instanceof Node && (event.currentTarget as HTMLElement).contains(to);
  if (!stays) isFocused.value = false;
}
