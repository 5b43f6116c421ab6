// The client's header lines as they go on to others: those with odd names are left out, as the server says.
import type { ByteString } from '../conf/directive.ts';
import { httpCoreModule } from './core-module.ts';
import type { HttpRequest } from './request.ts';

const USUAL = /^[A-Za-z0-9-]+$/;
const WITH_UNDERSCORES = /^[A-Za-z0-9_-]+$/;

/** In the order in which they came. */
export function clientFields(request: HttpRequest): [name: ByteString, value: ByteString][] {
  const { underscoresInHeaders, ignoreInvalidHeaders } = request.conf(httpCoreModule.srv);
  const usual = underscoresInHeaders ? WITH_UNDERSCORES : USUAL;
  const { rawHeaders } = request.message;
  const fields: [ByteString, ByteString][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!ignoreInvalidHeaders || usual.test(name)) fields.push([name, rawHeaders[i + 1] ?? '']);
  }
  return fields;
}
