import { Component, createRef, type VNode } from "preact";
import { activeKey, isFollowing, isScrolledUp, isSelecting } from "../state/live.ts";
import { isGraveOnly } from "../state/filters.ts";
import { view } from "../state/navigation.ts";
import { dense, utc, wrap } from "../state/preferences.ts";
import type { Results } from "../state/results.ts";
import { isNarrow, rowHeight } from "../state/row_height.ts";
import { rowsInView, wantedIndex } from "../state/row_moves.ts";
import { expandedKeys, Row, type RowLook, rowLook } from "./row.tsx";
import { ScrollScale } from "./scroll_scale.ts";

/** Rows outside the window that are laid out, so that a small scroll shows nothing empty. */
const OVERSCAN = 8;
/** How long the window stands still before rows are loaded: whoever drags the scroll bar passes over thousands. */
const SETTLE_MS = 60;
/** How near to the end counts as the end, in pixels. */
const END_PX = 4;

/** The list of records: of all its rows only those in the window are in the document. */
export class Rows extends Component<{ results: Results }> {
  readonly #scroller = createRef<HTMLDivElement>();
  readonly #window = createRef<HTMLDivElement>();
  readonly #scale = new ScrollScale();
  #viewport = 600;
  #from = 0;
  #to = 0;
  #loadTimer: ReturnType<typeof setTimeout> | undefined;
  #resizes: ResizeObserver | undefined;
  #width = 0;

  override componentDidMount(): void {
    const scroller = this.#scroller.current!;
    this.#resizes = new ResizeObserver(() => this.#resized(scroller));
    this.#resizes.observe(scroller);
    document.addEventListener("selectionchange", this.#selectionChanged);
    this.#resized(scroller);
    this.#settle();
  }

  override componentWillUnmount(): void {
    this.#resizes?.disconnect();
    clearTimeout(this.#loadTimer);
    document.removeEventListener("selectionchange", this.#selectionChanged);
    isScrolledUp.value = false;
    isSelecting.value = false;
  }

  override componentDidUpdate(): void {
    this.#settle();
  }

  override render({ results: { list } }: { results: Results }): VNode {
    void list.version.value;
    void expandedKeys.value;
    list.setRowHeight(rowHeight.value);
    this.#bringWanted();
    this.#scale.resize(list.height, this.#viewport);
    const top = this.#top();
    this.#from = Math.max(0, list.indexAt(top) - OVERSCAN);
    this.#to = Math.min(list.count, list.indexAt(top + this.#viewport) + 1 + OVERSCAN);
    const look = rowLook(list, view.value.filters.q);
    return (
      <div
        class={className()}
        ref={this.#scroller}
        onScroll={this.#scrolled}
        tabIndex={0}
        role="grid"
        aria-label="Records"
        aria-rowcount={list.count}
        aria-activedescendant={activeKey.value === undefined ? undefined : `row${activeKey.value}`}
      >
        <div
          class="rows-space"
          role="presentation"
          style={{ height: `${this.#scale.physicalHeight}px` }}
        >
          <div class="rows-window" role="rowgroup" ref={this.#window}>{this.#rows(look)}</div>
        </div>
      </div>
    );
  }

  #rows(look: RowLook): VNode[] {
    const { list } = this.props.results;
    const rows: VNode[] = [];
    for (let index = this.#from; index < this.#to; index++) {
      const row = list.rowAt(index);
      const key = row?.key ?? `at${index}`;
      rows.push(<Row key={key} row={row} index={index} look={look} />);
    }
    return rows;
  }

  /** The virtual position of the window's upper edge. */
  #top(): number {
    const { list } = this.props.results;
    return list.atEnd ? this.#scale.topMax : Math.min(list.heldAt(), this.#scale.topMax);
  }

  /** After the document has the rows: measure them, and put everything where it belongs. */
  #settle(): void {
    const scroller = this.#scroller.current;
    const rows = this.#window.current;
    if (scroller === null || rows === null) return;
    const { list } = this.props.results;
    if (this.#measure(rows)) return; // The list has changed and is drawn once more before anyone sees it.
    const top = this.#top();
    const physical = this.#scale.toPhysical(top);
    rows.style.top = `${physical + list.topOf(this.#from) - top}px`;
    if (Math.abs(scroller.scrollTop - physical) >= 1) scroller.scrollTop = physical;
    this.#note(top);
    clearTimeout(this.#loadTimer);
    this.#loadTimer = setTimeout(() => this.#look(), SETTLE_MS);
  }

  #look(): void {
    const { list, loader } = this.props.results;
    const margin = 2 * (this.#to - this.#from);
    loader.look(Math.max(0, this.#from - margin), Math.min(list.count, this.#to + margin));
  }

  #measure(rows: HTMLDivElement): boolean {
    if (!wrap.peek() && expandedKeys.peek().size === 0) return false;
    const { list } = this.props.results;
    const heights = new Map<number, number>();
    for (const [i, child] of [...rows.children].entries()) {
      const row = list.rowAt(this.#from + i);
      if (row !== undefined) heights.set(row.key, child.getBoundingClientRect().height);
    }
    return list.measured(heights);
  }

  #note(top: number): void {
    const { list } = this.props.results;
    const from = list.indexAt(top);
    // The last row counts if all of it is seen.
    const to = list.indexAt(Math.max(0, top + this.#viewport - rowHeight.peek() / 2)) + 1;
    const before = rowsInView.peek();
    if (before.from !== from || before.to !== to) rowsInView.value = { from, to };
  }

  readonly #scrolled = (): void => {
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    const { list } = this.props.results;
    const before = this.#top();
    if (Math.abs(scroller.scrollTop - this.#scale.toPhysical(before)) < 1) return; // Our own doing.
    const top = this.#scale.toVirtual(scroller.scrollTop, before);
    this.#goTo(top);
    isScrolledUp.value = !list.atEnd;
    this.forceUpdate();
  };

  #goTo(top: number): void {
    const { list } = this.props.results;
    list.atEnd = top >= this.#scale.topMax - END_PX;
    list.holdAt(Math.max(0, Math.min(top, this.#scale.topMax)));
  }

  #bringWanted(): void {
    const wanted = wantedIndex.value;
    if (wanted === undefined) return;
    queueMicrotask(() => wantedIndex.value = undefined);
    const { list } = this.props.results;
    this.#scale.resize(list.height, this.#viewport);
    const rowTop = list.topOf(wanted.index);
    const rowBottom = list.topOf(wanted.index + 1);
    const top = this.#top();
    if (wanted.place === "middle") this.#goTo(rowTop - this.#viewport / 2);
    else if (rowTop < top) this.#goTo(rowTop);
    else if (rowBottom > top + this.#viewport) this.#goTo(rowBottom - this.#viewport);
    const isUp = !list.atEnd;
    queueMicrotask(() => isScrolledUp.value = isUp);
  }

  #resized(scroller: HTMLElement): void {
    const { list } = this.props.results;
    this.#viewport = scroller.clientHeight;
    if (scroller.clientWidth !== this.#width) {
      this.#width = scroller.clientWidth;
      list.forgetMeasures();
    }
    this.forceUpdate();
  }

  readonly #selectionChanged = (): void => {
    const selection = getSelection();
    const inside = selection !== null && !selection.isCollapsed &&
      this.#scroller.current?.contains(selection.anchorNode) === true;
    if (isSelecting.peek() !== inside) isSelecting.value = inside;
  };
}

function className(): string {
  const names = ["rows"];
  if (wrap.value) names.push("wrap");
  if (!dense.value) names.push("roomy");
  if (isNarrow.value) names.push("two-line");
  if (utc.value) names.push("utc");
  if (isFollowing.value) names.push("following");
  if (view.value.around === undefined && isGraveOnly(view.value.filters)) names.push("grave-only");
  return names.join(" ");
}
