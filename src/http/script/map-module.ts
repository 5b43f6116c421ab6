// The map module: variables whose values depend on those of others.
import { mapDirectives, mapMain } from '../../script/map/directive.ts';
import { readMap } from '../../script/map/read.ts';
import { defineHttpModule } from '../define.ts';
import { HTTP_SCRIPT } from '../main-conf.ts';

export const mapModule = defineHttpModule({
  name: 'map',
  main: {
    create: mapMain,
    directives: mapDirectives('http', (cf, words) => readMap(HTTP_SCRIPT, cf, words)),
  },
});
