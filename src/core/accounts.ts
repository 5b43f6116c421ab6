// Users and groups from /etc/passwd and /etc/group (passwd(5), group(5)), and the user directive that asks for them.
import {
  args,
  type ByteString,
  type ConfCursor,
  type Directive,
  type Environment,
  Fault,
  whole,
} from '../conf/directive.ts';

export interface Account {
  readonly name: ByteString;
  readonly uid: number;
  readonly gid: number;
}

/** The fields of the entry with this name; undefined also where the file cannot be read. */
function findEntry(cf: Pick<ConfCursor, 'env'>, file: ByteString, name: ByteString): ByteString[] | undefined {
  const data = cf.env.readFile(file);
  if (!Buffer.isBuffer(data) || name === '') return undefined;
  for (const line of data.toString('latin1').split('\n')) {
    const fields = line.split(':');
    if (fields[0] === name) return fields;
  }
  return undefined;
}

const toId = (text: ByteString | undefined): number | undefined =>
  text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;

/** @param group the user's own name where it is left out, as in nginx. */
function findAccount(cf: Pick<ConfCursor, 'env'>, name: ByteString, group: ByteString = name): Account | Fault {
  const uid = toId(findEntry(cf, '/etc/passwd', name)?.[2]);
  if (uid === undefined) return whole(`getpwnam("${name}") failed`);
  const gid = toId(findEntry(cf, '/etc/group', group)?.[2]);
  if (gid === undefined) return whole(`getgrnam("${group}") failed`);
  return { name, uid, gid };
}

/** The names that packages of nginx use for it. */
const PACKAGE_USERS = ['www-data', 'nginx', 'nobody'];

/** Whom workers run as where the configuration does not say; undefined where there is nobody of these. */
export function defaultUser(env: Environment): Account | undefined {
  for (const name of PACKAGE_USERS) {
    const account = findAccount({ env }, name, name === 'nobody' ? 'nogroup' : name);
    if (!(account instanceof Fault)) return account;
  }
  return undefined;
}

/** Whether this process may change its user. */
const isSuperUser = (): boolean => process.geteuid?.() === 0;

/** What a struct needs to take the directive. */
export interface HasUser {
  user: Account | undefined;
}

/** @param superUser told apart in tests. */
export function userDirective(superUser: () => boolean = isSuperUser): Directive<HasUser> {
  return {
    name: 'user',
    contexts: ['main'],
    arity: args(1, 2),
    doc: {
      syntax: 'user user [group];',
      default: 'the user that the package or the build names',
      summary:
        'The user and group that worker processes run as. Without a group, the one with the name of the user. Only a process started by root can change its user.',
    },
    set: (cf, [name = '', group], conf) => {
      if (conf.user !== undefined) return new Fault('is duplicate');
      if (!superUser()) {
        cf.warn('the "user" directive makes sense only if the master process runs with super-user privileges, ignored');
        return undefined;
      }
      const account = findAccount(cf, name, group);
      if (account instanceof Fault) return account;
      conf.user = account;
      return undefined;
    },
  };
}
