// The answer to a request until it is sent, and its head in nginx's order.
import type { Readable } from 'node:stream';
import type { ByteString } from '../conf/directive.ts';

export class HttpResponse {
  /** 0: there is none yet. */
  status = 0;
  /** The reason phrase of an upstream; undefined: the usual one. */
  reason: ByteString | undefined;
  contentType: ByteString | undefined;
  /** Bytes of the body; undefined: not known before. */
  length: number | undefined;
  /** Milliseconds since 1970. */
  lastModifiedMs: number | undefined;
  /** A redirect of ours; the head writer makes it absolute. */
  location: ByteString | undefined;
  /** Everything else, in the order in which it was set. */
  readonly fields: [name: ByteString, value: ByteString][] = [];
  body: Buffer | Readable | undefined;
  /** Lines of the head that stand in `fields` in place of ours. */
  readonly replaced = new Set<'Server' | 'Date'>();
  /** The client may ask for parts. */
  acceptsRanges = false;
  /** Bytes sent, with and without the head. */
  bytesSent = 0;
  bodyBytesSent = 0;

  /** Forgets what was prepared: another answer takes its place. */
  reset(): void {
    this.status = 0;
    this.reason = undefined;
    this.replaced.clear();
    this.contentType = undefined;
    this.length = undefined;
    this.lastModifiedMs = undefined;
    this.location = undefined;
    this.fields.length = 0;
    this.body = undefined;
    this.acceptsRanges = false;
  }

  /** The first field of that name. @param name lower case */
  field(name: ByteString): ByteString | undefined {
    return this.fields.find(([known]) => known.toLowerCase() === name)?.[1];
  }

  setText(text: ByteString, contentType: ByteString | undefined): void {
    this.body = Buffer.from(text, 'latin1');
    this.length = this.body.length;
    this.contentType = contentType;
  }
}
