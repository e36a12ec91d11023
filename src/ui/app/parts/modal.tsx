import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { panel } from "../state/keys.ts";
import { Icon } from "./icons.tsx";

/** A dialog over the page, closed by Esc or a click beside it. */
export function Modal({ title, children }: { title: string; children: ComponentChildren }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current!.showModal();
  }, []);
  const close = () => panel.value = "none";
  return (
    <dialog
      ref={dialog}
      aria-labelledby="modal-title"
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="modal">
        <header>
          <h2 id="modal-title">{title}</h2>
          <button type="button" class="tool only-icon" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
