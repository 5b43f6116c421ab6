// ALPN's lists of names in the form of the wire (RFC 7301): there are few, and every handshake needs one.

export class ProtocolNames {
  readonly #known = new WeakMap<readonly string[], Buffer>();

  /** Each name behind its length. The same list gives the same bytes. */
  onTheWire(names: readonly string[]): Buffer {
    const known = this.#known.get(names);
    if (known !== undefined) return known;
    const bytes = Buffer.from(names.map((name) => String.fromCharCode(name.length) + name).join(''), 'latin1');
    this.#known.set(names, bytes);
    return bytes;
  }
}
