// What the whole http block shares while it is read, and what comes of it.
import { Key, type Store } from '../conf/store.ts';
import type { ScriptBlock } from '../script/script-block.ts';
import type { HttpRequest } from './request/request.ts';
import type { HttpVariables } from './script/script.ts';
import type { HttpAddress } from './servers/addresses.ts';
import type { LocationTree } from './servers/location-tree.ts';

export const VARIABLES = new Key<HttpVariables>('http variables');

export const HTTP_SCRIPT: ScriptBlock<HttpRequest> = { context: 'http', variables: VARIABLES };

/** Of one server block: finds its locations. */
export const LOCATIONS = new Key<LocationTree>('http locations');

/** What a cycle has of http. */
export interface HttpBlock {
  /** undefined: there is no http block. */
  store: Store | undefined;
  addresses: readonly HttpAddress[];
  /** Of every server and location. */
  stores: readonly Store[];
}

export const HTTP_BLOCK = new Key<HttpBlock>('http');

/** The structs of every level, from the http block inwards. */
export const levels = ({ store, stores }: HttpBlock): readonly Store[] =>
  store === undefined ? [] : [store, ...stores];
