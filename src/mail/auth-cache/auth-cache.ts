// auth_http_cache: the answers of an auth server, for one mail server. A reload forgets them, and so does each worker.
import { randomBytes } from 'node:crypto';
import { ownCopy } from '../../core/own-copy.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import type { CustomLines } from '../auth-http/custom-headers.ts';
import type { AuthReply } from '../auth-http/reply.ts';
import type { Session } from '../session/session.ts';
import type { AuthCacheConf } from './conf.ts';
import { type ReplyKey, replyKey } from './reply-key.ts';
import { ReplyStore, type StoredReply } from './reply-store.ts';
import { seal, unseal } from './seal.ts';

/** What servers share that name the same zone. */
export class AuthZone {
  readonly secret = randomBytes(32);
  readonly replies: ReplyStore;
  readonly #ways: ClientTls[] = [];

  constructor(bytes: number) {
    this.replies = new ReplyStore(bytes);
  }

  /** Tells ways apart in which auth servers are judged: what one of them takes for an answer is none to the others. */
  wayOf(tls: ClientTls): number {
    if (!this.#ways.includes(tls)) this.#ways.push(tls);
    return this.#ways.indexOf(tls);
  }
}

export class AuthCache {
  readonly #zone: AuthZone;
  readonly #conf: AuthCacheConf;
  readonly #scope: CustomLines;

  /** @param scope what tells this auth server, its request and the protocol from others */
  constructor(zone: AuthZone, conf: AuthCacheConf, scope: CustomLines) {
    this.#zone = zone;
    this.#conf = conf;
    this.#scope = scope;
  }

  /** Where the answer to the question at hand is; undefined: nowhere. */
  keyOf(session: Session): ReplyKey | undefined {
    const by = Buffer.from(this.#conf.key?.of(session) ?? session.clientText, 'latin1');
    const scope = typeof this.#scope === 'function' ? this.#scope(session) : this.#scope;
    return replyKey(this.#zone.secret, scope, session, by);
  }

  /** The answer as if it had just come. */
  find(key: ReplyKey): AuthReply | undefined {
    const known = this.#zone.replies.get(key.id, performance.now());
    if (known === undefined) return undefined;
    const pass = known.sealedPass === undefined ? undefined : unseal(key.seal, known.sealedPass);
    if (known.sealedPass !== undefined && pass === undefined) return undefined;
    const { sealedPass: _, ...said } = known;
    return { ...said, wait: false, user: said.user && ownCopy(said.user), pass };
  }

  /** A copy of an answer, before it is used up. */
  copyOf(key: ReplyKey, reply: AuthReply): StoredReply {
    const { pass, wait: _, ...said } = reply;
    const sealedPass = pass === undefined ? undefined : seal(key.seal, pass);
    return { ...said, user: said.user && ownCopy(said.user), sealedPass };
  }

  /** @param accepts the answer lets the client in */
  keep(key: ReplyKey, reply: StoredReply, accepts: boolean): void {
    const { okMs, failMs } = this.#conf;
    const forMs = accepts ? okMs : failMs;
    if (forMs > 0) this.#zone.replies.set(key.id, reply, performance.now() + forMs);
  }

  /** The backend did not take what the answer said. */
  forget(key: ReplyKey): void {
    this.#zone.replies.remove(key.id);
  }
}
