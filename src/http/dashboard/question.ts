// What a page asks for, as it came.
import type { Place } from '../../control/order.ts';
import { isSessionState, type SessionFilter, SessionMatcher } from '../../control/session-view.ts';

/** Which sessions are shown, and of which the tail tells. */
export interface Question {
  readonly question: number;
  readonly filter: SessionFilter;
  readonly matcher: SessionMatcher;
  readonly limit: number;
  readonly after: Place | undefined;
  readonly tail: boolean;
}

const MAX_LIMIT = 100;
/** Of a text to filter by. */
const MAX_TEXT = 4096;
const TEXTS = ['user', 'client', 'server', 'protocol', 'backend', 'state'];

/** @returns undefined: it is none */
export function parseQuestion(text: string): Question | undefined {
  const fields = fieldsOf(parseJson(text));
  if (fields?.get('kind') !== 'watch') return undefined;
  const filter = filterOf(fields.get('filter'));
  const number = fields.get('question');
  const limit = fields.get('limit');
  const tail = fields.get('tail');
  const after = placeOf(fields.get('after'));
  if (filter === undefined || typeof tail !== 'boolean' || after === 'none') return undefined;
  if (!isWhole(number, 0, Number.MAX_SAFE_INTEGER) || !isWhole(limit, 1, MAX_LIMIT)) return undefined;
  return { question: number, filter, matcher: new SessionMatcher(filter), limit, after, tail };
}

/** The `next` of a page. */
export const placeText = ({ sinceMs, connection }: Place): string => `${sinceMs}-${connection}`;

function placeOf(value: unknown): Place | undefined | 'none' {
  if (value === undefined || value === null) return undefined;
  const [, since, connection] = (typeof value === 'string' && /^(\d{1,15})-(\d{1,15})$/.exec(value)) || [];
  return since === undefined ? 'none' : { sinceMs: Number(since), connection: Number(connection) };
}

function filterOf(value: unknown): SessionFilter | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) return undefined;
  const texts = new Map<string, string>();
  for (const [name, text] of fields) {
    if (text === undefined || text === null || text === '') continue;
    if (!TEXTS.includes(name) || typeof text !== 'string' || text.length > MAX_TEXT) return undefined;
    texts.set(name, Buffer.from(text).toString('latin1'));
  }
  const state = texts.get('state');
  if (state !== undefined && !isSessionState(state)) return undefined;
  return {
    user: texts.get('user'),
    client: texts.get('client'),
    server: texts.get('server'),
    protocol: texts.get('protocol'),
    backend: texts.get('backend'),
    state,
  };
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
