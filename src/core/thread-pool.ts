// The thread_pool directive: checked as nginx checks it; Node.js has one pool of its own.
import { args, type ByteString, type Directive, whole } from '../conf/directive.ts';
import { parseNumber } from '../conf/values.ts';

/** What a struct needs to take the directive: the names of the pools. */
export interface HasThreadPools {
  readonly threadPools: Set<ByteString>;
}

export const threadPoolDirective: Directive<HasThreadPools> = {
  name: 'thread_pool',
  contexts: ['main'],
  arity: args(2, 3),
  doc: {
    syntax: 'thread_pool name threads=number [max_queue=number];',
    default: 'default threads=32 max_queue=65536',
    summary: 'A named pool of threads for reading and sending files.',
    noEffect: 'a mail proxy sends no files',
  },
  set: (_cf, [name = '', ...parameters], conf) => {
    if (conf.threadPools.has(name)) return whole(`duplicate thread pool "${name}"`);
    let threads = 0;
    for (const parameter of parameters) {
      // Other words are passed over, as nginx does.
      const [, key, digits = ''] = /^(threads|max_queue)=(.*)$/s.exec(parameter) ?? [];
      if (key === undefined) continue;
      const number = parseNumber(digits);
      if (number === undefined || (key === 'threads' && number === 0)) {
        return whole(`invalid ${key} value "${parameter}"`);
      }
      if (key === 'threads') threads = number;
    }
    if (threads === 0) return whole('"thread_pool" must have "threads" parameter');
    conf.threadPools.add(name);
    return undefined;
  },
};
