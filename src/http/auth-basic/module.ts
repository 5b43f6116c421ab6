// The auth_basic module: a user and password in each request, compared with a file of users.
import { args, type ByteString, Fault } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import { NOT_COUNTED } from '../../control/lock-out.ts';
import { LOCKED_MS } from '../../control/lock-out-table.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { socketAddressOf } from '../../net/endpoint.ts';
import { compileValue } from '../../script/value.ts';
import { type AccessOutcome, defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { FileName } from './file-name.ts';
import { HashQueue } from './hash-queue.ts';
import { type FileFault, findUser } from './user-file.ts';
import { type Verdict, verify } from './verify.ts';

interface AuthBasicMain {
  readonly queue: HashQueue;
}

interface AuthBasicRaw {
  realm: HttpValue | undefined;
  userFile: FileName | undefined;
  /** Who sends wrong passwords too often is locked out. */
  locksOut: true | undefined;
}

type AuthBasicConf = Readonly<AuthBasicRaw>;

const contexts = ['http', 'http.server', 'http.location', 'http.limit_except'] as const;
const ENOENT = 2;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const INTERNAL_ERROR = 500;
const TOO_MANY_REQUESTS = 429;
const CLIENT_GONE = 499;

export const authBasicModule = defineHttpModule({
  name: 'auth basic',
  main: { create: (): AuthBasicMain => ({ queue: new HashQueue() }) },
  loc: {
    create: (): AuthBasicRaw => ({ realm: undefined, userFile: undefined, locksOut: undefined }),
    directives: [
      slot<'realm', HttpValue>(
        'auth_basic',
        'realm',
        args(1),
        {
          contexts,
          syntax: 'auth_basic string | off;',
          default: 'off',
          summary: 'Asks for a user and password, which auth_basic_user_file knows. The string is the realm.',
          values: ['off'],
        },
        ([text = ''], cf) => compileValue(text, cf.store.get(VARIABLES)),
      ),
      slot<'userFile', FileName>(
        'auth_basic_user_file',
        'userFile',
        args(1),
        {
          contexts,
          syntax: 'auth_basic_user_file file;',
          summary: 'The file with a line USER:HASH for each user. It is read at each request.',
        },
        ([text = ''], cf) => {
          const value = compileValue(text, cf.store.get(VARIABLES));
          return value instanceof Fault ? value : new FileName(value, cf.env.confPrefix);
        },
      ),
    ],
    merge: (prev: AuthBasicConf | undefined, raw): AuthBasicConf => ({
      realm: raw.realm ?? prev?.realm,
      userFile: raw.userFile ?? prev?.userFile,
      locksOut: raw.locksOut ?? prev?.locksOut,
    }),
  },
  handlers: { access: authenticate },
});

async function authenticate(request: HttpRequest): Promise<AccessOutcome> {
  const { realm, userFile, locksOut } = request.conf(authBasicModule.loc);
  const realmText = realm?.of(request) ?? 'off';
  if (userFile === undefined || realmText === 'off') return undefined;
  const credentials = readCredentials(request.header('authorization'));
  if (credentials === undefined) request.info('no user/password was provided for basic authentication');
  try {
    const outcome = credentials === undefined ? UNAUTHORIZED : await attempt(request, credentials, userFile, locksOut);
    if (outcome === UNAUTHORIZED) request.response.fields.push(['WWW-Authenticate', `Basic realm="${realmText}"`]);
    return outcome;
  } finally {
    credentials?.forget();
  }
}

async function attempt(
  request: HttpRequest,
  credentials: Credentials,
  userFile: FileName,
  locksOut: true | undefined,
): Promise<AccessOutcome> {
  const { client, services } = request.client;
  const end = locksOut ? await services.control.lockOut.begin(socketAddressOf(client)) : NOT_COUNTED;
  if (end === undefined) {
    request.error('too many wrong passwords from this address');
    request.response.fields.push(['Retry-After', String(LOCKED_MS / 1000)]);
    return TOO_MANY_REQUESTS;
  }
  let outcome: AccessOutcome;
  try {
    outcome = await check(request, credentials, userFile);
  } finally {
    end(outcome === 'allowed' ? 'passed' : outcome === UNAUTHORIZED ? 'failed' : 'dropped');
  }
  return outcome;
}

async function check(request: HttpRequest, { user, password }: Credentials, file: FileName): Promise<AccessOutcome> {
  const path = file.of(request);
  if (path === undefined) return FORBIDDEN;
  const stored = await findUser(path, user);
  const name = user.toString('latin1');
  if (stored === undefined) {
    request.error(`user "${name}" was not found in "${path}"`);
    return UNAUTHORIZED;
  }
  if (!Buffer.isBuffer(stored)) return fileFailure(request, path, stored);
  const { queue } = request.conf(authBasicModule.main);
  const { client, output } = request;
  const verdict = await verify(password, stored, queue, () => !output.destroyed && !client.ended);
  stored.fill(0);
  return outcomeOf(request, verdict, name);
}

function outcomeOf(request: HttpRequest, verdict: Verdict, user: ByteString): AccessOutcome {
  if (verdict === 'match') return 'allowed';
  if (verdict === 'unwanted') return CLIENT_GONE;
  if (verdict === 'unknown') request.log.write(Level.warn, `user "${user}": unknown kind of hash`, request);
  request.error(`user "${user}": password mismatch`);
  return UNAUTHORIZED;
}

function fileFailure(request: HttpRequest, path: ByteString, { call, errno }: FileFault): number {
  const isMissing = errno === ENOENT;
  request.log.write(isMissing ? Level.error : Level.crit, `${call} "${path}" failed${errnoSuffix(errno)}`, request);
  return isMissing ? FORBIDDEN : INTERNAL_ERROR;
}
