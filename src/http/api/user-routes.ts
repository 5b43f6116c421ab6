// The API about users whose logins wait, while their mailboxes move.
import type { ByteString } from '../../conf/directive.ts';
import { parseMsec } from '../../conf/values.ts';
import { MAX_HOLD_MS } from '../../control/holds.ts';
import type { ControlAnswer } from '../../control/order.ts';
import { nameText } from '../../stats/name-text.ts';
import { isoTime, type JsonObject } from './json.ts';
import { isResult, jsonBody } from './question.ts';
import { type ApiCall, type ApiResult, error, named, notFound, type Route, value } from './route.ts';

const HOLD_MS = 60_000;
const MAX_USER = 1024;

const stateOf = ({ held, waiting }: ControlAnswer, user: ByteString): JsonObject | undefined => {
  const untilMs = held.get(user);
  return untilMs === undefined ? undefined : { until: isoTime(untilMs), waiting: waiting.get(user) ?? 0 };
};

async function users({ control }: ApiCall): Promise<ApiResult> {
  const answer = await control.ask({ kind: 'list-waiting' });
  return named(Object.fromEntries([...answer.held.keys()].map((user) => [nameText(user), stateOf(answer, user)])));
}

const noSuchHold = (): ApiResult => notFound('user is not held', 'UserNotHeld');

async function show({ control, names: [user = ''] }: ApiCall): Promise<ApiResult> {
  const state = stateOf(await control.ask({ kind: 'list-waiting' }), user);
  return state === undefined ? noSuchHold() : value(state);
}

async function hold({ control, request, names: [user = ''] }: ApiCall): Promise<ApiResult> {
  const body = await jsonBody(request);
  if (isResult(body)) return body;
  for (const name of body.keys()) {
    if (name !== 'time' && name !== 'end_sessions') return error(400, `unknown parameter "${name}"`, 'BadParameter');
  }
  const time = body.get('time');
  const ms = time === undefined ? HOLD_MS : typeof time === 'string' ? parseMsec(time) : undefined;
  if (ms === undefined || ms <= 0 || ms > MAX_HOLD_MS) return error(400, 'invalid "time"', 'BadParameter');
  const endSessions = body.get('end_sessions') ?? false;
  if (typeof endSessions !== 'boolean') return error(400, 'invalid "end_sessions"', 'BadParameter');
  if (user.length > MAX_USER) return error(400, 'user name too long', 'BadParameter');
  const untilMs = Date.now() + ms;
  const { isFull } = await control.ask({ kind: 'hold', user, untilMs });
  if (isFull === true) return error(507, 'too many users are held', 'TooManyUsers');
  // Only then: who comes back at once has to wait.
  const ended = endSessions ? (await control.ask({ kind: 'end-sessions', filter: { user, state: 'relay' } })).count : 0;
  return { kind: 'value', status: 201, value: { until: isoTime(untilMs), ended } };
}

async function release({ control, names: [user = ''] }: ApiCall): Promise<ApiResult> {
  const before = stateOf(await control.ask({ kind: 'list-waiting' }), user);
  if (before === undefined) return noSuchHold();
  await control.ask({ kind: 'hold', user, untilMs: 0 });
  return value({ released: before.waiting });
}

export const userRoutes: readonly Route[] = [
  { path: '/mail/users', methods: { GET: users } },
  { path: '/mail/users/*user/delay', methods: { GET: show, POST: hold, DELETE: release } },
];
