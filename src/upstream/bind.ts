// proxy_bind and its like: which address of this machine connections to peers come from.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../conf/directive.ts';
import { parseNumber } from '../conf/values.ts';
import { formatIp, parseIp } from '../core/ip.ts';
import { Level } from '../core/log.ts';
import type { LocalEnd } from '../net/dial-target.ts';
import type { ScriptBlock } from '../script/script-block.ts';
import type { Subject } from '../script/subject.ts';
import { compileValue, type Value } from '../script/value.ts';

export interface HasBind<S extends Subject> {
  bind: Value<S> | 'off' | undefined;
}

/** `127.0.0.1`, `127.0.0.1:80`, `::1`, `[::1]:80`. @returns undefined: no address */
export function parseLocal(text: ByteString): LocalEnd | undefined {
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*))(?::(\d+))?$/s.exec(text) ?? [];
  const bytes = parseIp(text) ?? parseIp(bracketed ?? plain ?? '');
  const port = portText === undefined || parseIp(text) !== undefined ? 0 : parseNumber(portText);
  if (bytes === undefined || port === undefined || port > 65535) return undefined;
  return { address: formatIp(bytes), port };
}

export function bindDirective<S extends Subject>(
  name: string,
  contexts: readonly ContextName[],
  { variables }: Pick<ScriptBlock<S>, 'variables'>,
): Directive<HasBind<S>> {
  return {
    name,
    contexts,
    arity: args(1, 2),
    doc: {
      syntax: `${name} address [transparent] | off;`,
      default: 'off',
      summary: 'The address of this machine that connections to the servers come from. May have variables.',
      values: ['off'],
    },
    set: (cf, [text = '', word], conf) => {
      if (conf.bind !== undefined) return new Fault('is duplicate');
      if (text === 'off' && word === undefined) {
        conf.bind = 'off';
        return undefined;
      }
      const value = compileValue(text, cf.store.get(variables));
      if (value instanceof Fault) return value;
      if (value.constant !== undefined && parseLocal(value.constant) === undefined) {
        return whole(`invalid address "${text}"`);
      }
      if (word !== undefined && word !== 'transparent') return whole(`invalid parameter "${word}"`);
      if (word !== undefined) cf.noEffect(`${name} ... transparent`, 'Node.js cannot bind to addresses of others');
      conf.bind = value;
      return undefined;
    },
  };
}

/** @returns undefined: the system chooses */
export function localAddress<S extends Subject>(bind: Value<S> | undefined, subject: S): LocalEnd | undefined {
  if (bind === undefined) return undefined;
  const text = bind.of(subject);
  const local = text === '' ? undefined : parseLocal(text);
  if (local === undefined && text !== '') subject.log.write(Level.error, `invalid local address "${text}"`, subject);
  return local;
}
