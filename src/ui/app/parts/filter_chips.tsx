import type { VNode } from "preact";
import { fieldLabel, type Filters, NO_FILTERS, type Term, withoutTerm } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { results } from "../state/results.ts";
import { Icon } from "./icons.tsx";

/** What is filtered now; a click on a filter takes it away. */
export function FilterChips(): VNode | null {
  const { filters, around } = view.value;
  if (around !== undefined) return <AroundChip id={around} />;
  if (filters.terms.length === 0 && filters.minSeverity === "") return null;
  const count = filters.terms.length + (filters.minSeverity === "" ? 0 : 1);
  return (
    <div class="chips" role="group" aria-label="Filters">
      {filters.minSeverity !== "" && (
        <Chip
          label="severity ≥"
          value={filters.minSeverity}
          not={false}
          remove={() => apply({ ...filters, minSeverity: "" })}
        />
      )}
      {filters.terms.map((term) => <TermChip key={`${term.field} ${term.value}`} term={term} />)}
      {count > 1 && (
        <button
          type="button"
          class="link"
          onClick={() => apply({ ...NO_FILTERS, q: filters.q })}
        >
          Clear all
        </button>
      )}
    </div>
  );
}

function TermChip({ term }: { term: Term }): VNode {
  const label = `${fieldLabel(term.field)} ${term.not ? "≠" : "="}`;
  return (
    <Chip
      label={label}
      value={term.value}
      not={term.not}
      remove={() => apply(withoutTerm(view.peek().filters, term))}
    />
  );
}

interface ChipProps {
  readonly label: string;
  readonly value: string;
  readonly not: boolean;
  remove(): void;
}

function Chip({ label, value, not, remove }: ChipProps): VNode {
  return (
    <button
      type="button"
      class={not ? "chip not" : "chip"}
      title="Remove this filter"
      onClick={remove}
    >
      <span>{label}</span> <b>{value === "" ? "(empty)" : value}</b>
      <Icon name="close" />
    </button>
  );
}

function AroundChip({ id }: { id: number }): VNode {
  const record = results.value?.around;
  return (
    <div class="chips" role="group" aria-label="Filters">
      <Chip
        label="around"
        value={record === undefined ? `record ${id}` : `record ${id} in ${record.service}`}
        not={false}
        remove={() => navigate({ around: undefined })}
      />
    </div>
  );
}

function apply(filters: Filters): void {
  navigate({ filters });
}
