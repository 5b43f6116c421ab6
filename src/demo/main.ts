// `npm start`: runs Postern on conf/demo.conf between a demo auth service and demo backends, all on loopback.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_PASSWORD, DEMO_USER } from './account.ts';
import { startAuthService } from './auth-service.ts';
import { type DemoServer, listen } from './demo-server.ts';
import { startImapBackend } from './imap-backend.ts';
import { sampleMailbox } from './mailbox.ts';
import { startPop3Backend } from './pop3-backend.ts';
import { LABELS, type PortName, type Ports, PROXY_PORTS, parsePorts, UsageError, withPorts } from './ports.ts';
import { type Exit, ProxyProcess } from './proxy-process.ts';
import { startSmtpBackend } from './smtp-backend.ts';

/** The folder of the package: this file is dist/src/demo/main.js in it. */
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));
const CONF = join(PACKAGE, 'conf', 'demo.conf');
const PROGRAM = join(PACKAGE, 'bin', 'postern.cjs');

/** Runs one of the demo's listeners, and says which port it was that is taken. */
async function onPort(name: PortName, ports: Ports, start: (port: number) => Promise<DemoServer>): Promise<DemoServer> {
  try {
    return await start(ports[name]);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${String(error.code)})`;
    const other = Math.min(ports[name] + 10_000, 65_000);
    throw new UsageError(`port ${ports[name]} (${LABELS[name]}) ${why}; try another: npm start -- --${name} ${other}`);
  }
}

/** Fails where a port of Postern is taken, before it would try for seconds. */
async function probe(port: number): Promise<DemoServer> {
  const server = createServer();
  const bound = await listen(server, port);
  server.close();
  await once(server, 'close');
  return { port: bound, close: async () => undefined };
}

async function startServices(ports: Ports, running: DemoServer[]): Promise<Ports> {
  const mailbox = sampleMailbox();
  const start = async (name: PortName, how: (port: number) => Promise<DemoServer>): Promise<number> => {
    const server = await onPort(name, ports, how);
    running.push(server);
    return server.port;
  };
  const imap = await start('imap-backend', (port) => startImapBackend(port, mailbox));
  const pop3 = await start('pop3-backend', (port) => startPop3Backend(port, mailbox));
  const smtp = await start('smtp-backend', (port) => startSmtpBackend(port, mailbox));
  const auth = await start('auth', (port) => startAuthService(port, { imap, pop3, smtp }));
  for (const name of PROXY_PORTS) await onPort(name, ports, probe);
  return {
    ...ports,
    auth,
    'imap-backend': imap,
    'pop3-backend': pop3,
    'smtp-backend': smtp,
  };
}

/** conf/demo.conf itself, or a copy with other ports. */
function configuration(ports: Ports, folder: string): string {
  const original = readFileSync(CONF, 'latin1');
  const adapted = withPorts(original, ports);
  if (adapted === original) return CONF;
  const copy = join(folder, 'demo.conf');
  writeFileSync(copy, adapted, 'latin1');
  return copy;
}

function announcement(ports: Ports, conf: string, pid: number | undefined): string {
  const login = `-u ${DEMO_USER}:${DEMO_PASSWORD}`;
  const [imap, pop3, smtp] = PROXY_PORTS.map((name) => `127.0.0.1:${ports[name]}`);
  const backends = `IMAP ${ports['imap-backend']}, POP3 ${ports['pop3-backend']}, SMTP ${ports['smtp-backend']}`;
  return `
Postern is running (pid ${pid}) on ${conf}
  IMAP ${imap}   POP3 ${pop3}   SMTP ${smtp}
Only for this demo, all in memory and on 127.0.0.1:
  auth service on port ${ports.auth}, one account: user "${DEMO_USER}", password "${DEMO_PASSWORD}"
  backends with one mailbox: ${backends}

Try it from another terminal:
  the inbox over IMAP
    curl -s --url imap://${imap}/INBOX ${login} -X 'FETCH 1:* (FLAGS ENVELOPE)'
  the first message over POP3
    curl -s --url pop3://${pop3}/1 ${login}
  send a message, which arrives in the same mailbox
    printf 'Subject: Hello\\r\\n\\r\\nSent through Postern.\\r\\n' | curl -s --url smtp://${smtp} ${login} \\
      --mail-from demo@example.org --mail-rcpt demo@example.org --upload-file -
  a login that is refused
    curl -sS --url imap://${imap}/INBOX -u ${DEMO_USER}:wrong

The log of Postern follows. Ctrl-C ends the demo.

`;
}

/** Runs Postern until it ends, by itself or by our stop. */
async function runProxy(ports: Ports, folder: string): Promise<Exit & { readonly stopped: boolean }> {
  const conf = configuration(ports, folder);
  const proxy = new ProxyProcess(PROGRAM, `${folder}/`, conf);
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    proxy.stop();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  if (await proxy.ready()) process.stdout.write(announcement(ports, conf, proxy.pid));
  else proxy.stop();
  return { ...(await proxy.exited), stopped };
}

/** @returns the exit status: 0 where it was asked to end, else Postern's own. */
async function main(args: readonly string[]): Promise<number> {
  const running: DemoServer[] = [];
  try {
    const ports = await startServices(parsePorts(args), running);
    const exit = await inTemporaryFolder((folder) => runProxy(ports, folder));
    return exit.stopped ? 0 : (exit.code ?? 1);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`demo: ${error.message}\n`);
    return 1;
  } finally {
    for (const server of running) await server.close();
  }
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
