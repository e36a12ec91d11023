import { REFUSED_NAMED_MAX } from "./limits.ts";
import type { SourceList } from "./source_list.ts";

/** Decides who may send, and says once of each stranger that it may not. */
export class Gatekeeper {
  readonly #named = new Set<string>();

  constructor(readonly sources: SourceList, readonly log: (line: string) => void) {}

  /** Whether a source may send by its address alone. */
  knows(address: string): boolean {
    return this.sources.has(address);
  }

  /** Tells the operator of a source that was refused. @param what what it sent, such as `syslog` */
  refused(address: string, what: string): void {
    if (this.#named.has(address) || this.#named.size === REFUSED_NAMED_MAX) return;
    this.#named.add(address);
    this.log(`Refused ${what} from ${address}: it is not among those that --syslog-allow names`);
  }
}
