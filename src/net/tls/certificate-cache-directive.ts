// The directive ssl_certificate_cache.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../../conf/directive.ts';
import { parseNumber, parseSec } from '../../conf/values.ts';
import type { CertificateCache } from './named-certificates.ts';

interface HasCache {
  certificateCache: CertificateCache | 'off' | undefined;
}

const INACTIVE_MS = 10_000;
const VALID_MS = 60_000;

export const certificateCacheDirective = (contexts: readonly ContextName[]): Directive<HasCache> => ({
  name: 'ssl_certificate_cache',
  contexts,
  arity: args(1, 3),
  doc: {
    syntax: 'ssl_certificate_cache off | max=number [inactive=time] [valid=time];',
    default: 'off',
    summary: 'How many certificates whose names have variables are kept, and how long their files are not looked at.',
    values: ['off', 'max=', 'inactive=', 'valid='],
  },
  set: (_cf, words, conf) => {
    if (conf.certificateCache !== undefined) return new Fault('is duplicate');
    const cache = parse(words);
    if (cache instanceof Fault) return cache;
    conf.certificateCache = cache;
    return undefined;
  },
});

function parse(words: readonly ByteString[]): CertificateCache | 'off' | Fault {
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
  return cache.max === 0 ? whole('"ssl_certificate_cache" must have the "max" parameter') : cache;
}
