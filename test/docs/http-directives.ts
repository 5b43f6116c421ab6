// The page of all directives that nginx knows in http: implemented, accepted without effect, or refused.
import type { BoundDirective, Doc } from '../../src/conf/directive.ts';
import { modules } from '../../src/modules.ts';
import { table, wrapped } from './generated.ts';

const NOTE = '<!-- Made by `npm run docs` from the directive table. Change the table, not this file. -->';

const INTRODUCTION = `Every directive that nginx 1.31.5 knows in \`http\`, with its own modules and with those that packages bring. \`postern -t\`
says of none of them that it is unknown. What is refused is so because a configuration that counts on it must not seem
to work.`;

const IMPLEMENTED = `As in nginx, but for what [differences.md](differences.md) says: [directives.md](directives.md) describes each.`;

const IGNORED = `Nothing changes for clients but bytes and speed. One notice at the start names those that a configuration has.`;

const REFUSED = `\`postern -t\` fails, and says so: \`"limit_req" is not implemented in Postern in /etc/nginx/nginx.conf:7\`. Details
of them that do nothing by themselves are accepted without effect.`;

const PARTLY = `Some directives are there but for one of their values: \`autoindex on\`, \`disable_symlinks on\`, \`gzip_static always\`,
\`proxy_cache\` and \`proxy_store\` but \`off\`. \`stream\` is refused as a whole.`;

const code = (name: string): string => `\`${name}\``;

/** Each once, in the order of the alphabet. */
const names = (list: readonly BoundDirective[]): string[] =>
  [...new Set(list.map(({ name }) => name))].sort((a, b) => (a < b ? -1 : 1)).map(code);

function by(
  list: readonly BoundDirective[],
  key: (doc: Doc) => string | undefined,
): readonly (readonly [string, BoundDirective[]])[] {
  const groups = new Map<string, BoundDirective[]>();
  for (const directive of list) {
    const title = key(directive.doc) ?? '';
    groups.set(title, [...(groups.get(title) ?? []), directive]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function refusedRow(title: string, list: readonly BoundDirective[]): readonly [string, string, string] {
  const refused = list.filter(({ doc }) => doc.notImplemented !== undefined);
  const shown = [...refused]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, doc }) => (doc.notImplemented === 'but off' ? `${code(name)} (but \`off\`)` : code(name)));
  return [title, shown.join(', '), names(list.filter(({ doc }) => doc.noEffect !== undefined)).join(', ')];
}

/** The text of docs/http-directives.md. */
export function httpDirectivesPage(): string {
  const all = modules
    .flatMap(({ directives }) => directives)
    .filter(({ contexts }) => contexts.some((context) => context.startsWith('http')));
  const grouped = all.filter(({ doc }) => doc.group !== undefined);
  const missing = by(grouped, ({ group }) => group).filter(([, list]) =>
    list.some(({ doc }) => doc.notImplemented !== undefined),
  );
  const isDetail = new Set(missing.flatMap(([, list]) => list));
  const ignored = all.filter((directive) => directive.doc.noEffect !== undefined && !isDetail.has(directive));
  const there = all.filter(({ doc }) => doc.noEffect === undefined && doc.notImplemented === undefined);
  const parts = [
    '# Directives of the http block',
    NOTE,
    INTRODUCTION,
    '## Implemented',
    IMPLEMENTED,
    wrapped(names(there)),
    '## Accepted without effect',
    IGNORED,
    table(
      ['Why', 'Directives'],
      by(ignored, ({ noEffect }) => noEffect).map(([why, list]) => [`${capital(why)}.`, names(list).join(', ')]),
    ),
    '## Not implemented',
    REFUSED,
    PARTLY,
    table(
      ['What they are for', 'Refused', 'Without effect'],
      missing.map(([title, list]) => refusedRow(title, list)),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}
