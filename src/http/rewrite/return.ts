// The return directive: a status with a text, a redirect, or a status alone, for which error_page may have a page.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import { parseNumber } from '../../conf/values.ts';
import { compileValue } from '../../script/value.ts';
import { contentTypeOf } from '../answer/mime.ts';
import type { HttpValue, HttpVariables } from '../script/script.ts';
import type { Step } from './steps.ts';

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Node.js sends none below 100, and takes those below 200 for interim answers. */
const LOWEST = 200;
const HIGHEST = 999;

/** What a redirect may go to without being called one. */
export const isUrl = (text: ByteString): boolean => /^(https?:\/\/|\$scheme)/.test(text);

/** @param words one or two: a code, a code and a text or URL, or a URL */
export function parseReturn([first = '', second]: readonly ByteString[], variables: HttpVariables): Step | Fault {
  const isUrlAlone = second === undefined && isUrl(first);
  const code = isUrlAlone ? 302 : parseNumber(first);
  if (code === undefined || code > HIGHEST) return whole(`invalid return code "${first}"`);
  if (code < LOWEST) return whole(`return code "${first}" is not implemented in Postern`);
  const text = isUrlAlone ? first : second;
  const value = text === undefined ? undefined : compileValue(text, variables);
  if (value instanceof Fault) return value;
  if (REDIRECTS.includes(code)) return redirect(code, value);
  if (value === undefined && code >= 400) return () => code;
  return answerWith(code, value);
}

const redirect =
  (code: number, url: HttpValue | undefined): Step =>
  ({ request }) => {
    request.response.status = code;
    request.response.location = url?.of(request) ?? '';
    return code;
  };

const answerWith =
  (code: number, text: HttpValue | undefined): Step =>
  ({ request }) => {
    const { response } = request;
    response.status = code;
    if (code !== 204) response.setText(text?.of(request) ?? '', contentTypeOf(request));
    return 'done';
  };
