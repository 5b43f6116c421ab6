// The directives allow and deny, of whatever block.
import { args, type ContextName, type Directive, whole } from '../conf/directive.ts';
import { type AccessRule, parseWho } from './access-rules.ts';

interface HasRules {
  rules: AccessRule[] | undefined;
}

interface Summaries {
  readonly allow: string;
  readonly deny: string;
}

export const accessRuleDirectives = (
  contexts: readonly ContextName[],
  { allow, deny }: Summaries,
): readonly Directive<HasRules>[] => [rule('allow', contexts, allow), rule('deny', contexts, deny)];

const rule = (name: 'allow' | 'deny', contexts: readonly ContextName[], summary: string): Directive<HasRules> => ({
  name,
  contexts,
  arity: args(1),
  doc: { syntax: `${name} address | CIDR | unix: | all;`, summary, values: ['all', 'unix:'] },
  set: (cf, [text = ''], conf) => {
    const parsed = parseWho(text);
    if (parsed === undefined) return whole(`invalid parameter "${text}"`);
    if (parsed.lowBits) cf.warn(`low address bits of ${text} are meaningless`);
    conf.rules ??= [];
    conf.rules.push({ allows: name === 'allow', who: parsed.who });
    return undefined;
  },
});
