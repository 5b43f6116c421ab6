// proxy_ssl_pin and its like: the certificates that a server may show.
import { args, type ContextName, type Directive, Fault } from '../../conf/directive.ts';

export interface HasPins {
  pins: Buffer[] | undefined;
}

/** As OpenSSL and others print it: with colons or without. */
const DIGEST = /^[0-9a-f]{64}$/i;

/** Repeated directives add to the list. @param who has to show one, for the documentation */
export const pinDirective = (name: string, contexts: readonly ContextName[], who: string): Directive<HasPins> => ({
  name,
  contexts,
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax: `${name} sha256 ...;`,
    summary:
      `SHA-256 of certificates, in hexadecimal: ${who} has to show one of them. ` +
      'The digest is of the whole certificate.',
  },
  set: (_cf, values, conf) => {
    const pins = conf.pins ?? [];
    conf.pins = pins;
    for (const text of values) {
      const digits = text.replaceAll(':', '');
      if (!DIGEST.test(digits)) return new Fault(`has invalid SHA-256 "${text}"`);
      pins.push(Buffer.from(digits, 'hex'));
    }
    return undefined;
  },
});
