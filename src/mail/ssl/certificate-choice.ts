// ssl_certificate and ssl_certificate_key with variables: which certificates a client gets is found in its handshake.
import { type ByteString, ConfError } from '../../conf/directive.ts';
import type { CertificateStore } from '../../net/tls/certificate-store.ts';
import type { TlsChooser } from '../../net/tls/chooser.ts';
import { type ClientHello, UNREADABLE } from '../../net/tls/client-hello.ts';
import type { ServerTls } from '../../net/tls/context.ts';
import type { Value } from '../../script/value.ts';
import type { Session } from '../session/session.ts';
import { CertificateName } from './certificate-name.ts';

/** What OpenSSL says where there is no certificate. */
const NO_CERTIFICATE = 'SSL_do_handshake() failed (SSL: error:0A000179:SSL routines::cert cb error)';

export class CertificateChoice {
  readonly #named: CertificateStore<ServerTls>;
  readonly #certificates: readonly CertificateName[];
  readonly #keys: readonly CertificateName[];

  /** @param confPath makes a name absolute @param keys as many as certificates */
  constructor(
    named: CertificateStore<ServerTls>,
    confPath: (name: ByteString) => ByteString,
    certificates: readonly Value<Session>[],
    keys: readonly Value<Session>[],
  ) {
    const name = (value: Value<Session>): CertificateName => new CertificateName(value, confPath);
    this.#named = named;
    this.#certificates = certificates.map(name);
    this.#keys = keys.map(name);
  }

  chooser(session: Session): TlsChooser {
    return { choose: (hello) => this.#choose(session, hello) };
  }

  #choose(session: Session, hello: ClientHello): ServerTls | ByteString {
    // What cannot be read is refused by the library, in its own words.
    if (hello === UNREADABLE) return this.#named.bare;
    const { record } = session;
    if (record !== undefined) record.hello = isHost(hello.serverName) ? hello : { ...hello, serverName: undefined };
    record?.renew();
    try {
      const names = (list: readonly CertificateName[]): ByteString[] => list.map((name) => name.of(session));
      const tls = this.#named.find(names(this.#certificates), names(this.#keys), performance.now());
      if (record !== undefined) record.ownTls = tls;
      return tls;
    } catch (error) {
      if (!(error instanceof ConfError)) throw error;
      session.error(error.message);
      return NO_CERTIFICATE;
    }
  }
}

/** No path, nor a part of one that leads elsewhere. */
const isHost = (name: string | undefined): boolean => name !== undefined && /^(?!\.)(?!.*\.\.)[\w.-]+$/.test(name);
