// The listen and server_name directives of http servers.
import { type ByteString, type ConfCursor, Fault, whole } from '../../conf/directive.ts';
import { parseUrl } from '../../core/address.ts';
import { applyListenParameter, defaultListenOptions } from '../../net/listen/options.ts';
import { parseHostPattern } from '../../script/host-names.ts';
import { compileRegex } from '../../script/regex.ts';
import type { HttpVariables } from '../script/script.ts';
import { ONLY_1 } from '../versions-module.ts';
import type { HttpListen } from './addresses.ts';
import type { ServerName } from './server-names.ts';

const HTTP_PORT = 80;
/** Where the process may not bind 80. */
const USER_PORT = 8000;

export const defaultPort = (): number => (process.geteuid?.() === 0 ? HTTP_PORT : USER_PORT);

/** Accepted, and without effect here. */
const IGNORED = /^(deferred|fastopen=\d+|setfib=\d+|accept_filter=\w+)$/;
const SOCKETS = 'Node.js has no such option of sockets';
const HTTP2 = 'the "listen ... http2" directive is deprecated, use the "http2" directive instead';

/** @returns one entry for each address; none for QUIC */
export function parseHttpListen(
  cf: ConfCursor,
  [text = '', ...parameters]: readonly ByteString[],
): readonly HttpListen[] | Fault {
  const url = parseUrl(text, { defaultPort: HTTP_PORT, listen: true, resolve: (name) => cf.env.resolveHost(name) });
  if (url instanceof Fault) return whole(`${url.text} in "${text}" of the "listen" directive`);
  const options = defaultListenOptions();
  let isDefault = false;
  let isQuic = false;
  for (const parameter of parameters) {
    if (parameter === 'default_server' || parameter === 'default') {
      isDefault = true;
    } else if (IGNORED.test(parameter)) {
      cf.noEffect(`listen ... ${parameter.replace(/=.*/, '')}`, SOCKETS);
    } else if (parameter === 'http2') {
      cf.warn(HTTP2);
      cf.noEffect('listen ... http2', ONLY_1);
    } else if (parameter === 'quic') {
      isQuic = true;
      cf.noEffect('listen ... quic', ONLY_1);
    } else {
      const fault = applyListenParameter(cf, options, parameter);
      if (fault !== undefined) return whole(fault);
    }
  }
  if (isQuic) return []; // it is a port of UDP
  const isSet = options.bind;
  return url.addresses.map((address) => ({ address, options, position: cf.position, isDefault, isSet }));
}

export function parseServerName(cf: ConfCursor, text: ByteString, variables: HttpVariables): ServerName | Fault {
  if (text.startsWith('~')) {
    if (text === '~') return whole(`empty regex in server name "${text}"`);
    const regex = compileRegex(text.slice(1), { ignoreCase: true, variables });
    return regex instanceof Fault ? regex : { kind: 'regex', text, regex };
  }
  if (text.includes('/')) cf.warn(`server name "${text}" has suspicious symbols`);
  const name = text.toLowerCase();
  const isShort = name === '.' || (name.startsWith('*') && (name[1] !== '.' || name.length < 3));
  if (isShort) return whole(`server name "${text}" is invalid`);
  return parseHostPattern(name) ?? { kind: 'invalid', text: name };
}
