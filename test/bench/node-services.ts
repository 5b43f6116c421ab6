// The auth server and the backend of the benchmark on Node.js, for machines without a C compiler; native/auth.c and
// native/backend.c say what they do. Usage: node-services.js auth|backend NAME=VALUE …
import { createServer, type Socket } from 'node:net';
import { argumentsOf } from './node-arguments.ts';

const { text, number } = argumentsOf(process.argv.slice(3));
const PIECE = Buffer.alloc(256 * 1024, 'x');
const GREETINGS: Readonly<Record<string, string>> = {
  imap: '* OK backend\r\n',
  pop3: '+OK backend\r\n',
  smtp: '220 backend ESMTP\r\n',
};

function answerAuth(io: Socket): void {
  let request = '';
  io.on('data', (chunk: Buffer) => {
    request += chunk.toString('latin1');
    for (let end = request.indexOf('\r\n\r\n'); end >= 0; end = request.indexOf('\r\n\r\n')) {
      const head = request.slice(0, end + 4);
      request = request.slice(end + 4);
      const kept = head.includes(' HTTP/1.1\r\n') && !/^connection: close/im.test(head);
      const port = number(/^Auth-Protocol: (\w+)/m.exec(head)?.[1] ?? '', 0);
      const where = `Auth-Status: OK\r\nAuth-Server: ${text('backend')}\r\nAuth-Port: ${port}\r\n`;
      if (kept) io.write(`HTTP/1.1 200 OK\r\n${where}Content-Length: 0\r\n\r\n`);
      else io.end(`HTTP/1.0 200 OK\r\n${where}\r\n`);
    }
  });
}

class Mailbox {
  readonly #io: Socket;
  readonly #protocol: string;
  #loggedIn = false;
  #inLiteral = false;
  #tag = '';
  #line = '';
  #toCome = 0;

  constructor(io: Socket, protocol: string) {
    this.#io = io;
    this.#protocol = protocol;
    io.on('data', (chunk: Buffer) => this.#take(chunk));
    io.write(GREETINGS[protocol] ?? '');
  }

  #take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#toCome > 0) {
        const part = Math.min(this.#toCome, chunk.length - at);
        at += part;
        this.#toCome -= part;
        if (this.#toCome === 0) this.#io.write('OK\r\n');
        continue;
      }
      const end = chunk.indexOf(10, at);
      this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end + 1);
      if (end < 0) return;
      at = end + 1;
      const line = this.#line.trimEnd();
      this.#line = '';
      this.#came(line);
    }
  }

  #came(line: string): void {
    if (this.#protocol === 'pop3') this.#io.write('+OK\r\n');
    else if (this.#protocol === 'smtp')
      this.#io.write(line.startsWith('XCLIENT') ? (GREETINGS.smtp ?? '') : '250 backend\r\n');
    else if (this.#loggedIn) this.#work(line);
    else this.#logIn(line);
  }

  #logIn(line: string): void {
    if (!this.#inLiteral) this.#tag = line.split(' ')[0] ?? '';
    this.#inLiteral = line.endsWith('}');
    this.#loggedIn = !this.#inLiteral;
    this.#io.write(this.#inLiteral ? '+ go on\r\n' : `${this.#tag} OK logged in\r\n`);
  }

  #work(line: string): void {
    const [word = '', count] = line.split(' ');
    if (word === 'D') this.#pour(Number(count));
    else if (word === 'U') this.#toCome = Number(count);
    else this.#io.write(`${word} OK done\r\n`);
  }

  #pour(left: number): void {
    if (left === 0 || this.#io.destroyed) return;
    const part = PIECE.subarray(0, left);
    this.#io.write(part, () => this.#pour(left - part.length));
  }
}

function listen(port: number, accept: (io: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (io) => {
      io.on('error', () => undefined);
      accept(io);
    });
    server.listen({ host: text('host'), port, backlog: 4096 }, resolve);
  });
}

if (process.argv[2] === 'auth') await listen(number('port', 0), answerAuth);
else await Promise.all(Object.keys(GREETINGS).map((name) => listen(number(name, 0), (io) => new Mailbox(io, name))));
process.stdin.resume().on('close', () => process.exit());
process.stdout.write('ready\n');
