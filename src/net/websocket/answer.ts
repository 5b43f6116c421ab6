// What is answered where there is no WebSocket, and nothing else of HTTP: a status, and that the connection ends.
import type { ByteString } from '../../conf/directive.ts';

const PHRASES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  426: 'Upgrade Required',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
} as const;

export type AnswerStatus = keyof typeof PHRASES;

type Fields = readonly (readonly [name: ByteString, value: ByteString])[];

/** @param fields besides those that every answer has */
export function answer(status: AnswerStatus, fields: Fields = []): Buffer {
  const phrase = PHRASES[status];
  const body = `${phrase}\n`;
  const upgrades = fields.some(([name]) => name === 'Upgrade');
  const all: Fields = [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(body.length)],
    ['Connection', upgrades ? 'Upgrade, close' : 'close'],
    ...fields,
  ];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} ${phrase}\r\n${lines}\r\n${body}`, 'latin1');
}
