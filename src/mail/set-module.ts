// The set module: variables that get their value when a session begins.
import { args, type Directive, Fault } from '../conf/directive.ts';
import { madeVariable } from '../script/script-block.ts';
import { compileValue, type Value } from '../script/value.ts';
import type { Variable } from '../script/variables.ts';
import { defineMailModule } from './define.ts';
import { MAIL_VARIABLES } from './main-conf.ts';
import type { Session } from './session/session.ts';

export interface Setting {
  readonly variable: Variable<Session>;
  readonly value: Value<Session>;
}

interface SetRaw {
  readonly settings: Setting[];
}

const set: Directive<SetRaw> = {
  name: 'set',
  contexts: ['mail', 'mail.server'],
  arity: args(2),
  doc: {
    syntax: 'set $variable value;',
    summary: 'Gives a variable a value when a session begins. Those of mail come before those of the server.',
  },
  set: (cf, [target = '', text = ''], conf) => {
    const variables = cf.store.get(MAIL_VARIABLES);
    const name = madeVariable(target);
    if (name instanceof Fault) return name;
    const variable = variables.define(name);
    if (variable instanceof Fault) return variable;
    const value = compileValue(text, variables);
    if (value instanceof Fault) return value;
    conf.settings.push({ variable, value });
    return undefined;
  },
};

export const setModule = defineMailModule({
  name: 'set',
  createMainConf: () => undefined,
  createSrvConf: (): SetRaw => ({ settings: [] }),
  srvDirectives: [set],
  mergeSrvConf: (prev, conf): readonly Setting[] => [...prev.settings, ...conf.settings],
});
