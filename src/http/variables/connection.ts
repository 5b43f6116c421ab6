// Variables of the connection that a request came in by, and of the process that serves it.

import { seconds } from '../../script/time-text.ts';
import { connectionVariables as common } from '../../script/variables/connection.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpVariableSpec } from '../script/script.ts';

export const connectionVariables: readonly HttpVariableSpec[] = [
  ...common<HttpRequest>(({ client }) => client),
  { name: 'scheme', get: ({ client }) => (client.tls === undefined ? 'http' : 'https') },
  { name: 'https', get: ({ client }) => (client.tls === undefined ? '' : 'on') },
  { name: 'connection_requests', get: ({ ordinal }) => String(ordinal) },
  { name: 'connection_time', get: ({ client }) => seconds(Date.now() - client.startedMs), volatile: true },
  { name: 'pipe', get: ({ pipelined }) => (pipelined ? 'p' : '.') },
];
