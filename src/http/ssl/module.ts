// The http ssl module: TLS with clients that ask for a server by its name.
import { tlsModule } from '../../net/tls/module.ts';
import { tlsVariables } from '../../script/variables/tls.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { type HttpSsl, httpSsl, noHttpSsl } from './conf.ts';
import { httpSslDirectives } from './directives.ts';

export const httpSslModule = defineHttpModule({
  name: 'ssl',
  variables: tlsVariables<HttpRequest>(({ client }) => client.tls),
  srv: {
    create: noHttpSsl,
    directives: httpSslDirectives,
    merge: (prev: HttpSsl | undefined, raw, { env, position, store }): HttpSsl =>
      httpSsl(prev, raw, { env, position, zones: store.get(tlsModule.raw) }),
  },
});
