// The users of an affinity zone as a worker sees them: asked of its master, or of a table of its own.
import { hash } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import { type AffinityRules, AffinityTable } from './table.ts';

/** What becomes of a user's session. `drop`: it has never come to be. */
export type AffinityStep = 'move' | 'end' | 'drop';

/** Another process that knows of all workers. It may be slow, or gone. */
export interface RemoteAffinity {
  join(zone: ByteString): void;
  /** @param done called with where the user belongs, or after a while without */
  claim(
    zone: ByteString,
    user: ByteString,
    server: ByteString,
    rules: AffinityRules,
    done: (server: ByteString | undefined) => void,
  ): void;
  tell(zone: ByteString, user: ByteString, server: ByteString, rules: AffinityRules, step: AffinityStep): void;
}

/** What a user takes of a zone. */
const USER_BYTES = 256;
/** Of a digest: enough to tell users apart, and nobody's name. */
const KEY_LENGTH = 22;

/** Users by digests of their names, which others need not know. */
export const userKey = (text: ByteString): ByteString =>
  hash('sha256', Buffer.from(text, 'latin1'), 'base64').slice(0, KEY_LENGTH);

export class AffinityZone {
  readonly name: ByteString;
  readonly #users: number;
  readonly #own = new AffinityTable<AffinityZone>();
  #remote: RemoteAffinity | undefined;

  constructor(name: ByteString, bytes: number) {
    this.name = name;
    this.#users = Math.floor(bytes / USER_BYTES);
  }

  rules(timeoutMs: number): AffinityRules {
    return { users: this.#users, timeoutMs };
  }

  connect(remote: RemoteAffinity): void {
    this.#remote = remote;
    remote.join(this.name);
  }

  disconnect(): void {
    this.#remote = undefined;
  }

  /** A session begins. @param done called at once, or soon; undefined: nobody knows where the user belongs */
  claim(
    user: ByteString,
    server: ByteString,
    rules: AffinityRules,
    done: (server: ByteString | undefined) => void,
  ): void {
    if (this.#remote === undefined) done(this.#own.claim(user, server, this, rules, Date.now()));
    else this.#remote.claim(this.name, user, server, rules, done);
  }

  tell(user: ByteString, server: ByteString, rules: AffinityRules, step: AffinityStep): void {
    if (this.#remote !== undefined) this.#remote.tell(this.name, user, server, rules, step);
    else if (step === 'move') this.#own.move(user, server);
    else this.#own.end(user, this, step === 'end', rules, Date.now());
  }
}
