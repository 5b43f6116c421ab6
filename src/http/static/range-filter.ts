// Answers with parts of a file (RFC 9110 section 14): one as it is, several in an envelope.
import { randomInt } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import { FileBody } from '../answer/file-body.ts';
import type { Slice } from '../answer/file-stream.ts';
import type { HttpResponse } from '../answer/response.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { fileConfModule } from './file-conf-module.ts';
import { parseHttpDate } from './http-date.ts';
import { parseRanges } from './ranges.ts';

export const rangeModule = defineHttpModule({ name: 'range', handlers: { filter: applyRange } });

function applyRange(request: HttpRequest, response: HttpResponse): number | undefined {
  const { body } = response;
  if (!(body instanceof FileBody) || response.status !== 200) return undefined;
  const { maxRanges } = request.conf(fileConfModule.loc);
  if (maxRanges === 0) return undefined;
  const range = request.headers.first('range');
  const parts =
    range === undefined || body.size === 0 || !isCurrent(request.headers.first('if-range'), response)
      ? 'whole'
      : parseRanges(range, body.size, maxRanges);
  if (parts === 'whole') {
    response.fields.push(['Accept-Ranges', 'bytes']);
    return undefined;
  }
  if (parts === 'bad') {
    response.fields.push(['Content-Range', `bytes */${body.size}`]);
    return 416;
  }
  response.status = 206;
  if (parts.length === 1) sendOne(response, body, parts);
  else sendSeveral(response, body, parts);
  return undefined;
}

/** The parts that the client has are of this file. */
function isCurrent(condition: ByteString | undefined, { lastModifiedMs, etag }: HttpResponse): boolean {
  if (condition === undefined) return true;
  if (condition.length > 1 && condition.endsWith('"')) return condition === etag;
  return lastModifiedMs !== undefined && parseHttpDate(condition) === lastModifiedMs;
}

const contentRange = ({ from, to }: Slice, size: number): ByteString => `bytes ${from}-${to - 1}/${size}`;

const lengthOf = (parts: readonly (Slice | Buffer)[]): number =>
  parts.reduce((sum, part) => sum + (Buffer.isBuffer(part) ? part.length : part.to - part.from), 0);

function sendOne(response: HttpResponse, body: FileBody, parts: readonly Slice[]): void {
  for (const part of parts) response.fields.push(['Content-Range', contentRange(part, body.size)]);
  body.parts = parts;
  response.length = lengthOf(parts);
}

const BOUNDARY_DIGITS = 20;
const LARGEST = 2 ** 47;

function sendSeveral(response: HttpResponse, body: FileBody, parts: readonly Slice[]): void {
  const boundary = String(randomInt(LARGEST)).padStart(BOUNDARY_DIGITS, '0');
  const { contentType = '' } = response;
  const type = contentType === '' ? '' : `Content-Type: ${contentType}\r\n`;
  const envelope = (part: Slice): Buffer =>
    Buffer.from(`\r\n--${boundary}\r\n${type}Content-Range: ${contentRange(part, body.size)}\r\n\r\n`, 'latin1');
  const end = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  body.parts = [...parts.flatMap((part) => [envelope(part), part]), end];
  response.contentType = `multipart/byteranges; boundary=${boundary}`;
  response.length = lengthOf(body.parts);
}
