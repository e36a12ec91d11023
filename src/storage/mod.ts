/** @module The storage engine's public surface. */
export { Durations } from "./durations.ts";
export {
  DatabaseError,
  IdempotencyConflictError,
  OpenError,
  OutcomeUnknownError,
  OverloadedError,
  type RefusalReason,
} from "./errors.ts";
export { type LockHolder, readLockHolder } from "./lock.ts";
export { EngineStore, openStore, type OpenStoreOptions } from "./store.ts";
export type { Log } from "./state.ts";
export type { CommitListener } from "./subscription.ts";
export type {
  Appended,
  DeleteSpec,
  Digest,
  DigestVisitor,
  DiskFigures,
  IdempotencyKey,
  Instant,
  NotReady,
  OrderedScanSpec,
  Position,
  RecordScan,
  RowPredicate,
  ScanSpec,
  Snapshot,
  Store,
  StreamTotal,
  TokenTable,
  Visitor,
  WholeRun,
} from "./types.ts";
