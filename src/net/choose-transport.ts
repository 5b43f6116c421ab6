// Which transport a process uses: what `transport` says, and what this Node.js has.
import { takeBindings } from './handle/native.ts';
import { HandleTransport } from './handle/transport.ts';
import { streamTransport } from './stream-transport.ts';
import type { Transport } from './transport.ts';

export type TransportSetting = 'auto' | 'net' | 'handle';

/** @param fault what the self-test found @returns the transport's name, and why it is that one */
export function explainTransport(setting: TransportSetting, fault: string | undefined): [Transport['name'], string] {
  if (setting !== 'auto') return [setting, 'as configured'];
  return fault === undefined
    ? ['handle', 'the self-test passed']
    : ['net', `the self-test of "handle" failed: ${fault}`];
}

/** @param fault what the self-test found, perhaps in another process of the same Node.js */
export function chooseTransport(setting: TransportSetting, fault: string | undefined): Transport {
  const [name] = explainTransport(setting, fault);
  const bindings = name === 'handle' ? takeBindings() : '';
  return typeof bindings === 'string' ? streamTransport : new HandleTransport(bindings);
}
