import { Durations } from "./durations.ts";

/** What the background work of a store has done since it was opened; counts that only grow. */
export class WorkCounters {
  readonly flushes = new Durations();
  flushedRecords = 0;
  readonly compactions = new Durations();
  /** Records that were written again; each merge of a segment counts all of its records. */
  compactedRecords = 0;
  /** By deletion and by retention. */
  deletedRecords = 0;
  /** Of these, by retention for their age … */
  agedRecords = 0;
  /** … and for want of room. */
  crowdedRecords = 0;
}
