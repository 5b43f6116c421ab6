// What nginx makes of bytes that node:http finds to be no request: a status, a record, and no handler ever sees them.
import type { ByteString } from '../../conf/directive.ts';
import { firstLine, type HeadRecord } from './head-record.ts';

/** An error of node:http's parser. */
export interface ParseError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly bytesParsed?: number;
  readonly rawPacket?: Buffer;
}

/** A request that never became one. */
export interface Broken {
  /** Of the answer; 408 and those that are silent get none. */
  readonly status: number;
  readonly isSilent: boolean;
  /** For the log at info. */
  readonly text: ByteString;
  readonly action: ByteString;
  /** The request line, as far as it came. */
  readonly line: ByteString;
}

export const READING_LINE = 'reading client request line';
export const READING_PIPELINED = 'reading client pipelined request line';
export const READING_HEADERS = 'reading client request headers';

const TEXTS: Readonly<Record<string, ByteString>> = {
  HPE_INVALID_METHOD: 'client sent invalid method',
  HPE_INVALID_VERSION: 'client sent invalid version',
  HPE_INVALID_CONTENT_LENGTH: 'client sent invalid "Content-Length" header',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'client sent duplicate header line: "Content-Length"',
  HPE_INVALID_TRANSFER_ENCODING: 'client sent "Content-Length" and "Transfer-Encoding" headers at the same time',
};

const ENDS = {
  400: 'client prematurely closed connection',
  408: 'client timed out (110: Connection timed out)',
} as const;

/** The client stopped in the midst of a head, or its time was up. */
export function unfinished(head: HeadRecord, status: 400 | 408, text: ByteString = ENDS[status]): Broken {
  const action = head.hasLine ? READING_HEADERS : READING_LINE;
  return { status, isSilent: true, text, action, line: head.line };
}

/** @param isPipelined others came before it in the same piece */
export function brokenBy(error: ParseError, head: HeadRecord, isPipelined: boolean): Broken {
  const { code = '' } = error;
  if (code === 'HPE_INVALID_EOF_STATE') return unfinished(head, 400);
  const line = isPipelined ? pipelinedLine(error) : head.line;
  const readsLine = isPipelined ? !endsLine(error) : !head.hasLine || isOfLine(code);
  const action = readsLine ? (isPipelined ? READING_PIPELINED : READING_LINE) : READING_HEADERS;
  const common = { isSilent: false, action, line } as const;
  if (code === 'HPE_HEADER_OVERFLOW') {
    return head.hasLine
      ? { ...common, status: 494, text: 'client sent too large request', action: READING_HEADERS }
      : { ...common, status: 414, text: 'client sent too long URI' };
  }
  if (code === 'HPE_INVALID_VERSION' && / HTTP\/(?:[2-9]|\d\d)/.test(line)) {
    return { ...common, status: 505, text: 'client sent invalid version' };
  }
  const known = code === 'HPE_INVALID_VERSION' ? undefined : TEXTS[code];
  return {
    ...common,
    status: 400,
    text: known ?? (readsLine ? 'client sent invalid request' : 'client sent invalid header line'),
  };
}

/** CONNECT is refused, and what it would connect to is no URI. */
export function connectBroken(url: ByteString, version: string): Broken {
  const line = `CONNECT ${url} HTTP/${version}`;
  return url.startsWith('/')
    ? { status: 405, isSilent: false, text: 'client sent CONNECT method', action: READING_HEADERS, line }
    : { status: 400, isSilent: false, text: 'client sent invalid request', action: READING_LINE, line };
}

/** Errors that are found while the request line is read. */
const isOfLine = (code: string): boolean =>
  code === 'HPE_INVALID_METHOD' ||
  code === 'HPE_INVALID_URL' ||
  code === 'HPE_INVALID_VERSION' ||
  code === 'HPE_INVALID_CONSTANT' ||
  code === 'HPE_PAUSED_H2_UPGRADE';

/** The request behind the last one that was whole: it begins behind an empty line. */
function pipelinedLine({ rawPacket, bytesParsed = 0 }: ParseError): ByteString {
  const text = rawPacket?.toString('latin1') ?? '';
  const before = text.lastIndexOf('\r\n\r\n', Math.max(0, bytesParsed - 1));
  return firstLine(before < 0 ? text : text.slice(before + 4));
}

const endsLine = ({ code = '' }: ParseError): boolean => !isOfLine(code);
