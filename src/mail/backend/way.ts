// What an answer of the auth server says of the way to a backend: the PROXY header, and the address that we come from.
import type { ByteString } from '../../conf/directive.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import type { LocalEnd } from '../../net/dial-target.ts';
import type { Unusable } from '../backend-tls/choose.ts';
import type { ProxyVersion } from '../proxy/module.ts';

/** Auth-Upstream-Protocol, in upper or lower case. */
export function versionIn(value: Buffer): ProxyVersion | Unusable {
  const text = value.toString('latin1');
  switch (text.toLowerCase()) {
    case 'off':
      return 0;
    case 'v1':
      return 1;
    case 'v2':
      return 2;
    default:
      return unusable(`sent invalid upstream protocol:"${text}"`);
  }
}

/** Auth-Source-IP. Whether it is an address of this machine, the system says. */
export function sourceIn(value: Buffer): LocalEnd | Unusable {
  const text = value.toString('latin1');
  const bytes = parseIp(text);
  return bytes === undefined
    ? unusable(`sent invalid source address:"${text}"`)
    : { address: formatIp(bytes), port: 0 };
}

const unusable = (why: ByteString): Unusable => ({ mode: 'unusable', why });
