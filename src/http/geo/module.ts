// The geo module: variables whose values depend on an address.
import { type Directive, Fault } from '../../conf/directive.ts';
import { defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import { madeVariable } from '../map/module.ts';
import type { HttpRequest } from '../request.ts';
import { addressOf } from './client.ts';
import { GeoTable } from './table.ts';

const geo: Directive<unknown> = {
  name: 'geo',
  contexts: ['http'],
  arity: { kind: 'block', min: 1, max: 2 },
  doc: {
    syntax: 'geo [$address] $variable { ... }',
    summary: 'Makes a variable whose value is that of the smallest network, or of the range, that an address is in.',
    values: ['default', 'ranges', 'proxy', 'proxy_recursive', 'delete', 'include'],
  },
  set: (cf, words) => {
    const [target = '', source] = [...words].reverse();
    const variables = cf.store.get(VARIABLES);
    const from = source === undefined ? undefined : madeVariable(source);
    if (from instanceof Fault) return from;
    const name = madeVariable(target);
    if (name instanceof Fault) return name;
    const table = new GeoTable();
    const given = from === undefined ? undefined : variables.reference(from);
    const address = (request: HttpRequest): Uint8Array =>
      given === undefined ? table.client.find(request) : addressOf(given.of(request) ?? '');
    const variable = variables.define(name, (request) => table.find(address(request)));
    if (variable instanceof Fault) return variable;
    cf.entries((entry, entryWords) => table.add(entry, entryWords));
    return undefined;
  },
};

export const geoModule = defineHttpModule({
  name: 'geo',
  main: { create: () => undefined, directives: [geo] },
});
