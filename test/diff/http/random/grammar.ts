// Random HTTP requests: paths with everything that means something in them, arguments, header lines, bodies.
import type { Random } from '../../seeded.ts';

const SEGMENTS = [
  ...[
    'a',
    'b',
    'sub',
    'one',
    'deeper',
    'page.html',
    'a.txt',
    'index.html',
    'x.php',
    'i.GIF',
    '.hidden',
    'none',
    'empty',
  ],
  ...[
    '..',
    '.',
    '',
    '...',
    '%2e',
    '%2e%2e',
    '.%2e',
    '%2f',
    '%2F..',
    '%61',
    '%41',
    '%zz',
    '%',
    '%4',
    '%00',
    '%20',
    '%25',
  ],
  ...[
    '%3f',
    '%3F',
    '%23',
    '%C3%A9',
    '%7e',
    '~',
    '+',
    ';x=y',
    ':',
    '@',
    '=',
    '&',
    "'",
    '(',
    '*',
    ',',
    '$x',
    '{',
    '|',
    '\\',
  ],
  ...[
    '<',
    '^',
    'a|b{',
    'last',
    'break',
    'redirect',
    'perm',
    'alias',
    'try',
    'named',
    'static',
    'pass',
    'uri',
    'error',
    'internal',
    'map',
  ],
];
const ARGUMENTS = ['a=b', 'x=1', 'x=', 'a', '', 'a=%20', 'b=c&a=d', 'a=b?c', 'x=/../', '%zz', 'A=1', 'a=\\', 'x=0'];
const HOSTS = [
  'a.test',
  'b.test',
  'x.b.test',
  'A.Test',
  'a.test:80',
  'a.test.',
  'nobody',
  'user1.home',
  '127.0.0.1',
  '[::1]',
];
const BAD_HOSTS = ['a..test', '', 'a/b', '.', ' ', 'a b'];
const DATES = ['Fri, 01 Mar 2024 12:34:56 GMT', 'Sat, 02 Mar 2024 12:34:56 GMT', 'Thu, 29 Feb 2024 12:34:56 GMT', 'x'];
const TAGS = ['"65e1cb70-14"', 'W/"65e1cb70-14"', '*', '"x"', '"x", "65e1cb70-14"', ''];
const RANGES = ['0-', '0-0', '-1', '5-', '0-1,3-4', '20-', '3-1', '-0', '0-100', 'x', '1-2,30-', ''];
const LINES: readonly ((random: Random) => string)[] = [
  (r) => `Connection: ${r.pick(['close', 'keep-alive', 'Close', 'x', 'TE, close', ''])}`,
  (r) => `Range: bytes=${r.pick(RANGES)}`,
  (r) => `If-Modified-Since: ${r.pick(DATES)}`,
  (r) => `If-Unmodified-Since: ${r.pick(DATES)}`,
  (r) => `If-None-Match: ${r.pick(TAGS)}`,
  (r) => `If-Match: ${r.pick(TAGS)}`,
  (r) => `If-Range: ${r.pick([...TAGS, ...DATES])}`,
  (r) => `X-One: ${r.pick(['1', 'a"b', 'a\\b', '\u00e9', ''])}`,
  (r) => `X_Odd: ${r.pick(['1', ''])}`,
  (r) => `Cookie: ${r.pick(['a=1', 'a=1; b=2', 'a', 'b=2;a = 3', ''])}`,
  (r) => `Referer: ${r.pick(['http://x.test/', '"', ''])}`,
  (r) => `User-Agent: ${r.pick(['me', ''])}`,
  (r) => `Authorization: ${r.pick(['Basic dXNlcjpwYXNz', 'Basic x', 'Bearer y', ''])}`,
  (r) => `X-Forwarded-For: ${r.pick(['10.0.0.1', '1.2.3.4, 10.0.0.1', 'x', ''])}`,
];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'];
const BODIES = ['', 'abc', 'x'.repeat(40), 'a=b'];

/** One to three requests, one behind the other. */
export function randomRequests(random: Random): string {
  return Array.from({ length: 1 + random.below(3) * random.below(2) }, () => randomRequest(random)).join('');
}

function randomRequest(random: Random): string {
  const version = random.chance(0.1) ? '1.0' : '1.1';
  const lines = randomLines(random, version);
  const { fields, bytes } = randomBody(random, version);
  const head = [`${random.pick(METHODS)} ${randomTarget(random)} HTTP/${version}`, ...lines, ...fields];
  return [...head, '', bytes].join('\r\n');
}

function randomLines(random: Random, version: string): string[] {
  const lines: string[] = [];
  if (version === '1.1' ? random.chance(0.98) : random.chance(0.5)) {
    lines.push(`Host: ${random.pick(random.chance(0.95) ? HOSTS : BAD_HOSTS)}`);
  }
  const makers = new Set(Array.from({ length: random.below(4) }, () => random.pick(LINES)));
  for (const make of makers) lines.push(make(random));
  return lines;
}

function randomBody(random: Random, version: string): { readonly fields: readonly string[]; readonly bytes: string } {
  if (random.chance(0.8)) return { fields: [], bytes: '' };
  const body = random.pick(BODIES);
  if (version === '1.0' || random.chance(0.5)) return { fields: [`Content-Length: ${body.length}`], bytes: body };
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return { fields: ['Transfer-Encoding: chunked'], bytes: `${chunk}0\r\n\r\n` };
}

function randomTarget(random: Random): string {
  const origin = random.chance(0.05) ? random.pick(['http://b.test', 'http://A.test:1', 'x://a.test', 'http://']) : '';
  const path = Array.from({ length: 1 + random.below(4) }, () => `/${random.pick(SEGMENTS)}`).join('');
  const slash = random.chance(0.2) ? '/' : '';
  const args = random.chance(0.3) ? `?${random.pick(ARGUMENTS)}` : '';
  const fragment = random.chance(0.05) ? '#f' : '';
  return `${origin}${path}${slash}${args}${fragment}`;
}
