// Strings in which `$` was a byte like any other: known variables expand there, and whatever else stays as it stands.
import type { ByteString } from '../conf/directive.ts';
import type { Subject } from './subject.ts';
import { type Part, Value } from './value.ts';
import type { Variables } from './variables.ts';

const NAMED = /\$(?:\{(\w+)\}|(\w+))/g;

/** @param stays hears of what looks like a variable, and is none */
export function compileKnown<S extends Subject>(
  text: ByteString,
  variables: Variables<S>,
  stays: (name: ByteString) => void,
): Value<S> {
  const parts: Part<S>[] = [];
  let at = 0;
  for (const { 0: written, 1: braced, 2: bare, index } of text.matchAll(NAMED)) {
    const name = braced ?? bare ?? '';
    if (!variables.knows(name)) {
      stays(name);
      continue;
    }
    if (index > at) parts.push(text.slice(at, index));
    parts.push(variables.reference(name));
    at = index + written.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return new Value(parts);
}
