// The head of a request to a peer: own lines in the order of the configuration, then what the client sent.
import type { ByteString } from '../../conf/directive.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';

export type HttpVersion = '1.0' | '1.1';

/** A `proxy_set_header`. */
export interface OwnField {
  readonly name: ByteString;
  readonly value: HttpValue;
}

export interface HeadInput {
  readonly request: HttpRequest;
  readonly method: ByteString;
  readonly uri: ByteString;
  readonly version: HttpVersion;
  /** `$proxy_host`. */
  readonly host: ByteString;
  readonly own: readonly OwnField[];
  readonly passesFields: boolean;
  /** undefined: there is no body, and no word about its length. */
  readonly bodyLength: number | undefined;
}

/** Nothing that a peer sent may end a header line, and nothing may stand in a request line but printable text. */
const CONTROL = /[^\t -~\x80-\xff]/g;
const NOT_IN_URI = /[^!-~\x80-\xff]/g;

/** About the connection to the client; the one to the peer has its own. */
const HOP = ['connection', 'keep-alive', 'te', 'expect', 'upgrade', 'transfer-encoding', 'content-length', 'host'];

export interface BuiltHead {
  readonly text: ByteString;
  /** The body may follow: the head tells its length. */
  readonly takesBody: boolean;
}

export function buildRequestHead(input: HeadInput): BuiltHead {
  const { request, method, version, own, bodyLength } = input;
  const done = new Set(HOP);
  const lines: ByteString[] = [];
  const add = (name: ByteString, value: ByteString): unknown =>
    lines.push(`${name}: ${value.replace(CONTROL, '')}\r\n`);
  const names = new Set(own.map(({ name }) => name.toLowerCase()));
  let takesBody = bodyLength !== undefined;
  for (const { name, value } of own) {
    const key = name.toLowerCase();
    done.add(key);
    const text = value.of(request);
    if (key === 'content-length') {
      // What is said of the length is true, or the rest would be taken for the next request.
      takesBody = takesBody && text !== '';
      if (takesBody) add(name, String(bodyLength));
    } else if (text !== '' && key !== 'transfer-encoding') {
      add(name, text);
    }
  }
  if (!names.has('host')) add('Host', input.host);
  if (version === '1.0' && !names.has('connection')) add('Connection', 'close');
  if (bodyLength !== undefined && !names.has('content-length')) add('Content-Length', String(bodyLength));
  if (input.passesFields) {
    const { lines: sent } = request.headers;
    for (let i = 0; i + 1 < sent.length; i += 2) {
      const name = sent[i] ?? '';
      if (!done.has(name.toLowerCase())) add(name, sent[i + 1] ?? '');
    }
  }
  const uri = input.uri.replace(NOT_IN_URI, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return { text: `${method} ${uri} HTTP/${version}\r\n${lines.join('')}\r\n`, takesBody };
}
