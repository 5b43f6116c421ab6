// Random requests that are not compared, and what is known to differ: docs/differences.md, and 1.22 against today's.
import type { HttpObservation } from '../observation.ts';

const LINE = /(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH) [!-~]+ HTTP\/1\.[01]\r\n/;
const FIELDS = /(?:[A-Za-z][A-Za-z_-]*: [^\r\n]*\r\n)*\r\n/;
const BODY = /(?:[a-z=]*?|(?:[0-9a-f]{1,2}\r\n[a-z=]+\r\n)?0\r\n\r\n)/;
const REQUESTS = new RegExp(`^(?:${LINE.source}${FIELDS.source}${BODY.source})+$`);

/** Whether it is not of the form that both are known to take alike; what is made smaller may not be. */
export const unfit = (text: string): boolean => !REQUESTS.test(text) || ODD.test(text);

/** Where nginx tells empty arguments from none; a line that is left out, whose record has no line behind it. */
const ODD = /\?#|_[\s\S]*^Referer/m;

/** docs/differences.md: behind a 412 nginx closes a connection that it has promised to keep. */
export const deliberate = ({ answers }: HttpObservation): boolean =>
  answers.some((answer) => answer.startsWith('HTTP/1.1 412 '));
