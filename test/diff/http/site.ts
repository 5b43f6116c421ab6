// What the http part of the differential test is made of, as data: sites, and what clients send to them.
import type { BackendReply } from '../../support/http-backend.ts';
import type { FastcgiReply } from './fastcgi-responder.ts';

/** What a client sends, one byte per character; then it waits for as many answers as there are request lines. */
export type Part = string | PartOptions;

export interface PartOptions {
  readonly send: string;
  /** How many answers to wait for. */
  readonly answers?: number;
  /** Wait for `100 Continue` only. */
  readonly until?: 'continue';
}

/** Where a client connects: HOST:PORT of `@LISTEN@` or `@LISTEN2@`, or `@ANY@`, a port of any address. */
export type Door = 'LISTEN' | 'LISTEN2' | 'ANY on HOST' | 'ANY on 127.0.0.1';

/** What nginx 1.22 did otherwise than today's, or does otherwise than Postern on purpose, and why. */
export interface Changed {
  readonly why: string;
  /** Made of everything that was seen of nginx, before it is compared. */
  readonly replace: readonly (readonly [RegExp, string])[];
}

export interface HttpCase {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly to?: Door;
  /** What the backends answer, the first request first; then, and by default, with the request line as text. */
  readonly backend?: readonly BackendReply[];
  /** What the FastCGI responder answers. Default: the parameters as text. */
  readonly fastcgi?: readonly FastcgiReply[];
  /** The client's bytes are not cut. */
  readonly whole?: true;
  /** The client closes its side behind what it has sent. */
  readonly ends?: true;
  readonly changed?: Changed;
  /** The error log is not compared. */
  readonly log?: false;
}

/**
 * Servers with ports of their own, in one http block with those of the other sites of a suite. Placeholders in the
 * texts: `@LISTEN@`, `@LISTEN2@`, `@B1@` to `@B4@` (backends), `@DEAD@` (nobody listens there) and `@FCGI@` are
 * HOST:PORT, `@ANY@` is a port, `@DOCS@` the folder of documents, `@HOST@` the address alone, `@ACCESS@` and
 * `@ERROR@` the logs.
 */
export interface Site {
  readonly name: string;
  /** What stands beside the servers in the http block. */
  readonly http?: string;
  /** One or more `server { }`, or what stands in the only one. */
  readonly conf: string;
  /** The text says itself where logs go. */
  readonly ownLogs?: true;
  readonly cases: readonly HttpCase[];
}

/** Sites that one pair of servers serves. */
export interface HttpSuite {
  readonly name: string;
  readonly sites: readonly Site[];
}

const HOST = 'a.test';

/** A request with a Host line, if none is among the others. */
export function request(method: string, target: string, lines: readonly string[] = [], body = ''): string {
  const host = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${HOST}`];
  return [`${method} ${target} HTTP/1.1`, ...host, ...lines, '', body].join('\r\n');
}

export const get = (target: string, ...lines: readonly string[]): string => request('GET', target, lines);
export const head = (target: string, ...lines: readonly string[]): string => request('HEAD', target, lines);
export const post = (target: string, body: string, ...lines: readonly string[]): string =>
  request('POST', target, [...lines, `Content-Length: ${body.length}`], body);
/** @param body with the framing of its chunks */
export const chunkedPost = (target: string, body: string): string =>
  request('POST', target, ['Transfer-Encoding: chunked'], body);
export const from = (host: string, target = '/', ...lines: readonly string[]): string =>
  request('GET', target, [`Host: ${host}`, ...lines]);

type Extra = Omit<HttpCase, 'name' | 'parts'>;

export const http = (name: string, part: Part | readonly Part[], extra: Extra = {}): HttpCase => ({
  ...extra,
  name,
  parts: typeof part === 'string' || 'send' in part ? [part] : part,
});

/** A GET of each target, which is its name as well. */
export const gets = (...targets: readonly string[]): HttpCase[] => targets.map((target) => http(target, get(target)));
/** The same with each Host. */
export const hosts = (...names: readonly string[]): HttpCase[] => names.map((name) => http(`Host ${name}`, from(name)));
