// `$proxy_…`: where a request goes, and through whom it came.
import type { ByteString } from '../../conf/directive.ts';
import { Key } from '../../conf/store.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpVariableSpec } from '../script/script.ts';

export interface ProxyDestination {
  /** Host and port as the URL has them; a usual port is left out. */
  readonly host: ByteString;
  readonly port: ByteString;
}

export const DESTINATION = new Key<ProxyDestination>('http request: destination of a proxy_pass');

const destination = (request: HttpRequest): ProxyDestination | undefined =>
  request.context.has(DESTINATION) ? request.context.get(DESTINATION) : undefined;

export const proxyVariables: readonly HttpVariableSpec[] = [
  { name: 'proxy_host', get: (request) => destination(request)?.host, volatile: true, changeable: true },
  { name: 'proxy_port', get: (request) => destination(request)?.port, volatile: true, changeable: true },
  {
    name: 'proxy_add_x_forwarded_for',
    get: (request) => {
      const known = request.header('x-forwarded-for');
      const { remoteAddress } = request.client;
      return known === undefined ? remoteAddress : `${known}, ${remoteAddress}`;
    },
  },
];
