/** What a format's listeners tell, by the ends of the names in `/metrics`. */
export interface SocketFigures {
  readonly connections_open: number;
  readonly connections_refused_total: number;
  readonly datagrams_refused_total: number;
  readonly datagrams_dropped_total: number;
  readonly records_stored_total: number;
  readonly records_lost_total: number;
}

/** What the listeners of one format count of themselves since the start. */
export class SocketCounters {
  connectionsOpen = 0;
  connectionsRefused = 0;
  datagramsRefused = 0;
  /** Datagrams that were dropped because too many waited for the store. */
  datagramsDropped = 0;
  recordsStored = 0;
  /** Records that were received and could not be stored before the end. */
  recordsLost = 0;

  figures(): SocketFigures {
    return {
      connections_open: this.connectionsOpen,
      connections_refused_total: this.connectionsRefused,
      datagrams_refused_total: this.datagramsRefused,
      datagrams_dropped_total: this.datagramsDropped,
      records_stored_total: this.recordsStored,
      records_lost_total: this.recordsLost,
    };
  }
}
