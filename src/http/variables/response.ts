// Variables of the answer: its status, its size, and its header lines.
import type { ByteString } from '../../conf/directive.ts';
import { Key } from '../../conf/store.ts';
import { parseSize } from '../../conf/values.ts';
import { shownStatus } from '../answer/status.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpVariableSpec } from '../script/script.ts';

/** Answers are not slowed down; what was set can be read again. */
const LIMIT_RATE = new Key<number>('http limit_rate');

export const responseVariables: readonly HttpVariableSpec[] = [
  {
    name: 'status',
    get: ({ response: { errorStatus, status } }) => statusText(errorStatus === 0 ? status : errorStatus),
    volatile: true,
  },
  { name: 'bytes_sent', get: ({ response }) => String(response.bytesSent), volatile: true },
  { name: 'body_bytes_sent', get: ({ response }) => String(response.bodyBytesSent), volatile: true },
  { name: 'request_completion', get: ({ output }) => (output.writableFinished ? 'OK' : ''), volatile: true },
  {
    name: 'limit_rate',
    get: ({ context }) => (context.has(LIMIT_RATE) ? String(context.get(LIMIT_RATE)) : '0'),
    set: ({ context }, value) => context.set(LIMIT_RATE, parseSize(value) ?? 0),
    volatile: true,
  },
  { name: 'sent_http_', prefix: true, get: sentHeader },
];

/** Three digits; `000` before there is an answer. */
const statusText = (status: number): ByteString => String(shownStatus(status)).padStart(3, '0');

/** @param name lower case, an underscore in place of each dash */
function sentHeader({ response, output }: HttpRequest, name: ByteString): ByteString | undefined {
  switch (name) {
    case 'content_type':
      return response.contentType === '' ? undefined : response.contentType;
    case 'content_length':
      return response.length === undefined ? undefined : String(response.length);
    case 'transfer_encoding':
      return response.isChunked ? 'chunked' : undefined;
    case 'connection':
      // When an answer is logged nginx has forgotten that the connection stays open.
      return output.shouldKeepAlive && !output.writableEnded ? 'keep-alive' : 'close';
    case 'last_modified':
      if (response.lastModifiedMs !== undefined) return new Date(response.lastModifiedMs).toUTCString();
      break;
    case 'location':
      if (response.location !== undefined) return response.location;
      break;
  }
  return ownField(response.fields, name);
}

/** Several of a name are joined. */
function ownField(fields: HttpRequest['response']['fields'], name: ByteString): ByteString | undefined {
  let value: ByteString | undefined;
  for (const [known, more] of fields) {
    if (known.length !== name.length || known.toLowerCase().replaceAll('-', '_') !== name) continue;
    value = value === undefined ? more : `${value}, ${more}`;
  }
  return value;
}
