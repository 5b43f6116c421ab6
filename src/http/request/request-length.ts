// How long a request is, as far as it was read.
import type { HttpRequest } from './request.ts';

/** Not a request that broke off in its first line: its version has no number. */
export const isParsed = ({ httpVersion }: HttpRequest['message']): boolean => /^\d/.test(httpVersion);

/**
 * Request line, header lines, and what was read of the body. Of white space around values node:http only tells that
 * there was some.
 */
export function requestLength({ line, message, received }: HttpRequest): number {
  if (!isParsed(message)) return 0;
  const { rawHeaders } = message;
  const crlf = 2;
  const head = line.length + crlf + rawHeaders.join('').length + (rawHeaders.length / 2) * (': '.length + crlf) + crlf;
  return head + (received?.length ?? 0);
}
