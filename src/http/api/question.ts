// What a request to the API says beside its path: arguments, and a body of JSON.
import type { ByteString } from '../../conf/directive.ts';
import { readBody } from '../request/read-body.ts';
import type { HttpRequest } from '../request/request.ts';
import { type ApiResult, error } from './route.ts';

/** More is nothing that the API takes. */
const MAX_BODY = 65_536;

export type Questions = ReadonlyMap<string, ByteString>;

/**
 * The arguments by name; a `+` is a `+`, as in addresses of users.
 * @returns the name that is not known, or there twice: nobody knows which is meant
 */
export function argumentsOf(args: ByteString, names: readonly string[]): Questions | ByteString {
  const found = new Map<string, ByteString>();
  for (const word of args.split('&')) {
    if (word === '') continue;
    const [, name = word, value = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (!names.includes(name) || found.has(name)) return name;
    found.set(name, percentDecoded(value));
  }
  return found;
}

const percentDecoded = (text: ByteString): ByteString =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

export type JsonBody = ReadonlyMap<string, unknown>;

/** An object of JSON; without a body an empty one. @throws HttpFault */
export async function jsonBody(request: HttpRequest): Promise<JsonBody | ApiResult> {
  const body = await readBody(request);
  if (!Buffer.isBuffer(body) || body.length > MAX_BODY) return jsonError();
  if (body.length === 0) return new Map();
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return jsonError();
    return new Map(Object.entries(value));
  } catch {
    return jsonError();
  }
}

export const isResult = (it: JsonBody | ApiResult): it is ApiResult => 'kind' in it;

const jsonError = (): ApiResult => error(415, 'json error', 'JsonError');

/** Text as the bytes that configurations and clients have. */
export const bytesOf = (text: string): ByteString => Buffer.from(text).toString('latin1');

/** A page of another site has a browser send requests with the user's password, but not without its name. */
export function isForeign(request: HttpRequest): boolean {
  const origin = request.header('origin');
  if (origin === undefined) return false;
  const [, host = ''] = /^https?:\/\/(.*)$/.exec(origin) ?? [];
  return host.toLowerCase() !== request.header('host')?.toLowerCase();
}
