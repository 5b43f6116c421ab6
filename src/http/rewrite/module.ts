// The rewrite module: set, if, return, break and rewrite, which run in the order of the file.
import { type Arity, args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { flagSlot } from '../../conf/slots.ts';
import { Level } from '../../core/log.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule, type Outcome } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import { openLocation } from '../servers/open-location.ts';
import { parseCondition } from './condition.ts';
import { parseReturn } from './return.ts';
import { parseRewrite } from './rewrite.ts';
import { runSteps, type Step } from './steps.ts';

interface RewriteRaw {
  /** Of this level alone: they are not inherited. */
  readonly steps: Step[];
  rewriteLog: boolean | undefined;
  uninitializedVariableWarn: boolean | undefined;
}

interface RewriteConf {
  readonly steps: readonly Step[];
  readonly rewriteLog: boolean;
  readonly uninitializedVariableWarn: boolean;
}

const levels = {
  contexts: ['http.server', 'http.location', 'http.server.if', 'http.location.if'],
} as const;
const everywhere = { contexts: ['http', ...levels.contexts] } as const;
const some: Arity = { kind: 'block', min: 1, max: Number.POSITIVE_INFINITY };

const set: Directive<RewriteRaw> = {
  name: 'set',
  ...levels,
  arity: args(2),
  doc: { syntax: 'set $variable value;', summary: 'Gives a variable a value, which may hold other variables.' },
  set: (cf, [name = '', text = ''], conf) => {
    if (!/^\$./s.test(name)) return whole(`invalid variable name "${name}"`);
    const variables = cf.store.get(VARIABLES);
    const variable = variables.assignable(name.slice(1), (request) => uninitialized(request, name.slice(1)));
    if (variable instanceof Fault) return variable;
    const value = compileValue(text, variables);
    if (value instanceof Fault) return value;
    conf.steps.push(({ request }) => {
      variable.assign(request, value.of(request));
      return undefined;
    });
    return undefined;
  },
};

const ifDirective: Directive<RewriteRaw> = {
  name: 'if',
  contexts: ['http.server', 'http.location'],
  arity: some,
  doc: {
    syntax: 'if (condition) { ... }',
    summary: 'Directives for requests of which a condition is true: a variable, a comparison, a regex or a file test.',
  },
  set: (cf, words, conf) => {
    const condition = parseCondition(words, cf.store.get(VARIABLES));
    if (condition instanceof Fault) return condition;
    const isInServer = cf.context === 'http.server';
    const { store } = openLocation(
      cf,
      { kind: 'nameless', text: '' },
      isInServer ? 'http.server.if' : 'http.location.if',
    );
    const { steps } = store.get(rewriteModule.locRaw);
    conf.steps.push((run) => {
      if (!condition(run)) return undefined;
      if (!isInServer) run.request.store = store;
      return runSteps(steps, run);
    });
    return undefined;
  },
};

const returnDirective: Directive<RewriteRaw> = {
  name: 'return',
  ...levels,
  arity: args(1, 2),
  doc: {
    syntax: 'return code [text]; return code URL; return URL;',
    summary: 'Answers at once: with a status, a text, or a redirect.',
  },
  set: (cf, words, conf) => {
    const step = parseReturn(words, cf.store.get(VARIABLES));
    if (step instanceof Fault) return step;
    conf.steps.push(step);
    return undefined;
  },
};

const breakDirective: Directive<RewriteRaw> = {
  name: 'break',
  ...levels,
  arity: args(0),
  doc: { syntax: 'break;', summary: 'Ends the set, if, return and rewrite directives of this level.' },
  set: (_cf, _words, conf) => {
    conf.steps.push((run) => {
      run.searches = false;
      return 'stop';
    });
    return undefined;
  },
};

const rewriteDirective: Directive<RewriteRaw> = {
  name: 'rewrite',
  ...levels,
  arity: args(2, 3),
  doc: {
    syntax: 'rewrite regex replacement [flag];',
    summary: 'Changes the URI where a regular expression matches it, or redirects.',
    values: ['last', 'break', 'redirect', 'permanent'],
  },
  set: (cf, words, conf) => {
    const step = parseRewrite(words, cf.store.get(VARIABLES));
    if (step instanceof Fault) return step;
    conf.steps.push(step);
    return undefined;
  },
};

export const rewriteModule = defineHttpModule({
  name: 'rewrite',
  loc: {
    create: (): RewriteRaw => ({ steps: [], rewriteLog: undefined, uninitializedVariableWarn: undefined }),
    directives: [
      set,
      ifDirective,
      returnDirective,
      breakDirective,
      rewriteDirective,
      flagSlot('rewrite_log', 'rewriteLog', {
        ...everywhere,
        syntax: 'rewrite_log on | off;',
        default: 'off',
        summary: 'Notices in the error log about what regular expressions matched, and what became of the URI.',
      }),
      flagSlot('uninitialized_variable_warn', 'uninitializedVariableWarn', {
        ...everywhere,
        syntax: 'uninitialized_variable_warn on | off;',
        default: 'on',
        summary: 'Warnings about variables that are read before set has given them a value.',
      }),
    ],
    merge: (prev: RewriteConf | undefined, raw): RewriteConf => ({
      steps: raw.steps,
      rewriteLog: raw.rewriteLog ?? prev?.rewriteLog ?? false,
      uninitializedVariableWarn: raw.uninitializedVariableWarn ?? prev?.uninitializedVariableWarn ?? true,
    }),
  },
  handlers: {
    serverRewrite: rewrite,
    // Where no location was found, the request still stands in the server, whose directives have run.
    rewrite: (request) => (request.store === request.serverStore ? undefined : rewrite(request)),
  },
});

function rewrite(request: HttpRequest): Outcome {
  const { steps, rewriteLog } = request.conf(rewriteModule.loc);
  if (steps.length === 0) return undefined;
  const run = { request, logs: rewriteLog, searches: false };
  const outcome = runSteps(steps, run);
  if (outcome !== undefined && outcome !== 'stop') return outcome;
  return run.searches ? 'search' : undefined;
}

/** What a variable of `set` is until it is set. */
function uninitialized(request: HttpRequest, name: ByteString): ByteString {
  if (request.conf(rewriteModule.loc).uninitializedVariableWarn) {
    request.log.write(Level.warn, `using uninitialized "${name}" variable`, request);
  }
  return '';
}
