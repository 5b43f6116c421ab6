// nginx's events module: the events block and its directives.
import { args, type ByteString, block, ConfError, type Directive, Fault, whole } from '../conf/directive.ts';
import { flagSlot, msecSlot, numSlot, slot } from '../conf/slots.ts';
import { parseNumber } from '../conf/values.ts';
import { defineCoreModule } from '../module/core-module.ts';
import { type AddressMatcher, type Cidr, cidrsOf, compileCidrs } from './cidr.ts';

interface EventsRaw {
  /** The block was there. */
  present: boolean;
  workerConnections: number | undefined;
  use: ByteString | undefined;
  multiAccept: boolean | undefined;
  acceptMutex: boolean | undefined;
  acceptMutexDelay: number | undefined;
  debugConnections: Cidr[];
  epollEvents: number | undefined;
  workerAioRequests: number | undefined;
}

export interface EventsConf {
  /** Of one worker: clients, backends, auth and DNS servers, and listening sockets. */
  readonly workerConnections: number;
  /** Milliseconds that accepting pauses for when descriptors run out. */
  readonly acceptMutexDelay: number;
  /** Clients whose sessions are logged at debug; undefined where there are none. */
  readonly debugConnection: AddressMatcher | undefined;
}

const events = { contexts: ['events'] } as const;
const MUTEX = 'a worker with more than its share of the connections leaves new ones to the others';

const directives: readonly Directive<EventsRaw>[] = [
  {
    name: 'events',
    contexts: ['main'],
    arity: block,
    doc: {
      syntax: 'events { ... }',
      summary: 'How connections are handled. The block has to be there, once.',
    },
    set: (cf, _values, conf) => {
      if (conf.present) return new Fault('is duplicate');
      conf.present = true;
      cf.block('events', cf.store);
      return undefined;
    },
  },
  slot<'workerConnections', number>(
    'worker_connections',
    'workerConnections',
    args(1),
    {
      ...events,
      syntax: 'worker_connections number;',
      default: '512',
      summary:
        'How many connections a worker process may have open at a time: to clients, backends, auth servers and name servers, and its listening sockets.',
    },
    ([text = '']) => parseNumber(text) ?? whole(`invalid number "${text}"`),
  ),
  slot<'use', ByteString>(
    'use',
    'use',
    args(1),
    {
      ...events,
      syntax: 'use method;',
      default: 'epoll',
      summary: 'The way to wait for events. On Linux there is only epoll, which Node.js uses.',
      values: ['epoll'],
    },
    ([text = '']) => (text === 'epoll' ? text : whole(`invalid event type "${text}"`)),
  ),
  {
    name: 'debug_connection',
    contexts: ['events'],
    arity: args(1),
    doc: {
      syntax: 'debug_connection address | CIDR | name | unix:;',
      summary: 'Clients whose sessions are logged at level debug. Repeated directives add up.',
    },
    set: (cf, [text = ''], conf) => {
      const cidrs = cidrsOf(cf, 'debug_connection', text);
      if (cidrs instanceof Fault) return cidrs;
      conf.debugConnections.push(...cidrs);
      return undefined;
    },
  },
  flagSlot('multi_accept', 'multiAccept', {
    ...events,
    syntax: 'multi_accept on | off;',
    default: 'off',
    summary: 'Whether a worker process takes all waiting connections at a time.',
    noEffect: 'Node.js takes one connection in each turn of its loop',
  }),
  flagSlot('accept_mutex', 'acceptMutex', {
    ...events,
    syntax: 'accept_mutex on | off;',
    default: 'off',
    summary: 'Whether worker processes take turns in accepting connections.',
    noEffect: MUTEX,
  }),
  msecSlot('accept_mutex_delay', 'acceptMutexDelay', {
    ...events,
    syntax: 'accept_mutex_delay time;',
    default: '500ms',
    summary: 'How long a worker waits for its turn to accept, and after it ran out of descriptors.',
  }),
  numSlot('epoll_events', 'epollEvents', {
    ...events,
    syntax: 'epoll_events number;',
    default: '512',
    summary: 'How many events are taken from the kernel at a time.',
    noEffect: 'it tunes the event loop of nginx',
  }),
  numSlot('worker_aio_requests', 'workerAioRequests', {
    ...events,
    syntax: 'worker_aio_requests number;',
    default: '32',
    summary: 'How many asynchronous file operations a worker process may have under way.',
    noEffect: 'a mail proxy sends no files',
  }),
];

export const eventsModule = defineCoreModule({
  name: 'events',
  directives,
  createConf: (): EventsRaw => ({
    present: false,
    workerConnections: undefined,
    use: undefined,
    multiAccept: undefined,
    acceptMutex: undefined,
    acceptMutexDelay: undefined,
    debugConnections: [],
    epollEvents: undefined,
    workerAioRequests: undefined,
  }),
  initConf: (raw): EventsConf => {
    if (!raw.present) throw new ConfError('no "events" section in configuration');
    return {
      workerConnections: raw.workerConnections ?? 512,
      acceptMutexDelay: raw.acceptMutexDelay ?? 500,
      debugConnection: raw.debugConnections.length === 0 ? undefined : compileCidrs(raw.debugConnections),
    };
  },
});

/** Every listening socket takes a connection, and one more has to be left. @throws ConfError */
export function checkWorkerConnections({ workerConnections }: EventsConf, listening: number): void {
  if (workerConnections > listening) return;
  throw new ConfError(`${workerConnections} worker_connections are not enough for ${listening} listening sockets`);
}
