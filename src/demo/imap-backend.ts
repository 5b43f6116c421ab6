// The demo IMAP backend: shows the demo mailbox as INBOX, enough for curl, mutt, mbsync and the like (RFC 3501, RFC 2177).
import { isDemoLogin } from './account.ts';
import { type Client, type DemoServer, startServer } from './demo-server.ts';
import { type Argument, type Command, readCommand, textOf, wordsOf } from './imap-command.ts';
import { parseFetch } from './imap-fetch.ts';
import { search } from './imap-search.ts';
import { selectMessages } from './imap-set.ts';
import { TooLong } from './line-reader.ts';
import type { Mailbox, Message } from './mailbox.ts';

const CAPABILITIES = 'IMAP4rev1 LITERAL+ IDLE';
const FLAGS = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];
/** The line `DONE` that ends IDLE. */
const MAX_DONE = 64;

/** Listens on a port of 127.0.0.1, 0 for a free one. Rejects where it cannot be bound. */
export function startImapBackend(port: number, mailbox: Mailbox): Promise<DemoServer> {
  return startServer(port, (client) => new ImapSession(client, mailbox).run());
}

class ImapSession {
  readonly #client: Client;
  readonly #mailbox: Mailbox;
  #loggedIn = false;
  /** The messages by their numbers, as the client knows them; undefined while no mailbox is selected. */
  #view: Message[] | undefined;
  #readOnly = false;
  #announcing = false;

  constructor(client: Client, mailbox: Mailbox) {
    this.#client = client;
    this.#mailbox = mailbox;
  }

  async run(): Promise<void> {
    await this.#client.send(`* OK [CAPABILITY ${CAPABILITIES}] Postern demo IMAP backend ready\r\n`);
    try {
      for (;;) {
        const command = await readCommand(this.#client);
        if (command === undefined) return;
        const { tag, name, fault } = command;
        const result = fault === undefined ? await this.#execute(command) : `BAD ${fault}`;
        // Numbers must not change under a command that uses them (RFC 3501, section 7.4.1).
        await this.#announce(!/^(?:FETCH|STORE|SEARCH)$/.test(name));
        await this.#client.send(`${tag} ${result}\r\n`);
        if (name === 'LOGOUT' && fault === undefined) return;
      }
    } catch (cause) {
      if (cause instanceof TooLong) await this.#client.send('* BYE command too long\r\n');
    }
  }

  /** Sends the untagged answers and returns the tagged one. */
  async #execute({ name, args }: Command): Promise<string> {
    switch (name) {
      case 'CAPABILITY':
        await this.#client.send(`* CAPABILITY ${CAPABILITIES}\r\n`);
        return 'OK done';
      case 'NOOP':
        return 'OK done';
      case 'LOGOUT':
        await this.#client.send('* BYE goodbye\r\n');
        return 'OK done';
      case 'LOGIN':
        return this.#login(args);
    }
    if (!this.#loggedIn) return 'BAD log in first';
    switch (name) {
      case 'LIST':
      case 'LSUB':
        return this.#list(name, args);
      case 'STATUS':
        return this.#status(args);
      case 'SELECT':
      case 'EXAMINE':
        return this.#select(args, name === 'EXAMINE');
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE':
        return isInbox(args[0]) ? 'OK done' : 'NO the demo has only INBOX';
      case 'IDLE':
        return this.#idle();
    }
    return this.#view === undefined
      ? 'BAD unknown command, or select a mailbox first'
      : this.#onView(name, args, this.#view);
  }

  async #onView(name: string, args: readonly Argument[], view: Message[]): Promise<string> {
    const byUid = name.startsWith('UID ');
    switch (name) {
      case 'FETCH':
      case 'UID FETCH':
        return this.#fetch(args, view, byUid);
      case 'STORE':
      case 'UID STORE':
        return this.#store(args, view, byUid);
      case 'SEARCH':
      case 'UID SEARCH':
        return this.#search(args, view, byUid);
      case 'CHECK':
        return 'OK done';
      case 'CLOSE':
      case 'EXPUNGE':
        if (!this.#readOnly) this.#mailbox.remove(new Set(view.filter(isDeleted).map(({ uid }) => uid)));
        if (name === 'CLOSE') this.#view = undefined;
        return name === 'EXPUNGE' && this.#readOnly ? 'NO the mailbox is read-only' : 'OK done';
      default:
        return 'BAD unknown command';
    }
  }

  #login(args: readonly Argument[]): string {
    if (this.#loggedIn) return 'BAD logged in already';
    this.#loggedIn = args.length === 2 && isDemoLogin(textOf(args[0]) ?? '', textOf(args[1]) ?? '');
    return this.#loggedIn ? 'OK logged in' : 'NO login refused by the demo backend';
  }

  async #list(name: string, args: readonly Argument[]): Promise<string> {
    const [reference, pattern] = [textOf(args[0]), textOf(args[1])];
    if (args.length !== 2 || reference === undefined || pattern === undefined) return 'BAD two arguments expected';
    if (pattern === '') await this.#client.send(`* ${name} (\\Noselect) "/" ""\r\n`);
    else if (matchesInbox(reference + pattern)) await this.#client.send(`* ${name} () "/" INBOX\r\n`);
    return 'OK done';
  }

  async #status(args: readonly Argument[]): Promise<string> {
    const words = wordsOf(args[1]);
    if (args.length !== 2 || words === undefined) return 'BAD a mailbox and a list expected';
    if (!isInbox(args[0])) return 'NO the demo has only INBOX';
    const { messages, nextUid, uidValidity } = this.#mailbox;
    const values = new Map([
      ['MESSAGES', messages.length],
      ['RECENT', 0],
      ['UIDNEXT', nextUid],
      ['UIDVALIDITY', uidValidity],
      ['UNSEEN', messages.filter(isUnseen).length],
    ]);
    const items = words.map((word) => ({
      word: word.toUpperCase(),
      value: values.get(word.toUpperCase()),
    }));
    if (items.some(({ value }) => value === undefined)) return 'BAD unknown status item';
    await this.#client.send(`* STATUS INBOX (${items.map(({ word, value }) => `${word} ${value}`).join(' ')})\r\n`);
    return 'OK done';
  }

  async #select(args: readonly Argument[], readOnly: boolean): Promise<string> {
    this.#view = undefined;
    if (!isInbox(args[0])) return 'NO the demo has only INBOX';
    const { messages, nextUid, uidValidity } = this.#mailbox;
    const unseen = messages.findIndex(isUnseen);
    const lines = [
      `FLAGS (${FLAGS.join(' ')})`,
      `${messages.length} EXISTS`,
      '0 RECENT',
      ...(unseen < 0 ? [] : [`OK [UNSEEN ${unseen + 1}] first unseen message`]),
      `OK [PERMANENTFLAGS (${readOnly ? '' : FLAGS.join(' ')})] flags`,
      `OK [UIDVALIDITY ${uidValidity}] UIDs valid`,
      `OK [UIDNEXT ${nextUid}] next UID`,
    ];
    await this.#client.send(lines.map((line) => `* ${line}\r\n`).join(''));
    this.#view = [...messages];
    this.#readOnly = readOnly;
    return readOnly ? 'OK [READ-ONLY] done' : 'OK [READ-WRITE] done';
  }

  async #fetch(args: readonly Argument[], view: readonly Message[], byUid: boolean): Promise<string> {
    const found = selectMessages(textOf(args[0]) ?? '', view, byUid);
    const items = parseFetch(args[1], byUid);
    if (found === undefined || items === undefined || args.length !== 2) return 'BAD a set and known items expected';
    const marksSeen = !this.#readOnly && items.some((item) => item.marksSeen);
    for (const { number, message } of found) {
      const shown = items.map((item) => item.show(message));
      if (marksSeen && isUnseen(message)) {
        message.flags.add('\\Seen');
        shown.push(`FLAGS (${[...message.flags].join(' ')})`);
      }
      // One message at a time: a client that does not read makes us wait here, not buffer the mailbox.
      await this.#client.send(`* ${number} FETCH (${shown.join(' ')})\r\n`);
    }
    return 'OK done';
  }

  async #store(args: readonly Argument[], view: readonly Message[], byUid: boolean): Promise<string> {
    const found = selectMessages(textOf(args[0]) ?? '', view, byUid);
    const how = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(args[1]) ?? '');
    const words = args.length > 3 ? args.slice(2).map((a) => textOf(a) ?? '') : wordsOf(args[2]);
    const flags = words?.map((word) => FLAGS.find((flag) => flag.toLowerCase() === word.toLowerCase()));
    if (found === undefined || how === null || flags === undefined) return 'BAD a set, an item and flags expected';
    if (this.#readOnly) return 'NO the mailbox is read-only';
    const known = flags.filter((flag) => flag !== undefined);
    for (const { number, message } of found) {
      if (how[1] === '') message.flags.clear();
      for (const flag of known) how[1] === '-' ? message.flags.delete(flag) : message.flags.add(flag);
      if (how[2] !== undefined) continue;
      const uid = byUid ? `UID ${message.uid} ` : '';
      await this.#client.send(`* ${number} FETCH (${uid}FLAGS (${[...message.flags].join(' ')}))\r\n`);
    }
    return 'OK done';
  }

  async #search(args: readonly Argument[], view: readonly Message[], byUid: boolean): Promise<string> {
    const charset = textOf(args[0])?.toUpperCase() === 'CHARSET' ? 2 : 0;
    const found = search(args.slice(charset), view);
    if (found === undefined) return 'BAD unknown search key';
    const numbers = view.flatMap((message, i) => (found.has(message) ? [byUid ? message.uid : i + 1] : []));
    await this.#client.send(`* ${['SEARCH', ...numbers].join(' ')}\r\n`);
    return 'OK done';
  }

  async #idle(): Promise<string> {
    const stop = this.#mailbox.watch(() => {
      void this.#announce(true);
    });
    try {
      await this.#client.send('+ idling\r\n');
      const line = await this.#client.input.line(MAX_DONE);
      return line?.toUpperCase() === 'DONE' ? 'OK done' : 'BAD DONE expected';
    } finally {
      stop();
    }
  }

  /** Tells what changed in the selected mailbox: messages that are gone, where that is allowed, and new ones. */
  async #announce(withExpunge: boolean): Promise<void> {
    const view = this.#view;
    // While the client has not taken the last announcement it gets no other; the next one makes up for it.
    if (view === undefined || this.#announcing) return;
    const now = new Set(this.#mailbox.messages);
    let lines = '';
    for (let i = view.length - 1; withExpunge && i >= 0; i--) {
      const message = view[i];
      if (message === undefined || now.has(message)) continue;
      view.splice(i, 1);
      lines += `* ${i + 1} EXPUNGE\r\n`;
    }
    const last = view.at(-1)?.uid ?? 0;
    const added = this.#mailbox.messages.filter(({ uid }) => uid > last);
    view.push(...added);
    if (added.length > 0) lines += `* ${view.length} EXISTS\r\n`;
    if (lines === '') return;
    this.#announcing = true;
    await this.#client.send(lines);
    this.#announcing = false;
  }
}

const isUnseen = ({ flags }: Message): boolean => !flags.has('\\Seen');
const isDeleted = ({ flags }: Message): boolean => flags.has('\\Deleted');
const isInbox = (argument: Argument | undefined): boolean => textOf(argument)?.toUpperCase() === 'INBOX';

/** Whether a LIST pattern with its wildcards means INBOX. */
function matchesInbox(pattern: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/[*%]+/g, '.*');
  return new RegExp(`^${escaped}$`, 'i').test('INBOX');
}
