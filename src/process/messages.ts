// What master and workers say to each other over the IPC channel, by structured cloning.
import type { ByteString } from '../conf/directive.ts';
import type { TryEnd } from '../control/lock-out-table.ts';
import type { ControlAnswer, ControlOrder } from '../control/order.ts';
import type { EnvironmentSnapshot } from '../core/snapshot-environment.ts';
import type { TicketKeysById } from '../net/tls/session-zones.ts';
import type { Sample } from '../stats/samples.ts';
import type { Everything, ProcessReport } from '../stats/status.ts';
import type { AffinityRules } from '../upstream/affinity/table.ts';
import type { AffinityStep } from '../upstream/affinity/zone.ts';
import type { PeerNews, PeerReport } from '../upstream/peer-zone.ts';

export interface WorkerSocket {
  /** The address, as logs show it. */
  readonly text: ByteString;
  /** In the worker. */
  readonly fd: number;
}

/** The first message to a worker, but for sockets: everything that it needs, since it may no longer be able to read it. */
export interface WorkerInit {
  readonly kind: 'init';
  readonly snapshot: EnvironmentSnapshot;
  readonly file: ByteString;
  readonly globalDirectives: ByteString;
  readonly defaultErrorLog: ByteString;
  readonly bodyFolder: ByteString;
  /** Of this package. */
  readonly version: string;
  /** What is wrong with the handles of this Node.js, if anything. */
  readonly handleFault: string | undefined;
  /** Those that it was started with. */
  readonly sockets: readonly WorkerSocket[];
  /** The user to become; undefined: stay. */
  readonly user: { readonly name: ByteString; readonly uid: number; readonly gid: number } | undefined;
  /** When the configuration was read; the system's clock. */
  readonly bornMs: number;
  /** The master is in the background. */
  readonly isDaemon: boolean;
  /** For TLS session tickets, the same in all workers. */
  readonly ticketKeys: TicketKeysById;
  /** Which one of its configuration's workers it is; the first is 0. */
  readonly slot: number;
}

interface ForgetSession {
  readonly kind: 'forget-session';
  readonly zone: ByteString;
  readonly id: Uint8Array;
}

/** From a worker, about TLS sessions. */
export type SessionMessage =
  /** These two are to be answered with the same number. */
  | {
      readonly kind: 'put-session';
      readonly zone: ByteString;
      readonly id: Uint8Array;
      readonly session: Uint8Array;
      readonly lifetimeS: number;
      readonly ask: number;
    }
  | { readonly kind: 'find-session'; readonly zone: ByteString; readonly id: Uint8Array; readonly ask: number }
  | ForgetSession;

/** To a worker, about TLS sessions. */
export type SessionAnswer =
  | { readonly kind: 'session'; readonly ask: number; readonly session: Uint8Array | undefined }
  | ForgetSession
  | { readonly kind: 'ticket-keys'; readonly keys: TicketKeysById };

/** From a worker, about what is counted. */
export type CountsMessage =
  /** What it has: as it was asked, or by itself, which is number 0. */
  | { readonly kind: 'counts'; readonly ask: number; readonly report: ProcessReport }
  /** What it has; to be answered with the same number. */
  | { readonly kind: 'find-counts'; readonly ask: number; readonly report: ProcessReport };

/** To a worker, about what is counted. */
export type CountsAnswer =
  /** To be answered with the same number. */
  | { readonly kind: 'count'; readonly ask: number }
  /** What all workers but this one have. */
  | { readonly kind: 'others'; readonly ask: number; readonly others: Everything };

/** From a worker, about upstream peers. The first one of a zone says that it wants to hear of it. */
export interface PeersMessage {
  readonly kind: 'peers';
  readonly zone: ByteString;
  readonly reports: readonly PeerReport[];
}

/** To a worker, about upstream peers. */
export interface PeersAnswer {
  readonly kind: 'peers';
  readonly zone: ByteString;
  readonly news: readonly PeerNews[];
}

/** From a worker, about who checks the peers of a zone: it could, or it will not any more. */
export type ChecksMessage =
  | { readonly kind: 'offer-checks'; readonly zone: ByteString }
  | { readonly kind: 'withdraw-checks'; readonly zone: ByteString };

/** To a worker: it has to check the peers of a zone, for all. */
export interface ChecksAnswer {
  readonly kind: 'check-peers';
  readonly zone: ByteString;
}

/** From a worker, about what all of them are asked. */
export type ControlMessage =
  /** For all workers, its own self too; to be answered with the same number. */
  | { readonly kind: 'control'; readonly ask: number; readonly order: ControlOrder }
  | { readonly kind: 'control-answer'; readonly poll: number; readonly answer: ControlAnswer };

/** To a worker, about the same. */
export type ControlCall =
  /** To be answered with the same number; 0: it holds since before this worker. */
  | { readonly kind: 'control'; readonly poll: number; readonly order: ControlOrder }
  | { readonly kind: 'control-result'; readonly ask: number; readonly answer: ControlAnswer };

/** From a worker, about passwords that clients try. */
export type LockOutMessage =
  /** To be answered with the same number. */
  | { readonly kind: 'begin-try'; readonly address: string; readonly ask: number }
  | { readonly kind: 'end-try'; readonly address: string; readonly how: TryEnd };

/** To a worker, about the same. */
export interface LockOutAnswer {
  readonly kind: 'try';
  readonly ask: number;
  readonly isLocked: boolean;
}

/** From a worker, about how it was during the last hour. */
export type HistoryMessage =
  /** It will ask. */
  | { readonly kind: 'keep-history' }
  /** To be answered with the same number. */
  | { readonly kind: 'find-history'; readonly ask: number };

/** To a worker, about the same. */
export interface HistoryAnswer {
  readonly kind: 'history';
  readonly ask: number;
  readonly samples: readonly Sample[];
}

/** From a worker, about the servers that users belong to. */
export type AffinityMessage =
  /** It will ask. */
  | { readonly kind: 'join-affinity'; readonly zone: ByteString }
  | {
      readonly kind: 'affinity';
      readonly zone: ByteString;
      readonly user: ByteString;
      readonly server: ByteString;
      readonly rules: AffinityRules;
      /** `claim` is to be answered with the same number. */
      readonly step: AffinityStep | 'claim';
      readonly ask: number;
    };

/** To a worker, about the server that a user belongs to. */
export interface AffinityAnswer {
  readonly kind: 'belongs';
  readonly ask: number;
  readonly server: ByteString;
}

export type ToWorker =
  /** Together with a socket, before the first message: to a process that was started without. */
  | { readonly kind: 'socket'; readonly text: ByteString }
  | WorkerInit
  /** Finish the sessions, then exit. */
  | { readonly kind: 'quit' }
  /** Exit at once. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'reopen' }
  /** Connection numbers for the worker's use. */
  | { readonly kind: 'numbers'; readonly first: number }
  /** How many sessions the workers have on average, and with how many begun this one is ahead of the others. */
  | { readonly kind: 'share'; readonly sessions: number; readonly upTo: number }
  | SessionAnswer
  | CountsAnswer
  | PeersAnswer
  | ChecksAnswer
  | AffinityAnswer
  | ControlCall
  | LockOutAnswer
  | HistoryAnswer;

export type ToMaster =
  /** It waits for its first message. */
  | { readonly kind: 'up' }
  /** It accepts connections. */
  | { readonly kind: 'ready' }
  /** More connection numbers, please. */
  | { readonly kind: 'numbers' }
  /** How many sessions it has, and how many it has begun. `waits`: it accepts no more until it may. */
  | { readonly kind: 'load'; readonly sessions: number; readonly begun: number; readonly waits: boolean }
  | SessionMessage
  | CountsMessage
  | PeersMessage
  | ChecksMessage
  | AffinityMessage
  | ControlMessage
  | LockOutMessage
  | HistoryMessage;
