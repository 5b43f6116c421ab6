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
  return bytes === undefined || isNobodys(bytes)
    ? unusable(`sent invalid source address:"${text}"`)
    : { address: formatIp(bytes), port: 0 };
}

/** All addresses, a group, or everybody: the system would bind to them. */
function isNobodys(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  return bytes.every((byte) => byte === 0) || first >= (bytes.length === 4 ? FIRST_GROUP : FIRST_GROUP_6);
}

const FIRST_GROUP = 224;
const FIRST_GROUP_6 = 255;

const unusable = (why: ByteString): Unusable => ({ mode: 'unusable', why });
