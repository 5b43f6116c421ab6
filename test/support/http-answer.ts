// Answers of an http server as one line each, the same for every server: its name and the date are left out.
import assert from 'node:assert/strict';

/** `HTTP/1.1 200 OK|Content-Type: text/plain|…||body`; a built-in page is `<404 Not Found>`, and has no length. */
export type Shown = string;

/** Everything that a server sent on a connection. @param isBodiless the first answer is to a HEAD */
export function answersIn(bytes: Buffer, isBodiless = false): Shown[] {
  const answers: Shown[] = [];
  let text = bytes.toString('latin1');
  while (text !== '') {
    const end = text.indexOf('\r\n\r\n');
    assert.ok(end >= 0, `a head has no end: ${text}`);
    const lines = text.slice(0, end).split('\r\n');
    text = text.slice(end + 4);
    const length = hasBody(lines, isBodiless && answers.length === 0) ? lengthOf(lines, text) : 0;
    assert.ok(length <= text.length, `a body is cut short: ${text}`);
    answers.push(show(lines, text.slice(0, length)));
    text = text.slice(length);
  }
  return answers;
}

function hasBody([first = '']: readonly string[], isBodiless: boolean): boolean {
  const status = Number(first.split(' ')[1]);
  return !isBodiless && status >= 200 && status !== 204 && status !== 304;
}

/** A body without length goes to the end. */
function lengthOf(lines: readonly string[], text: string): number {
  const length = fieldOf(lines, 'Content-Length');
  return length === undefined ? text.length : Number(length);
}

const fieldOf = (lines: readonly string[], name: string): string | undefined =>
  lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);

function show(lines: readonly string[], body: string): Shown {
  const title = /<title>(.*)<\/title>/.exec(body)?.[1];
  const isPage = title !== undefined && body === pageOf(title, fieldOf(lines, 'Server') ?? '');
  if (isPage) assert.ok(lines.includes(`Content-Length: ${body.length}`), 'the length of a page');
  const shown = lines.filter(
    (line) => !/^(Server|Date): /.test(line) && !(isPage && line.startsWith('Content-Length: ')),
  );
  return `${shown.join('|')}||${isPage ? `<${title}>` : body.replaceAll('\r\n', '|')}`;
}

const SPECIAL = /^400 (?!Bad Request$)(.*)$/;

/** As nginx has it, but for the name at its foot. */
function pageOf(title: string, server: string): string {
  const special = SPECIAL.exec(title)?.[1];
  const heading = special === undefined ? title : '400 Bad Request';
  const more = special === undefined ? [] : [`<center>${special}</center>`];
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${heading}</h1></center>`,
    ...more,
    `<hr><center>${server}</center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}
