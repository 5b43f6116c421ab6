// Strings with variables (nginx: complex values): `$name`, `${name}`, and the captures `$1` to `$9`.
import { type ByteString, type Fault, whole } from '../conf/directive.ts';
import type { Subject } from './subject.ts';
import type { Variable, Variables } from './variables.ts';

/** Text as it is, a variable, or the number of a capture. */
export type Part<S extends Subject> = ByteString | Variable<S> | number;

export class Value<S extends Subject> {
  readonly parts: readonly Part<S>[];
  /** The text where no variable stands in it. */
  readonly constant: ByteString | undefined;

  constructor(parts: readonly Part<S>[]) {
    this.parts = parts;
    this.constant = parts.every((part) => typeof part === 'string') ? parts.join('') : undefined;
  }

  /** @param ofCapture what becomes of captures */
  of(subject: S, ofCapture: (text: ByteString) => ByteString = same): ByteString {
    if (this.constant !== undefined) return this.constant;
    let text = '';
    for (const part of this.parts) {
      if (typeof part === 'string') text += part;
      else if (typeof part === 'number') text += ofCapture(subject.captures[part] ?? '');
      else text += part.of(subject) ?? '';
    }
    return text;
  }
}

const same = (text: ByteString): ByteString => text;

const NAME = /[A-Za-z0-9_]+/y;

export function compileValue<S extends Subject>(text: ByteString, variables: Variables<S>): Value<S> | Fault {
  const parts: Part<S>[] = [];
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) break;
    if (dollar > at) parts.push(text.slice(at, dollar));
    const braced = text[dollar + 1] === '{';
    NAME.lastIndex = dollar + (braced ? 2 : 1);
    const [name] = NAME.exec(text) ?? [];
    if (braced && name !== undefined && text[NAME.lastIndex] !== '}') {
      return whole(`the closing bracket in "${name}" variable is missing`);
    }
    if (name === undefined) return whole('invalid variable name');
    if (!braced && /^[1-9]/.test(name)) {
      parts.push(Number(name[0]));
      at = dollar + 2;
      continue;
    }
    parts.push(variables.reference(name));
    at = dollar + name.length + (braced ? 3 : 1);
  }
  if (at < text.length) parts.push(text.slice(at));
  return new Value(parts);
}
