// The name of a certificate or key that has variables: what a client says must not lead to a file elsewhere.
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { FixedFolder } from '../../script/fixed-folder.ts';
import type { Value } from '../../script/value.ts';
import type { Session } from '../session/session.ts';

export class CertificateName {
  readonly #value: Value<Session>;
  readonly #confPath: (name: ByteString) => ByteString;
  readonly #folder: FixedFolder<Session>;

  /** @param confPath makes a name absolute */
  constructor(value: Value<Session>, confPath: (name: ByteString) => ByteString) {
    this.#value = value;
    this.#confPath = confPath;
    this.#folder = new FixedFolder(value, confPath);
  }

  /** @throws ConfError where it lies outside of the folder that the configuration writes before the first variable */
  of(session: Session): ByteString {
    const name = this.#value.of(session);
    if (name === '' || name.startsWith('data:') || this.#folder.holds(this.#confPath(name))) return name;
    throw new ConfError(`"${name}" is outside of "${this.#folder.path}"`);
  }
}
