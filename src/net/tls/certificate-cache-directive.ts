// The directives ssl_certificate_cache and proxy_ssl_certificate_cache.
import { args, type ByteString, type ContextName, type Fault, whole } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import { parseNumber, parseSec } from '../../conf/values.ts';
import type { CertificateCache } from './certificate-store.ts';

const INACTIVE_MS = 10_000;
const VALID_MS = 60_000;

export const certificateCacheDirective = <K extends string>(contexts: readonly ContextName[], name: string, key: K) =>
  slot<K, CertificateCache | 'off'>(
    name,
    key,
    args(1, 3),
    {
      contexts,
      syntax: `${name} off | max=number [inactive=time] [valid=time];`,
      default: 'off',
      summary: 'How many certificates whose names have variables are kept, and how long their files are not looked at.',
      values: ['off', 'max=', 'inactive=', 'valid='],
    },
    (words) => parse(name, words),
  );

function parse(name: string, words: readonly ByteString[]): CertificateCache | 'off' | Fault {
  if (words.length === 1 && words[0] === 'off') return 'off';
  const cache = { max: 0, inactiveMs: INACTIVE_MS, validMs: VALID_MS };
  for (const word of words) {
    const [, key = '', text = ''] = /^(max|inactive|valid)=(.*)$/s.exec(word) ?? [];
    const number = key === 'max' ? parseNumber(text) : parseSec(text);
    if (key === '' || number === undefined || (key === 'max' && number === 0)) {
      return whole(`invalid parameter "${word}"`);
    }
    if (key === 'max') cache.max = number;
    else if (key === 'inactive') cache.inactiveMs = number * 1000;
    else cache.validMs = number * 1000;
  }
  return cache.max === 0 ? whole(`"${name}" must have the "max" parameter`) : cache;
}
