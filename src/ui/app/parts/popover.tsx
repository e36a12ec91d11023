import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { panel } from "../state/keys.ts";
import { Icon } from "./icons.tsx";

/** The name of a panel that can be open. */
type PanelName = Exclude<typeof panel.value, "none">;

interface PopoverProps {
  readonly name: PanelName;
  readonly label: string;
  readonly icon?: Parameters<typeof Icon>[0]["name"];
  /** What the button shows beside the icon. */
  readonly text?: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

/** A button and the panel that it opens; Esc and a click elsewhere close it. */
export function Popover(props: PopoverProps): VNode {
  const { name, label, icon, text, hint, children } = props;
  const root = useRef<HTMLDivElement>(null);
  const isOpen = panel.value === name;
  useEffect(() => isOpen ? heldOpen(root.current!) : undefined, [isOpen]);
  return (
    <div class={`popover ${name}`} ref={root}>
      <button
        type="button"
        class={text === undefined ? "tool only-icon" : "tool"}
        aria-label={text === undefined ? label : undefined}
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        title={hint ?? label}
        onClick={() => panel.value = isOpen ? "none" : name}
      >
        {icon !== undefined && <Icon name={icon} />}
        {text !== undefined && <span class="tool-text">{text}</span>}
      </button>
      {isOpen && <div class="panel" role="dialog" aria-label={label}>{children}</div>}
    </div>
  );
}

/** Puts the focus into an open panel, and gives back what ends that. */
function heldOpen(root: HTMLElement): () => void {
  const before = document.activeElement;
  const chosen = root.querySelector<HTMLElement>(".panel [aria-pressed=true]");
  const first = root.querySelector<HTMLElement>(".panel :is(input, button, a, select)");
  (chosen ?? first)?.focus();
  const elsewhere = (event: Event) => {
    if (!root.contains(event.target as Node)) panel.value = "none";
  };
  document.addEventListener("pointerdown", elsewhere);
  return () => {
    document.removeEventListener("pointerdown", elsewhere);
    if (root.contains(document.activeElement) || document.activeElement === document.body) {
      if (before instanceof HTMLElement) before.focus();
    }
  };
}
