/** The run cannot go on; the message is one sentence for whoever started it. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
}
