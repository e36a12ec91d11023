/** @module Every bound of the simulator, with its reason. */

/** A Worker costs about 15 MB: 200 are 3 GB, and far more services than a small team runs. */
export const SERVICES_MAX = 200;

/** Records per second of one service; beyond it, 0 (as fast as the server takes) says what is meant. */
export const RATE_MAX = 1_000_000;

/** Records in a batch: at about 400 bytes each 4 MB, a quarter of the largest body that the server takes. */
export const BATCH_MAX = 10_000;

/** A record waits this long at most for its batch to fill, as shippers have it: the tail stays lively at low rates. */
export const LINGER_MS = 2_000;

/** A service that is later than this beyond the linger does not catch up: the missed records are counted as delayed. */
export const LATENESS_MS_MAX = 1_000;

/** After the end, what was due before it is still sent for this long. */
export const DRAIN_MS_MAX = 1_000;

/** The main thread hears from a Worker, and redraws, at most this often: 4 times a second is as fast as one reads. */
export const REPORT_INTERVAL_MS = 250;

/** Without a terminal, a line of progress this often. */
export const PROGRESS_LINE_INTERVAL_MS = 5_000;

/** Should a run be killed, its tokens end by themselves: this long after its planned end. */
export const TOKEN_SPARE_MS = 3_600_000;

/** The same after the start of a run without a planned end: 30 days. */
export const TOKEN_OPEN_MS = 30 * 24 * 3_600_000;

/** A service whose batches are refused this often in a row has a fault that sending more will not mend. */
export const REFUSALS_IN_A_ROW_MAX = 10;

/** One attempt at a request: a server that cannot store answers 503 within milliseconds, one that is gone never does. */
export const ATTEMPT_MS_MAX = 15_000;

/** Attempts without any success go on for this long: a restart of the server, with its replay, takes a few seconds. */
export const PATIENCE_MS = 60_000;

/** The same at the start, when a wrong address is likelier than a restart. */
export const START_PATIENCE_MS = 5_000;

/** The same once the run is to stop. */
export const STOP_PATIENCE_MS = 5_000;

/** The main thread ends Workers that have not stopped by then: one attempt and the patience of a stop, and some. */
export const STOP_MS_MAX = ATTEMPT_MS_MAX + STOP_PATIENCE_MS + 2_000;

/** The first pause between attempts, doubled each time, and the longest. */
export const BACKOFF_FIRST_MS = 100;
export const BACKOFF_MS_MAX = 5_000;

/**
 * The server remembers 1,000,000 idempotency keys for 24 hours and then refuses more, so a run may use up half of them.
 * At full speed with small batches that is minutes; what is sent after goes without a key, and is not sent again when
 * its fate is unknown. A canary needs to know every record's fate and always sends keys.
 */
export const KEYS_PER_RUN_MAX = 500_000;

/** The simulated day of a run without an end, or with a long one: a second is a minute of it. */
export const DAY_MS = 1_440_000;

/** The length of a simulated day in records where the rate is unbounded. */
export const UNPACED_SLOTS_PER_DAY = 100_000;
