// The api that the page ends sessions by: one of the same server, with its own access rules.
import type { ByteString } from '../../conf/directive.ts';
import { controlModule } from '../../control/module.ts';
import { nameText } from '../../stats/name-text.ts';
import type { HttpRequest } from '../request/request.ts';

/** @returns its path, without a slash at its end unless that is all; undefined: there is none */
export function writableApi(request: HttpRequest, server: object): string | undefined {
  const { places } = request.conf(controlModule.conf);
  const place = places.find((one) => one.write && one.server === server);
  return place && (asPath(place.path) || '/');
}

/** As a URL has it. */
const asPath = (path: ByteString): string =>
  nameText(path)
    .replace(/\/+$/, '')
    .split('/')
    .map((word) => encodeURIComponent(word))
    .join('/');
