// The ways in which a session reaches the proxy; the behaviour spec runs over each of them.
import { join } from 'node:path';
import { serverCertificate } from '../certificate.ts';
import type { BackendScript } from '../fake-backend.ts';
import { overStarttls, overTls } from '../secure-backend.ts';
import type { MailServer } from '../server.ts';
import { CERTS } from '../tls.ts';
import { connect, type Wire } from '../wire.ts';

export type Protocol = 'imap' | 'pop3' | 'smtp';

export interface Transport {
  readonly name: string;
  /** The value of `listen` for the server of this name. */
  readonly listen: (name: string) => string;
  /** Directives at mail level. */
  readonly conf: string;
  /** Connects, and goes as far as the greeting or, with STARTTLS, to the end of the handshake behind it. */
  readonly open: (server: MailServer, name: string, protocol: Protocol, greeting: string | RegExp) => Promise<Wire>;
  /** How `listen` stands in the log. */
  readonly listenText: (server: MailServer, name: string) => string;
  /** The client as log and auth request show it. */
  readonly client: string;
  /** Behind the client in the log. */
  readonly suffix: '' | ' using starttls';
  /** The lines of the auth request that tell of a PROXY header. */
  readonly proxyLines: string;
  readonly secure: boolean;
  /** What the backends do besides what is written down. */
  readonly backend?: (protocol: Protocol, script: BackendScript) => BackendScript;
}

/** Where the clients come from. */
export const CLIENT = '127.0.0.1';

function dial(server: MailServer, name: string): Promise<Wire> {
  return server.connect(name, { localAddress: CLIENT });
}

export const tcp: Transport = {
  name: 'tcp',
  listen: (name) => `@${name}@`,
  conf: '',
  open: async (server, name, _protocol, greeting) => greeted(await dial(server, name), greeting),
  listenText: (server, name) => `${server.at(name).host}:${server.at(name).port}`,
  client: CLIENT,
  suffix: '',
  proxyLines: '',
  secure: false,
};

export const unix: Transport = {
  ...tcp,
  name: 'unix socket',
  listen: (name) => `unix:@DIR@/${name}`,
  listenText: (server, name) => `unix:${server.dir}/${name}`,
  open: async (server, name, _protocol, greeting) =>
    greeted(await connect({ path: `${server.dir}/${name}` }), greeting),
  client: 'unix:',
};

/** A trusted header of version 1: the client in it takes the place of the peer. */
export const proxyV1: Transport = {
  ...tcp,
  name: 'PROXY protocol v1',
  listen: (name) => `@${name}@ proxy_protocol`,
  conf: 'set_real_ip_from 127.0.0.0/8;',
  open: async (server, name, _protocol, greeting) => {
    const wire = await dial(server, name);
    await wire.send('PROXY TCP4 192.0.2.7 198.51.100.1 40001 143\r\n');
    return greeted(wire, greeting);
  },
  client: '192.0.2.7',
  proxyLines: proxyLines('192.0.2.7', 40001, '198.51.100.1', 143),
};

const V2_IPV6 = Buffer.from(
  '0d0a0d0a000d0a515549540a 21 21 0024 20010db8000000000000000000000007 20010db8000000000000000000000001 9c41 03e1'.replaceAll(
    ' ',
    '',
  ),
  'hex',
);

/** Version 2, binary, with IPv6 addresses. */
export const proxyV2: Transport = {
  ...proxyV1,
  name: 'PROXY protocol v2',
  open: async (server, name, _protocol, greeting) => {
    const wire = await dial(server, name);
    await wire.send(V2_IPV6);
    return greeted(wire, greeting);
  },
  client: '2001:db8::7',
  proxyLines: proxyLines('2001:db8::7', 40001, '2001:db8::1', 993),
};

const TLS_CONF = `ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};`;

export const implicitTls: Transport = {
  ...tcp,
  name: 'TLS from the first byte',
  listen: (name) => `@${name}@ ssl`,
  conf: TLS_CONF,
  open: async (server, name, _protocol, greeting) => {
    const wire = await dial(server, name);
    await wire.startTls();
    return greeted(wire, greeting);
  },
  secure: true,
};

const STARTTLS: Readonly<Record<Protocol, readonly [string, string]>> = {
  imap: ['t STARTTLS\r\n', 't OK completed\r\n'],
  pop3: ['STLS\r\n', '+OK\r\n'],
  smtp: ['STARTTLS\r\n', '220 2.0.0 Start TLS\r\n'],
};

export const startTls: Transport = {
  ...tcp,
  name: 'STARTTLS',
  conf: `${TLS_CONF} starttls on;`,
  open: async (server, name, protocol, greeting) => {
    const wire = await greeted(await dial(server, name), greeting);
    const [command, reply] = STARTTLS[protocol];
    await wire.send(command);
    await wire.expectBytes(reply);
    await wire.startTls();
    return wire;
  },
  suffix: ' using starttls',
  secure: true,
};

/** The PROXY header comes in clear, the handshake behind it. */
export const proxyTls: Transport = {
  ...proxyV1,
  name: 'PROXY protocol, then TLS',
  listen: (name) => `@${name}@ ssl proxy_protocol`,
  conf: `${proxyV1.conf} ${TLS_CONF}`,
  open: async (server, name, _protocol, greeting) => {
    const wire = await dial(server, name);
    await wire.send('PROXY TCP4 192.0.2.7 198.51.100.1 40001 143\r\n');
    await wire.startTls();
    return greeted(wire, greeting);
  },
  secure: true,
};

const BACKEND_CA = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')}; proxy_ssl_name mail.example;`;

export const tlsBackend: Transport = {
  ...tcp,
  name: 'tcp, with TLS to the backend',
  conf: `proxy_ssl on; ${BACKEND_CA}`,
  backend: (_protocol, script) => overTls(script),
};

/** Nothing of what is said in clear before it is seen in the cases. */
export const starttlsBackend: Transport = {
  ...tcp,
  name: 'tcp, with STARTTLS to the backend',
  conf: `proxy_ssl starttls; ${BACKEND_CA}`,
  backend: overStarttls,
};

/** TLS on both sides. */
export const tlsTwice: Transport = {
  ...implicitTls,
  name: 'TLS, and TLS to the backend',
  conf: `${TLS_CONF} ${tlsBackend.conf}`,
  backend: (_protocol, script) => overTls(script),
};

async function greeted(wire: Wire, greeting: string | RegExp): Promise<Wire> {
  await wire.expectLine(greeting);
  return wire;
}

function proxyLines(source: string, sourcePort: number, destination: string, destinationPort: number): string {
  return (
    `Proxy-Protocol-Addr: ${source}\r\nProxy-Protocol-Port: ${sourcePort}\r\n` +
    `Proxy-Protocol-Server-Addr: ${destination}\r\nProxy-Protocol-Server-Port: ${destinationPort}\r\n`
  );
}
