/** An address to listen on. */
export interface ListenAddress {
  readonly transport: "tcp" | "udp" | "tls";
  readonly host: string;
  /** 0: the system picks a free one. */
  readonly port: number;
}

/** A transport and `://`, if any; a name, an IPv4 address, or an IPv6 address in brackets; a port. */
const ADDRESS = /^(?:(tcp|udp|tls):\/\/)?(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):([0-9]{1,5})$/;

const PORT_MAX = 65_535;

/**
 * Reads addresses such as `127.0.0.1:5514, tls://0.0.0.0:6514`, between commas.
 * @param unnamed the transports of an address that names none
 * @throws {RangeError} with a sentence that says what was found and what would be right
 */
export function parseListenAddresses(
  text: string,
  unnamed: readonly ListenAddress["transport"][],
): ListenAddress[] {
  return text.split(",").map((part) => part.trim()).flatMap((part) => {
    const [, named, host = "", digits = ""] = ADDRESS.exec(part) ?? [];
    const port = Number(digits);
    if (host === "" || port > PORT_MAX) {
      throw new RangeError(
        `${JSON.stringify(part)} is no address to listen on; give one such as 127.0.0.1:5514, ` +
          "[::1]:5514, tcp://0.0.0.0:601, udp://0.0.0.0:514 or tls://0.0.0.0:6514",
      );
    }
    const transports = named === undefined ? unnamed : [named as ListenAddress["transport"]];
    return transports.map((transport) => ({
      transport,
      host: host.replace(/^\[|\]$/g, ""),
      port,
    }));
  });
}

/** An address as it is written; of one in use. */
export function showAddress({ transport, host, port }: ListenAddress): string {
  return `${transport}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
