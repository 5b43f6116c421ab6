// The upstream blocks of http.
import { Key } from '../../conf/store.ts';
import type { UpstreamContext } from '../../upstream/context.ts';
import type { UpstreamReference, UpstreamTable } from '../../upstream/reference.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpGroup } from './group.ts';

export const HTTP_UPSTREAM: UpstreamContext<HttpRequest> = {
  context: 'http.upstream',
  variables: VARIABLES,
  clientOf: (request) => request.client.client?.address,
  port: { number: 80, summary: 'port 80 where none is named' },
  zoneUse: 'http upstream',
};

export const UPSTREAMS = new Key<UpstreamTable<HttpGroup>>('http upstreams');

export type HttpReference = UpstreamReference<HttpGroup>;
