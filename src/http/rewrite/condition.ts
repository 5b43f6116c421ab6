// The conditions of if: a variable, a comparison, a regular expression, or a file.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import { compileRegex } from '../../script/regex.ts';
import { compileValue } from '../../script/value.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpVariable, HttpVariables } from '../script/script.ts';
import { fileTest, testFile } from './file-test.ts';
import { matches } from './match.ts';
import type { Rewriting } from './steps.ts';

export type Condition = (run: Rewriting) => boolean;

const invalid = (text: ByteString): Fault => whole(`invalid condition "${text}"`);

/** @param words the arguments of the directive, with their parentheses */
export function parseCondition(words: readonly ByteString[], variables: HttpVariables): Condition | Fault {
  const tokens = withoutParentheses(words);
  if (tokens instanceof Fault) return tokens;
  const [subject = '', operator, operand, ...rest] = tokens;
  if (subject.length > 1 && subject.startsWith('$')) {
    const variable = variables.reference(subject.slice(1));
    if (operator === undefined) return ({ request }) => isTrue(variable.of(request) ?? '');
    if (operand === undefined || rest.length > 0) return invalid(subject);
    return comparison(variable, operator, operand, variables);
  }
  const isNegated = subject.startsWith('!');
  const test = fileTest(isNegated ? subject.slice(1) : subject);
  if (test === undefined || operator === undefined || operand !== undefined) return invalid(subject);
  const path = compileValue(operator, variables);
  if (path instanceof Fault) return path;
  return ({ request }) => testFile(request, test, path.of(request)) !== isNegated;
}

/** The opening one may be glued to the first word, and the closing one to the last. */
function withoutParentheses(words: readonly ByteString[]): readonly ByteString[] | Fault {
  const tokens = [...words];
  const first = tokens[0] ?? '';
  if (!first.startsWith('(')) return invalid(first);
  if (first !== '(') tokens[0] = first.slice(1);
  else if (tokens.length > 1) tokens.shift();
  const last = tokens.at(-1) ?? '';
  if (!last.endsWith(')')) return invalid(last);
  if (last === ')') tokens.pop();
  else tokens[tokens.length - 1] = last.slice(0, -1);
  return tokens.length === 0 ? invalid(last) : tokens;
}

function comparison(
  variable: HttpVariable,
  operator: ByteString,
  operand: ByteString,
  variables: HttpVariables,
): Condition | Fault {
  const text = (request: HttpRequest): ByteString => variable.of(request) ?? '';
  switch (operator) {
    case '=':
    case '!=': {
      const value = compileValue(operand, variables);
      if (value instanceof Fault) return value;
      return ({ request }) => (text(request) === value.of(request)) === (operator === '=');
    }
    case '~':
    case '~*':
    case '!~':
    case '!~*': {
      const regex = compileRegex(operand, { ignoreCase: operator.endsWith('*'), variables });
      if (regex instanceof Fault) return regex;
      const wanted = !operator.startsWith('!');
      return (run) => matches(regex, text(run.request), run) === wanted;
    }
    default:
      return whole(`unexpected "${operator}" in condition`);
  }
}

const isTrue = (value: ByteString): boolean => value !== '' && value !== '0';
