import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import {
  type FacetAnswer,
  facets,
  loadOneFacet,
  longFacets,
  toggleLong,
} from "../state/facet_data.ts";
import { fieldLabel } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { compact } from "../state/numbers.ts";
import { openFacets } from "../state/preferences.ts";
import { SEVERITIES } from "../api/record.ts";
import { panel } from "../state/keys.ts";
import { FacetValue } from "./facet_value.tsx";

/** The commonest values, with counts: a click includes one, Alt and a click excludes it. */
export function Facets(): VNode {
  const names = facets.value.get("attr");
  const root = useRef<HTMLElement>(null);
  const isDrawer = panel.value === "facets";
  useEffect(() => isDrawer ? closedElsewhere(root.current!) : undefined, [isDrawer]);
  return (
    <nav
      ref={root}
      class={isDrawer ? "facets drawer" : "facets"}
      aria-label="Filter by value"
      onKeyDown={moveFocus}
    >
      <Facet field="severity" />
      <Facet field="service" />
      {names !== undefined && "values" in names &&
        names.values.map(({ value, count }) => (
          <AttributeFacet key={value} name={value} count={count} />
        ))}
    </nav>
  );
}

/** The arrows go from value to value. */
function moveFocus(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0 || !(event.target instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const root = event.currentTarget as HTMLElement;
  const items = [...root.querySelectorAll<HTMLElement>(".include, .fold, .facet-note button")];
  const at = items.findIndex((item) => item === event.target || item.nextSibling === event.target);
  items[at + step]?.focus();
}

/** Closes the drawer at a press elsewhere; gives back what ends that. */
function closedElsewhere(root: HTMLElement): () => void {
  const pressed = ({ target }: Event) => {
    const isOwn = target instanceof Element &&
      (root.contains(target) || target.closest(".filters"));
    if (!isOwn) panel.value = "none";
  };
  document.addEventListener("pointerdown", pressed);
  return () => document.removeEventListener("pointerdown", pressed);
}

function Facet({ field }: { field: string }): VNode {
  return (
    <section class="facet">
      <h2>
        {fieldLabel(field)}
        {field === "severity" && <LeastSeverity />}
      </h2>
      <Values field={field} answer={facets.value.get(field)} />
    </section>
  );
}

function AttributeFacet({ name, count }: { name: string; count: number }): VNode {
  const field = `attr.${name}`;
  const isOpen = openFacets.value.includes(field);
  return (
    <section class="facet attribute">
      <h2>
        <button
          type="button"
          class="fold"
          aria-expanded={isOpen}
          onClick={() => toggleOpen(field, isOpen)}
        >
          <i /> <span class="name">{name}</span> <em>{compact(count)}</em>
        </button>
      </h2>
      {isOpen && <Values field={field} answer={facets.value.get(field)} />}
    </section>
  );
}

function toggleOpen(field: string, isOpen: boolean): void {
  const others = openFacets.peek().filter((open) => open !== field);
  openFacets.value = isOpen ? others : [...others, field];
  if (!isOpen) loadOneFacet(field);
}

function LeastSeverity(): VNode {
  const { filters } = view.value;
  return (
    <select
      aria-label="Least severity"
      value={filters.minSeverity}
      onChange={(event) =>
        navigate({ filters: { ...filters, minSeverity: event.currentTarget.value } })}
    >
      <option value="">any ▾</option>
      {SEVERITIES.slice(1).map((severity) => (
        <option key={severity} value={severity}>≥ {severity}</option>
      ))}
    </select>
  );
}

function Values({ field, answer }: { field: string; answer: FacetAnswer | undefined }): VNode {
  if (answer === undefined) return <p class="facet-note">…</p>;
  if ("error" in answer) return <p class="facet-note wrong">{answer.error}</p>;
  const chosen = view.value.filters.terms.filter((term) =>
    term.field === field && !answer.values.some(({ value }) => value === term.value)
  );
  const values = [...answer.values, ...chosen.map(({ value }) => ({ value, count: 0 }))];
  if (field === "severity") values.sort((a, b) => rank(b.value) - rank(a.value));
  const total = values.reduce((sum, { count }) => sum + count, answer.others);
  if (values.length === 0) return <p class="facet-note">none</p>;
  return (
    <ul>
      {values.map(({ value, count }) => (
        <FacetValue
          key={value}
          field={field}
          value={value}
          count={count}
          share={count / Math.max(1, total)}
        />
      ))}
      <Rest field={field} others={answer.others} />
    </ul>
  );
}

/** What is not listed, and the way to it. */
function Rest({ field, others }: { field: string; others: number }): VNode | null {
  const isLong = longFacets.value.has(field);
  if (others === 0 && !isLong) return null;
  return (
    <li class="facet-note">
      {others > 0 && <span>{compact(others)} with other values</span>}
      <button type="button" class="link" onClick={() => toggleLong(field)}>
        {isLong ? "fewer" : "more"}
      </button>
    </li>
  );
}

function rank(severity: string): number {
  return SEVERITIES.indexOf(severity as typeof SEVERITIES[number]);
}
