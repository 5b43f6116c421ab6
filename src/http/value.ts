// Strings with variables (nginx: complex values): `$name`, `${name}`, and the captures `$1` to `$9`.
import { type ByteString, type Fault, whole } from '../conf/directive.ts';
import type { HttpRequest } from './request.ts';
import type { Variable, Variables } from './variables.ts';

/** Text as it is, a variable, or the number of a capture. */
export type Part = ByteString | Variable | number;

export class Value {
  readonly parts: readonly Part[];
  /** The text where no variable stands in it. */
  readonly constant: ByteString | undefined;

  constructor(parts: readonly Part[]) {
    this.parts = parts;
    this.constant = parts.every((part) => typeof part === 'string') ? parts.join('') : undefined;
  }

  /** @param ofCapture what becomes of captures */
  of(request: HttpRequest, ofCapture: (text: ByteString) => ByteString = same): ByteString {
    if (this.constant !== undefined) return this.constant;
    let text = '';
    for (const part of this.parts) {
      if (typeof part === 'string') text += part;
      else if (typeof part === 'number') text += ofCapture(request.captures[part] ?? '');
      else text += part.of(request) ?? '';
    }
    return text;
  }
}

const same = (text: ByteString): ByteString => text;

const NAME = /[A-Za-z0-9_]+/y;

export function compileValue(text: ByteString, variables: Variables): Value | Fault {
  const parts: Part[] = [];
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
