// The listen directive of mail servers.
import { type ByteString, type ConfCursor, Fault, whole } from '../conf/directive.ts';
import { parseUrl } from '../core/address.ts';
import { applyListenParameter, defaultListenOptions, type Listen } from '../net/listen/options.ts';

/** @returns one entry for each address: names and port ranges give several. */
export function parseListen(cf: ConfCursor, values: readonly ByteString[]): readonly Listen[] | Fault {
  const [text = '', ...parameters] = values;
  const url = parseUrl(text, {
    defaultPort: 0,
    listen: true,
    resolve: (name) => cf.env.resolveHost(name),
  });
  if (url instanceof Fault) return whole(`${url.text} in "${text}" of the "listen" directive`);
  const options = defaultListenOptions();
  for (const parameter of parameters) {
    if (parameter === 'websocket') {
      options.websocket = true;
      continue;
    }
    const fault = applyListenParameter(cf, options, parameter);
    if (fault !== undefined) return whole(fault);
  }
  return url.addresses.map((address) => ({
    address,
    options,
    position: cf.position,
  }));
}
