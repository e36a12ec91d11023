import { BlockList, isIP } from "node:net";

/** Who may send: single addresses and networks. */
export class SourceList {
  readonly #list = new BlockList();

  /**
   * Reads addresses and networks (RFC 4632) between commas, such as `10.0.0.0/8, fd00::/8, 192.0.2.7`; `none` for nobody.
   * @throws {RangeError} with a sentence that says what was found and what would be right
   */
  static parse(text: string): SourceList {
    const sources = new SourceList();
    if (text.trim() === "none") return sources;
    for (const part of text.split(",")) sources.#add(part.trim());
    return sources;
  }

  /** This machine alone. */
  static loopback(): SourceList {
    return SourceList.parse("127.0.0.0/8, ::1");
  }

  #add(part: string): void {
    const [address = "", prefix, ...more] = part.split("/");
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    const isNumber = prefix === undefined || /^[0-9]{1,3}$/.test(prefix);
    if (family === 0 || !isNumber || length > bits || more.length > 0) {
      throw new RangeError(
        `${JSON.stringify(part)} is no address or network; give some such as 192.0.2.7, ` +
          "10.0.0.0/8 or fd00::/8, with commas between them, or none",
      );
    }
    this.#list.addSubnet(address, length, family === 4 ? "ipv4" : "ipv6");
  }

  /** Whether a source is among them. IPv4 addresses may come as IPv6 ones, as dual-stack sockets have them. */
  has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 4 ? "ipv4" : "ipv6");
  }
}
