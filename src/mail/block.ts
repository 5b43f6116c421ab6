// The mail block (ngx_mail_module): creates the structs, reads the servers, merges, in nginx's order.
import { at, type BoundDirective, type ByteString, block, ConfError, Fault, type Position } from '../conf/directive.ts';
import { Key, Store } from '../conf/store.ts';
import { defineCoreModule, type ModuleEntry } from '../module/core-module.ts';
import { Variables } from '../script/variables.ts';
import { coreModule } from './core-module.ts';
import type { MailModuleEntry } from './define.ts';
import { MAIL_MAIN, MAIL_VARIABLES } from './main-conf.ts';
import { makers } from './script/late.ts';
import type { Session } from './session/session.ts';

export interface MailServerBlock {
  readonly store: Store;
  /** The `server {` line. */
  readonly position: Position;
}

export interface MailBlock {
  /** The mail block is there. */
  present: boolean;
  readonly servers: MailServerBlock[];
}

/** The servers of the cycle. */
export const MAIL_BLOCK = new Key<MailBlock>('mail');

/** @param modules in the order in which their structs are merged and their errors come */
export function createMailModule(modules: readonly MailModuleEntry[]): ModuleEntry {
  const mail = defineCoreModule<MailBlock, MailBlock>({
    name: 'mail',
    createConf: () => ({ present: false, servers: [] }),
    initConf: (raw) => raw,
    directives: [
      {
        name: 'mail',
        contexts: ['main'],
        arity: block,
        doc: {
          syntax: 'mail { ... }',
          summary: 'Holds everything about mail: defaults, and the servers.',
        },
        set: (cf, _args, conf) => {
          if (conf.present) return new Fault('is duplicate');
          conf.present = true;
          const store = new Store(cf.store);
          store.set(MAIL_BLOCK, conf);
          store.set(MAIL_MAIN, {
            protocols: protocolsOf(modules),
            taken: new Set<ByteString>(),
          });
          const variables = new Variables<Session>(() => makers().variables);
          store.set(MAIL_VARIABLES, variables);
          for (const module of modules) {
            module.createMain(store);
            module.createSrv(store);
          }
          cf.block('mail', store);
          for (const module of modules) {
            module.initMain(store, cf.env);
            for (const server of conf.servers) {
              module.merge(store, server.store, {
                env: cf.env,
                server: server.position,
                position: cf.position,
                store: server.store,
              });
            }
          }
          const unknown = variables.unknown();
          if (unknown !== undefined) throw new ConfError(`unknown "${unknown}" variable`);
          return undefined;
        },
      },
    ],
  });
  return {
    ...mail,
    directives: [...mail.directives, serverDirective(modules), ...modules.flatMap((module) => module.directives)],
    init: (store) => store.set(MAIL_BLOCK, store.get(mail.raw)),
  };
}

function serverDirective(modules: readonly MailModuleEntry[]): BoundDirective {
  return {
    name: 'server',
    contexts: ['mail'],
    arity: block,
    doc: {
      syntax: 'server { ... }',
      summary: 'One mail server: a protocol, its addresses and its settings.',
    },
    apply: (cf) => {
      const { position } = cf;
      const store = new Store(cf.store);
      for (const module of modules) module.createSrv(store);
      cf.store.get(MAIL_BLOCK).servers.push({ store, position });
      cf.block('mail.server', store);
      if (store.get(coreModule.raw).listens.length === 0) {
        throw new ConfError(`no "listen" is defined for server${at(position)}`);
      }
      return undefined;
    },
  };
}

const protocolsOf = (modules: readonly MailModuleEntry[]) =>
  new Map(modules.flatMap(({ protocol }) => (protocol === undefined ? [] : [[protocol.name, protocol] as const])));
