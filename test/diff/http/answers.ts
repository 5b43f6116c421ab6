// Cuts what an HTTP client received into answers, and takes out of them what no two servers have in common.

/** One byte per character. */
export interface Answer {
  readonly statusLine: string;
  /** Header lines in their order. */
  readonly fields: readonly string[];
  /** Without the framing of chunks. */
  readonly body: string;
  /** The end was seen: by length, by the last chunk, or since there is no body. */
  readonly complete: boolean;
}

/** @param methods of the requests, in order */
export function parseAnswers(text: string, methods: readonly string[]): Answer[] {
  const answers: Answer[] = [];
  let finals = 0;
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0 || !rest.startsWith('HTTP/')) {
      answers.push({ statusLine: '', fields: [], body: rest, complete: false });
      break;
    }
    const [statusLine = '', ...fields] = rest.slice(0, end).split('\r\n');
    const { body, complete, size } = bodyOf(statusLine, fields, rest.slice(end + 4), methods[finals]);
    answers.push({ statusLine, fields, body, complete });
    if (isFinal(statusLine)) finals++;
    rest = rest.slice(end + 4 + size);
  }
  return answers;
}

export const isFinal = (statusLine: string): boolean => !/^HTTP\/1\.1 1\d\d/.test(statusLine);

export const field = (fields: readonly string[], name: string): string | undefined =>
  fields.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);

interface Body {
  readonly body: string;
  readonly complete: boolean;
  readonly size: number;
}

function bodyOf(statusLine: string, fields: readonly string[], text: string, method: string | undefined): Body {
  const status = Number(statusLine.split(' ')[1]);
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') {
    return { body: '', complete: true, size: 0 };
  }
  if (field(fields, 'transfer-encoding') === 'chunked') return chunked(text);
  const length = field(fields, 'content-length');
  if (length === undefined) return { body: text, complete: false, size: text.length };
  const size = Math.min(Number(length), text.length);
  return { body: text.slice(0, size), complete: size === Number(length), size };
}

function chunked(text: string): Body {
  let body = '';
  for (let at = 0; ; ) {
    const line = /^([0-9a-f]+)\r\n/i.exec(text.slice(at, at + 20));
    if (line === null) return { body, complete: false, size: text.length };
    const size = Number.parseInt(line[1] ?? '', 16);
    const begin = at + line[0].length;
    body += text.slice(begin, begin + size);
    at = begin + size + 2;
    if (size === 0) return { body, complete: true, size: at };
  }
}

const NAME = /(?:nginx|postern)(\/[\d.]+)?/;
const SERVER = new RegExp(`^Server: ${NAME.source}$`);
const FOOT = new RegExp(`<hr><center>(${NAME.source})</center>`);
const DATE = /^Date: (\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)$/;
const BOUNDARY = /boundary=(\d{20})$/;
/** A date of ours is that of this moment. */
const NOW_MS = 3_600_000;

/** The same for both servers: names, dates and boundaries are gone. */
export interface NeutralAnswer {
  readonly lines: readonly string[];
  readonly body: string;
  /** Bytes of a built-in page as it was sent; undefined: it is none. */
  readonly pageLength: number | undefined;
}

export function neutralAnswer(answer: Answer): NeutralAnswer {
  const foot = FOOT.exec(answer.body);
  const isPage = foot !== null;
  const boundary = field(answer.fields, 'content-type')?.match(BOUNDARY)?.[1];
  const fields = answer.fields.map((line) => {
    if (SERVER.test(line)) return line.replace(SERVER, (_all, version?: string) => `Server: ${unnamed(version)}`);
    const date = DATE.exec(line)?.[1];
    if (date !== undefined && Math.abs(Date.parse(date) - Date.now()) < NOW_MS) return 'Date: NOW';
    if (!line.startsWith('Content-Length: ')) return boundary === undefined ? line : line.replace(boundary, 'BOUNDARY');
    const length = Number(line.slice('Content-Length: '.length));
    if (isPage && length === answer.body.length) return `Content-Length: ${length - (foot[1]?.length ?? 0)} and a name`;
    return length === headedPage(answer) ? 'Content-Length: that of the page' : line;
  });
  const named = answer.body.replace(
    FOOT,
    (_all, _name, version?: string) => `<hr><center>${unnamed(version)}</center>`,
  );
  return {
    lines: [answer.statusLine, ...fields],
    body: boundary === undefined ? named : named.replaceAll(boundary, 'BOUNDARY'),
    pageLength: isPage ? answer.body.length : undefined,
  };
}

const unnamed = (version: string | undefined): string => (version === undefined ? 'NAME' : 'NAME/VERSION');

const TITLES: Readonly<Record<string, string>> = {
  '302 Moved Temporarily': '302 Found',
  '401 Unauthorized': '401 Authorization Required',
};
/** A built-in page holds its title twice, and the name of the server. */
const PAGE_FRAME = 115;

/** How long the built-in page would be that the answer to a HEAD has not. */
function headedPage({ statusLine, fields, body }: Answer): number | undefined {
  const line = statusLine.slice('HTTP/1.1 '.length);
  const name = field(fields, 'server');
  if (body !== '' || name === undefined) return undefined;
  return PAGE_FRAME + 2 * (TITLES[line] ?? line).length + name.length;
}
