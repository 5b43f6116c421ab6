// Values of the API as JSON.
import type { ByteString } from '../../conf/directive.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Named by what they are about. */
export const byName = <N extends string>(
  names: readonly N[],
  of: (name: N) => number,
): Readonly<Record<string, number>> => Object.fromEntries(names.map((name) => [name, of(name)]));

/** Milliseconds since 1970, as ISO 8601. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Only those fields, in the order in which they stand in the object. */
export function pick(value: Json, fields: ReadonlySet<string>): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => fields.has(name)));
}

/** What `fields=` says; undefined: it is not there. @param args of the request, as sent */
export function fieldsOf(args: ByteString): ReadonlySet<string> | undefined {
  const found = args.split('&').find((arg) => arg.startsWith('fields='));
  if (found === undefined) return undefined;
  const text = found.slice('fields='.length).replace(/%2c/gi, ',');
  return new Set(text.split(',').filter((name) => name !== ''));
}
