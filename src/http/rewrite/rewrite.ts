// The rewrite directive: another URI for requests whose URI a regular expression matches, or a redirect to it.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { compileRegex } from '../../script/regex.ts';
import { compileValue } from '../../script/value.ts';
import type { HttpRequest } from '../request/request.ts';
import { escapeArgument, unescapeRedirect } from '../request/uri.ts';
import type { HttpValue, HttpVariables } from '../script/script.ts';
import { matches } from './match.ts';
import { isUrl } from './return.ts';
import type { Rewriting, Step } from './steps.ts';

const FOUND = 302;
/** By the flag of the directive. */
const REDIRECTS: ReadonlyMap<ByteString | undefined, number> = new Map([
  ['redirect', FOUND],
  ['permanent', 301],
]);

interface Replacement {
  readonly uri: HttpValue;
  /** Behind the first `?`. */
  readonly args: HttpValue | undefined;
  /** Those of the request follow; a `?` at the end keeps them off. */
  readonly addsArgs: boolean;
}

/** @param words two or three: the expression, the replacement, and a flag */
export function parseRewrite(
  [source = '', text = '', flag]: readonly ByteString[],
  variables: HttpVariables,
): Step | Fault {
  if (text === '') return whole('empty replacement');
  const regex = compileRegex(source, { ignoreCase: false, variables });
  if (regex instanceof Fault) return regex;
  if (flag !== undefined && flag !== 'last' && flag !== 'break' && !REDIRECTS.has(flag)) {
    return whole(`invalid parameter "${flag}"`);
  }
  const replacement = parseReplacement(text, variables);
  if (replacement instanceof Fault) return replacement;
  const code = REDIRECTS.get(flag) ?? (isUrl(text) ? FOUND : undefined);
  return (run) => {
    if (!matches(regex, run.request.uri, run)) return undefined;
    if (code !== undefined) return redirect(code, replacement, run);
    if (!change(replacement, run)) return 500;
    run.searches = flag !== 'break';
    if (flag === 'break') run.request.inLocation = false;
    return flag === undefined ? undefined : 'stop';
  };
}

function parseReplacement(text: ByteString, variables: HttpVariables): Replacement | Fault {
  const addsArgs = !text.endsWith('?');
  const whole = addsArgs ? text : text.slice(0, -1);
  const question = whole.indexOf('?');
  const uri = compileValue(question < 0 ? whole : whole.slice(0, question), variables);
  if (uri instanceof Fault) return uri;
  const args = question < 0 ? undefined : compileValue(whole.slice(question + 1), variables);
  return args instanceof Fault ? args : { uri, args, addsArgs };
}

/** @returns false: there would be no URI */
function change({ uri, args, addsArgs }: Replacement, { request, logs }: Rewriting): boolean {
  const path = uri.of(request);
  const own = args?.of(request, escaping(request));
  const old = addsArgs ? request.args : '';
  if (own !== undefined) request.changeArgs(own + (old === '' ? '' : `&${old}`));
  else if (!addsArgs) request.changeArgs('');
  if (logs) note(request, `rewritten data: "${path}", args: "${request.args}"`);
  request.uri = path;
  if (path === '') {
    request.error('the rewritten URI has a zero length');
    return false;
  }
  request.internal = true;
  request.asSent = false;
  return true;
}

function redirect(code: number, { uri, args, addsArgs }: Replacement, { request, logs }: Rewriting): number {
  const escaped = escaping(request);
  const query = args === undefined ? '' : `?${args.of(request, escaped)}`;
  const old = addsArgs && request.args !== '' ? `${args === undefined ? '?' : '&'}${request.args}` : '';
  const location = unescapeRedirect(uri.of(request, escaped) + query) + old;
  if (logs) note(request, `rewritten redirect: "${location}"`);
  request.response.location = location;
  return code;
}

const same = (text: ByteString): ByteString => text;

/** Captures go into arguments and redirects as the client has to send them, if it sent anything escaped. */
const escaping = ({ sentUri }: HttpRequest): ((capture: ByteString) => ByteString) =>
  /^[^?#]*[%+]/.test(sentUri) ? escapeArgument : same;

const note = (request: HttpRequest, text: ByteString): void => request.log.write(Level.notice, text, request);
