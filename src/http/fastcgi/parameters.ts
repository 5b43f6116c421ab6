// What an application is told of a request: the parameters of the configuration, then the client's header lines.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { compileValue } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import type { Parameters } from './records.ts';

/** A `fastcgi_param`. */
export interface OwnParameter {
  readonly name: ByteString;
  readonly value: HttpValue;
  /** Left out where the value is empty. */
  readonly ifNotEmpty: boolean;
}

export interface HasParameters {
  parameters: OwnParameter[] | undefined;
}

const IF_NOT_EMPTY = 'if_not_empty';

export const paramDirective: Directive<HasParameters> = {
  name: 'fastcgi_param',
  contexts: ['http', 'http.server', 'http.location'],
  arity: args(2, 3),
  doc: {
    syntax: 'fastcgi_param name value [if_not_empty];',
    summary: 'What the application is told. A level with one of them has none of those above it. May be repeated.',
    values: [IF_NOT_EMPTY],
  },
  set: (cf, [name = '', text = '', word], conf) => {
    const value = compileValue(text, cf.store.get(VARIABLES));
    if (value instanceof Fault) return value;
    if (word !== undefined && word !== IF_NOT_EMPTY) return whole(`invalid parameter "${word}"`);
    conf.parameters ??= [];
    conf.parameters.push({ name, value, ifNotEmpty: word !== undefined });
    return undefined;
  },
};

/** Applications take HTTP_PROXY for their own way to the web, and a client must not choose that (CVE-2016-5385). */
const REFUSED = 'HTTP_PROXY';

export function parametersOf(request: HttpRequest, own: readonly OwnParameter[], passesFields: boolean): Parameters {
  const parameters: (readonly [ByteString, ByteString])[] = [];
  const done = new Set([REFUSED]);
  for (const { name, value, ifNotEmpty } of own) {
    const text = value.of(request);
    done.add(name);
    // An empty one that stands for a header line takes that away.
    if (text !== '' || !(ifNotEmpty || name.startsWith('HTTP_'))) parameters.push([name, text]);
  }
  if (!passesFields) return parameters;
  const { lines } = request.headers;
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const field = (lines[i] ?? '').toLowerCase();
    const name = `HTTP_${field.toUpperCase().replaceAll('-', '_')}`;
    if (done.has(name)) continue;
    done.add(name);
    parameters.push([name, request.header(field) ?? '']);
  }
  return parameters;
}
