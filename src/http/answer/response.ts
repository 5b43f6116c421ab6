// The answer to a request until it is sent, and its head in nginx's order.
import type { Readable } from 'node:stream';
import type { ByteString } from '../../conf/directive.ts';
import type { FileBody } from './file-body.ts';

export class HttpResponse {
  /** 0: there is none yet. */
  status = 0;
  /** The reason phrase of an upstream; undefined: the usual one. */
  reason: ByteString | undefined;
  /** Lines of the head that stand in `fields` in place of ours. */
  readonly replaced = new Set<'Server' | 'Date'>();
  /** What the answer is in place of its status: it is the page of an error. 0: it is its own. */
  errorStatus = 0;
  contentType: ByteString | undefined;
  /** Bytes of the body; undefined: not known before. */
  length: number | undefined;
  /** Milliseconds since 1970. */
  lastModifiedMs: number | undefined;
  /** A redirect of ours; the head writer makes it absolute. */
  location: ByteString | undefined;
  /** Everything else, in the order in which it was set. */
  readonly fields: [name: ByteString, value: ByteString][] = [];
  body: Buffer | Readable | FileBody | undefined;
  /** It comes from an upstream, which has judged the conditions of the client itself. */
  isPassedOn = false;
  /** `ETag`, for conditions of the client. */
  etag: ByteString | undefined;
  /** Sent in pieces of announced length. */
  isChunked = false;
  /** Bytes sent, with and without the head. */
  bytesSent = 0;
  bodyBytesSent = 0;

  /** Forgets what was prepared: another answer takes its place. */
  reset(): void {
    this.clearBody();
    this.errorStatus = 0;
    this.replaced.clear();
    this.location = undefined;
    this.fields.length = 0;
  }

  /** Forgets the body and what is said of it; other lines stay. */
  clearBody(): void {
    this.status = 0;
    this.reason = undefined;
    this.contentType = undefined;
    this.length = undefined;
    this.lastModifiedMs = undefined;
    this.etag = undefined;
    this.setBody(undefined);
  }

  /** What was the body before is let go. */
  setBody(body: HttpResponse['body']): void {
    if (this.body !== undefined && !Buffer.isBuffer(this.body)) this.body.destroy();
    this.body = body;
  }

  /** The first field of that name. @param name lower case */
  field(name: ByteString): ByteString | undefined {
    return this.fields.find(([known]) => known.toLowerCase() === name)?.[1];
  }

  /** Every field of that name. @param name lower case */
  removeField(name: ByteString): void {
    const kept = this.fields.filter(([known]) => known.toLowerCase() !== name);
    this.fields.splice(0, this.fields.length, ...kept);
  }

  setText(text: ByteString, contentType: ByteString | undefined): void {
    const body = Buffer.from(text, 'latin1');
    this.setBody(body);
    this.length = body.length;
    this.contentType = contentType;
  }
}
