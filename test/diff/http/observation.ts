// What client, backends and logs saw of a case, with what differs by chance taken out, and the comparison.
import { escapeControls } from '../../support/bytes.ts';
import { apart } from '../observation.ts';
import { type NeutralAnswer, neutralAnswer } from './answers.ts';
import type { Ground } from './arena.ts';
import type { Talk } from './client.ts';
import type { Changed } from './site.ts';

/** All texts are byte strings. */
export interface HttpObservation {
  readonly answers: readonly string[];
  readonly ending: string;
  readonly backend: readonly string[];
  readonly access: readonly string[];
  readonly error: readonly string[];
}

export function observe(ground: Ground, talk: Talk, access: string, error: string): HttpObservation {
  const neutral = (text: string): string => withoutPlace(text, ground);
  const answers = talk.answers.map(neutralAnswer);
  return {
    answers: answers.map(({ lines, body }) => neutral([...lines, '', body].join('\r\n'))),
    ending: talk.ending,
    backend: ground.behind.seen.map(neutral),
    access: accessLines(access, answers).map(neutral),
    error: errorRecords(error).map(neutral),
  };
}

function withoutPlace(text: string, { host, dir, ports }: Ground): string {
  const any = ports.get('ANY');
  const plain = text.replaceAll(host, 'HOST').replaceAll(dir, 'PREFIX');
  return any === undefined ? plain : plain.replaceAll(`:${any}`, ':ANY');
}

const PROBE = '/-probe-';

/** Built-in pages hold the name of the server, and chunks are cut in many ways: their lengths are not compared. */
function accessLines(text: string, answers: readonly NeutralAnswer[]): string[] {
  const isChunked = answers.some(({ lines }) => lines.includes('Transfer-Encoding: chunked'));
  const pages = new Set(answers.map(({ pageLength }) => pageLength));
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.includes(PROBE))
    .map((line) => line.replace(/ b=(\d+) /, (all, bytes) => (pages.has(Number(bytes)) ? ' b=PAGE ' : all)))
    .map((line) => (isChunked ? line.replace(/ b=\d+ /, ' b=CHUNKS ') : line));
}

const RECORD = /^(?=\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[)/m;
/** Records are cut at 2048 bytes, pid and number included. */
const COMPARED = 1900;

/** Time, pid and connection number are gone, control bytes escaped. */
function errorRecords(text: string): string[] {
  return text
    .split(RECORD)
    .filter((record) => record !== '' && !record.includes(PROBE))
    .map((record) => record.replace(/\n$/, '').replace(/^[\d/]+ [\d:]+ \[(\w+)\] \d+#\d+: (?:\*\d+ )?/, '[$1] '))
    .map((record) => escapeControls(record).slice(0, COMPARED));
}

/** The differences of two observations, as lines to print; none: equal. */
export function differencesOf(
  left: HttpObservation,
  right: HttpObservation,
  withLog: boolean,
  changed?: Changed,
): string[] {
  const lines: string[] = [];
  const today = (text: string): string =>
    (changed?.replace ?? []).reduce((all, [before, now]) => all.replace(before, now), text);
  const compare = (what: string, before: readonly string[], b: readonly string[]): void => {
    const a = before.map(today).filter((text) => text !== '');
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      if (a[i] !== b[i]) lines.push(`${what} ${i + 1}:`, ...apart(a[i] ?? '(none)', b[i] ?? '(none)'));
    }
  };
  compare('answer', left.answers, right.answers);
  compare('connection', [left.ending], [right.ending]);
  compare('request to a backend', left.backend, right.backend);
  compare('access log', left.access, right.access);
  if (withLog) compare('error log', left.error, right.error);
  return lines;
}
