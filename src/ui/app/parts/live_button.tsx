import type { VNode } from "preact";
import { toggleLive } from "../state/keys.ts";
import { connection, isFollowing } from "../state/live.ts";
import { view } from "../state/navigation.ts";

/** Turns live on and off, and says how it is doing. */
export function LiveButton(): VNode {
  const { live } = view.value;
  const state = live ? liveState() : "off";
  return (
    <button
      type="button"
      class={`tool live ${state}`}
      aria-pressed={live}
      title="Follow new records (l)"
      onClick={toggleLive}
    >
      <i class="dot" />
      <span class="live-text">{LABELS[state]}</span>
    </button>
  );
}

const LABELS = {
  off: "Live",
  following: "Live",
  paused: "Paused",
  connecting: "Connecting",
  broken: "Reconnecting",
} as const;

function liveState(): keyof typeof LABELS {
  if (connection.value === "connecting") return "connecting";
  if (connection.value === "broken") return "broken";
  return isFollowing.value ? "following" : "paused";
}
