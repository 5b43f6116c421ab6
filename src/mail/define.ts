// nginx's mail modules (ngx_mail_module_t): a protocol, main and server structs, and the hooks around them.
import { bindDirectives } from '../conf/bind.ts';
import type { BoundDirective, Directive, Environment, Position } from '../conf/directive.ts';
import { Key, type Store } from '../conf/store.ts';
import type { MailProtocol, ProtocolSession } from './protocol.ts';
import type { Session } from './session/session.ts';

/** What a merge may ask. */
export interface MergeContext {
  readonly env: Environment;
  /** The `server {` line. */
  readonly server: Position;
  /** Where the merging stands: the end of the mail block. */
  readonly position: Position;
  /** The server's structs; those of modules earlier in the list are merged already. */
  readonly store: Store;
}

/** A protocol as its module writes it: `open` gets the module's own merged struct. */
export interface ProtocolSpec<Srv> extends Omit<MailProtocol, 'open'> {
  readonly open: (session: Session, conf: Srv) => ProtocolSession;
}

export interface MailModuleSpec<Main, Raw, Srv> {
  readonly name: string;
  readonly protocol?: ProtocolSpec<Srv>;
  readonly mainDirectives?: readonly Directive<Main>[];
  readonly srvDirectives?: readonly Directive<Raw>[];
  readonly createMainConf: () => Main;
  /** After the mail block, before the merges. @throws ConfError */
  readonly initMainConf?: (main: Main, store: Store, env: Environment) => void;
  /** Every field may be undefined: "unset". */
  readonly createSrvConf: () => Raw;
  /** `prev` is the mail block's struct. @throws ConfError */
  readonly mergeSrvConf: (prev: Readonly<Raw>, conf: Readonly<Raw>, cx: MergeContext) => Srv;
}

/** The face that the mail block walks; every type parameter is closed over. */
export interface MailModuleEntry {
  readonly name: string;
  readonly protocol: MailProtocol | undefined;
  readonly directives: readonly BoundDirective[];
  createMain(mail: Store): void;
  initMain(mail: Store, env: Environment): void;
  createSrv(store: Store): void;
  merge(mail: Store, server: Store, cx: MergeContext): void;
}

export interface MailModule<Main, Raw, Srv> extends MailModuleEntry {
  readonly main: Key<Main>;
  readonly raw: Key<Raw>;
  readonly srv: Key<Srv>;
}

export function defineMailModule<Main, Raw, Srv>(spec: MailModuleSpec<Main, Raw, Srv>): MailModule<Main, Raw, Srv> {
  const main = new Key<Main>(`mail ${spec.name} main`);
  const raw = new Key<Raw>(`mail ${spec.name} raw`);
  const srv = new Key<Srv>(`mail ${spec.name}`);
  const { protocol } = spec;
  return {
    name: spec.name,
    main,
    raw,
    srv,
    protocol: protocol && {
      name: protocol.name,
      ports: protocol.ports,
      lines: protocol.lines,
      upgrade: protocol.upgrade,
      check: protocol.check,
      open: (session) => protocol.open(session, session.store.get(srv)),
    },
    directives: [...bindDirectives(spec.mainDirectives ?? [], main), ...bindDirectives(spec.srvDirectives ?? [], raw)],
    createMain: (mail) => mail.set(main, spec.createMainConf()),
    initMain: (mail, env) => spec.initMainConf?.(mail.get(main), mail, env),
    createSrv: (store) => store.set(raw, spec.createSrvConf()),
    merge: (mail, server, cx) => server.set(srv, Object.freeze(spec.mergeSrvConf(mail.get(raw), server.get(raw), cx))),
  };
}
