/** @module The Worker of {@linkcode WorkerBuilder}: one input in, one output back. */

import { CorruptDataError } from "../codec/mod.ts";
import { type BuildInput, buildSegments } from "./build.ts";
import type { BuilderReply } from "./builder.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<BuildInput>) => void;
  postMessage(reply: BuilderReply): void;
};

scope.onmessage = ({ data }) => scope.postMessage(reply(data));

function reply(input: BuildInput): BuilderReply {
  try {
    return { output: buildSegments(input) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: message, corrupt: error instanceof CorruptDataError };
  }
}
