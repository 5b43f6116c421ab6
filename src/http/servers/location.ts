// The location directive: its modifiers, what may stand inside of what, and the block's structs.
import { type ByteString, type ConfCursor, Fault, whole } from '../../conf/directive.ts';
import { Key, type Store } from '../../conf/store.ts';
import { compileRegex } from '../../script/regex.ts';
import type { HttpRegex, HttpVariables } from '../script/script.ts';

export type LocationMatch =
  | { readonly kind: 'exact' | 'prefix' | 'no-regex'; readonly text: ByteString }
  | { readonly kind: 'regex'; readonly text: ByteString; readonly regex: HttpRegex }
  | { readonly kind: 'named'; readonly text: ByteString }
  /** An if or limit_except: found by nobody, but merged as a location is. */
  | { readonly kind: 'nameless'; readonly text: ByteString };

/** A location, with the blocks inside it. */
export interface LocationBlock {
  readonly match: LocationMatch;
  readonly store: Store;
  readonly inner: LocationBlock[];
}

/** The block that directives stand in: an enclosing location, or what belongs to the server itself. */
export const LOCATION_BLOCK = new Key<LocationBlock>('http location block');

/** @param words one or two arguments of the directive */
export function parseLocation(
  cf: ConfCursor,
  [first = '', second]: readonly ByteString[],
  variables: HttpVariables,
): LocationMatch | Fault {
  if (second !== undefined) return withModifier(cf, first, second, variables);
  const [, modifier = '', text = ''] = /^(=|\^~|~\*|~)?(.*)$/s.exec(first) ?? [];
  if (modifier !== '') return withModifier(cf, modifier, text, variables);
  return { kind: first.startsWith('@') ? 'named' : 'prefix', text: first };
}

function withModifier(
  _cf: ConfCursor,
  modifier: ByteString,
  text: ByteString,
  variables: HttpVariables,
): LocationMatch | Fault {
  switch (modifier) {
    case '=':
      return { kind: 'exact', text };
    case '^~':
      return { kind: 'no-regex', text };
    case '~':
    case '~*': {
      const regex = compileRegex(text, { ignoreCase: modifier === '~*', variables });
      return regex instanceof Fault ? regex : { kind: 'regex', text, regex };
    }
    default:
      return whole(`invalid location modifier "${modifier}"`);
  }
}

/** What may not stand inside the block that encloses it. */
export function checkNesting(outer: LocationBlock, { kind, text }: LocationMatch): Fault | undefined {
  const { match } = outer;
  if (match.kind === 'nameless') return undefined;
  if (match.kind === 'exact') {
    return whole(`location "${text}" cannot be inside the exact location "${match.text}"`);
  }
  if (match.kind === 'named') return whole(`location "${text}" cannot be inside the named location "${match.text}"`);
  if (kind === 'named') return whole(`named location "${text}" can be on the server level only`);
  const isOutside = kind !== 'regex' && !text.startsWith(match.text);
  return isOutside ? whole(`location "${text}" is outside location "${match.text}"`) : undefined;
}
