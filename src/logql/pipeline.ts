import type { TextColumnName } from "../record.ts";
import type { LabelFilter, Matcher, NamedLabel, Stage } from "./ast.ts";
import { compileLabelFilter, compileMatcher, labelsOfFilter } from "./conditions.ts";
import { type Entry, ERROR_DETAILS_LABEL, ERROR_LABEL } from "./entry.ts";
import { compileLineFilter, type LineTest } from "./line_filters.ts";
import type { Regexes } from "./regexes.ts";
import { ALL_LABEL_COLUMNS, columnsOfLabel } from "./row_labels.ts";
import { compileStage, type Step } from "./stages.ts";

/** A compiled pipeline. What can be decided by a record as it is stored stands apart from what needs its steps, in order. */
export interface Pipeline {
  /** Conditions on stored labels, as those of a selector. */
  readonly matchers: readonly Matcher[];
  /** Conditions on the stored line. */
  readonly lineTests: readonly LineTest[];
  readonly steps: readonly Step[];
  /** How many of the steps must be done to know whether an entry is wanted. */
  readonly filterSteps: number;
  /** Whether a step may change the line. */
  readonly changesLine: boolean;
  /** The text columns that the steps read. */
  readonly columns: readonly TextColumnName[];
  /** The labels that the steps ask for; what parsers find beside them is for whoever comes after. */
  readonly reads: ReadonlySet<string>;
}

/** Compiles a pipeline. @throws {LogqlError} for a bad regular expression, pattern, path or template */
export function compilePipeline(stages: readonly Stage[], regexes: Regexes): Pipeline {
  const builder = new PipelineBuilder(regexes);
  for (const stage of stages) builder.add(stage);
  return builder.build();
}

/** Runs all steps on an entry; false: it is not wanted. */
export function runSteps(steps: readonly Step[], entry: Entry): boolean {
  for (const step of steps) if (!step(entry)) return false;
  return true;
}

class PipelineBuilder {
  readonly #regexes: Regexes;
  readonly #matchers: Matcher[] = [];
  readonly #lineTests: LineTest[] = [];
  readonly #steps: Step[] = [];
  readonly #columns = new Set<TextColumnName>();
  readonly #reads = new Set<string>();
  #filterSteps = 0;
  #changesLine = false;
  /** Whether a step may have changed labels. */
  #changesLabels = false;
  /** Whether a step may have failed. */
  #mayFail = false;

  constructor(regexes: Regexes) {
    this.#regexes = regexes;
  }

  add(stage: Stage): void {
    if (stage.kind === "line") {
      const test = compileLineFilter(stage, this.#regexes);
      if (test === undefined) return;
      if (!this.#changesLine) this.#lineTests.push(test);
      else this.#addFilter((entry) => test.passes(entry.line));
      return;
    }
    if (stage.kind === "label") return this.#addLabelFilter(stage.filter);
    if (stage.kind === "drop" && !this.#mayFail && stage.labels.every(isError)) return;
    const { step, readsLine, changesLine, labels } = compileStage(stage, this.#regexes);
    this.#steps.push(step);
    if (readsLine) this.#columns.add("message");
    this.#read(labels);
    this.#changesLine ||= changesLine;
    this.#changesLabels ||= stage.kind !== "line_format" && stage.kind !== "decolorize";
    this.#mayFail ||= labels === "all";
  }

  build(): Pipeline {
    return {
      matchers: this.#matchers,
      lineTests: this.#lineTests,
      steps: this.#steps,
      filterSteps: this.#filterSteps,
      changesLine: this.#changesLine,
      columns: [...this.#columns],
      reads: this.#reads,
    };
  }

  #addLabelFilter(filter: LabelFilter): void {
    if (filter.kind === "and") {
      this.#addLabelFilter(filter.left);
      this.#addLabelFilter(filter.right);
      return;
    }
    if (filter.kind === "match" && !this.#changesLabels) {
      const { matcher } = filter;
      if (!isError(matcher)) {
        this.#matchers.push(matcher);
        return;
      }
      // Nothing can have failed: there is no error to be found.
      if (!this.#mayFail && compileMatcher(matcher, this.#regexes).passes("")) return;
    }
    const test = compileLabelFilter(filter, this.#regexes);
    this.#read(labelsOfFilter(filter));
    this.#mayFail ||= filter.kind !== "match";
    this.#addFilter(test);
  }

  #addFilter(step: Step): void {
    this.#steps.push(step);
    this.#filterSteps = this.#steps.length;
  }

  #read(labels: readonly string[] | "all"): void {
    const columns = labels === "all"
      ? ALL_LABEL_COLUMNS
      : labels.filter((name) => !isError({ name })).flatMap(columnsOfLabel);
    for (const column of columns) this.#columns.add(column);
    if (labels !== "all") { for (const name of labels) this.#reads.add(name); }
  }
}

function isError({ name }: NamedLabel): boolean {
  return name === ERROR_LABEL || name === ERROR_DETAILS_LABEL;
}
