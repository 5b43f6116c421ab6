// The name of a file of users, which may have variables in it.
import type { ByteString } from '../../conf/directive.ts';
import { FixedFolder } from '../../script/fixed-folder.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';

export class FileName {
  readonly #value: HttpValue;
  readonly #base: ByteString;
  /** What a client sends may be part of the name, and must not lead to a file whose users the client knows. */
  readonly #folder: FixedFolder<HttpRequest>;

  /** @param base what relative names start from, with its final slash */
  constructor(value: HttpValue, base: ByteString) {
    this.#value = value;
    this.#base = base;
    this.#folder = new FixedFolder(value, (name) => this.#absolute(name));
  }

  /** @returns undefined: it is outside of the folder that the configuration names; why is in the log */
  of(request: HttpRequest): ByteString | undefined {
    const name = this.#absolute(this.#value.of(request));
    if (this.#value.constant !== undefined || this.#folder.holds(name)) return name;
    request.error(`auth_basic_user_file "${name}" is outside of "${this.#folder.path}"`);
    return undefined;
  }

  #absolute(name: ByteString): ByteString {
    return name.startsWith('/') ? name : this.#base + name;
  }
}
