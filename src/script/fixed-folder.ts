// The folder that the beginning of a name with variables leads to: what a client adds must not lead out of it.
import { normalize } from 'node:path/posix';
import type { ByteString } from '../conf/directive.ts';
import type { Subject } from './subject.ts';
import type { Value } from './value.ts';

export class FixedFolder<S extends Subject> {
  /** With its final slash. */
  readonly path: ByteString;

  /** @param absolute makes the beginning of a name absolute */
  constructor({ parts: [first] }: Value<S>, absolute: (name: ByteString) => ByteString) {
    const fixed = typeof first === 'string' ? absolute(first) : '/';
    this.path = normalize(fixed.slice(0, fixed.lastIndexOf('/') + 1));
  }

  /** @param name absolute */
  holds(name: ByteString): boolean {
    return !name.includes('\0') && normalize(name).startsWith(this.path);
  }
}
