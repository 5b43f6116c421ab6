// The host name of an SMTP client: its PTR name, if that name has the client's address (checked as RFC 1912 advises).
import type { ByteString } from '../../conf/directive.ts';
import { parseIp } from '../../core/ip.ts';
import type { ResolveFailure, ResolveResult } from '../../core/resolver/result.ts';

/** There is no name, or it is not the client's. */
export const UNAVAILABLE = '[UNAVAILABLE]';
/** It could not be found out. */
export const TEMPORARILY_UNAVAILABLE = '[TEMPUNAVAIL]';

const HOST_NOT_FOUND = 3;
const HOST_NAME = /^[A-Za-z0-9.-]+$/;

/** What is needed of a resolver. */
export interface HostResolver {
  resolveAddress(ip: string, timeoutMs: number, signal?: AbortSignal): Promise<ResolveResult<string>>;
  resolveName(name: string, timeoutMs: number, signal?: AbortSignal): Promise<ResolveResult<readonly string[]>>;
}

export interface ClientHostRequest {
  /** Undefined: `resolver off`. */
  readonly resolver: HostResolver | undefined;
  /** Undefined: a client on a unix socket. */
  readonly clientIp: string | undefined;
  /** For each of the two lookups. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Takes the action for the suffix of log lines. */
  onStage(action: string): void;
  /** Takes the text of a line at error; it may hold what the name server sent, raw. */
  logError(text: ByteString): void;
}

/** Never rejects. Once the signal is aborted nothing more is logged, and the result has no meaning. */
export async function resolveClientHost(request: ClientHostRequest): Promise<string> {
  const { resolver, clientIp, timeoutMs, signal } = request;
  if (resolver === undefined) return UNAVAILABLE;
  if (clientIp === undefined) return TEMPORARILY_UNAVAILABLE;

  request.onStage('in resolving client address');
  const pointer = await resolver.resolveAddress(clientIp, timeoutMs, signal);
  if (!pointer.ok) return failed(request, clientIp, pointer);
  const name = pointer.value;
  if (!HOST_NAME.test(name)) {
    // It goes into a header of the auth request and into XCLIENT.
    if (signal?.aborted !== true) request.logError(`${clientIp} resolved to invalid host name "${name}"`);
    return TEMPORARILY_UNAVAILABLE;
  }
  if (signal?.aborted === true) return TEMPORARILY_UNAVAILABLE;

  request.onStage('in resolving client hostname');
  const forward = await resolver.resolveName(name, timeoutMs, signal);
  if (!forward.ok) return failed(request, `"${name.replace(/\.$/, '')}"`, forward);
  return forward.value.some((address) => sameAddress(address, clientIp)) ? name : UNAVAILABLE;
}

function failed(request: ClientHostRequest, what: ByteString, failure: ResolveFailure): string {
  if (request.signal?.aborted !== true) {
    request.logError(`${what} could not be resolved (${failure.code}: ${failure.text})`);
  }
  return failure.code === HOST_NOT_FOUND ? UNAVAILABLE : TEMPORARILY_UNAVAILABLE;
}

/** Text forms of an IPv6 address differ. An IPv4 address in IPv6 form is not its IPv4 address. */
function sameAddress(a: string, b: string): boolean {
  const left = parseIp(a);
  const right = parseIp(b);
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}
