// The split_clients module: variables whose values are shared out.
import { splitClientsDirective } from '../../script/split-clients/directive.ts';
import { readSplit } from '../../script/split-clients/read.ts';
import { defineHttpModule } from '../define.ts';
import { HTTP_SCRIPT } from '../main-conf.ts';

export const splitClientsModule = defineHttpModule({
  name: 'split_clients',
  main: {
    create: () => undefined,
    directives: [splitClientsDirective('http', (cf, words) => readSplit(HTTP_SCRIPT, cf, words))],
  },
});
