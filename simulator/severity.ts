/** The severities of the public API, in ascending order. The simulator is a client: it keeps its own list. */
export const SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"] as const;

/** The name of a severity as the API spells it. */
export type Severity = (typeof SEVERITIES)[number];
