// What a location says of a dashboard.
import type { ByteString } from '../../conf/directive.ts';
import type { PageFile } from './page-files.ts';

/** What is served, and where. */
export interface DashboardSite {
  /** The path of the location, without a slash at its end. */
  readonly base: ByteString;
  /** By name; the page itself is the empty one. */
  readonly files: ReadonlyMap<ByteString, PageFile>;
  /** What is the same for all locations of its server. */
  readonly server: object;
}

export interface DashboardConf {
  /** undefined: the location has none. */
  readonly site: DashboardSite | undefined;
  /** Pages that may watch by way of one worker, and of them those of one address. */
  readonly viewers: number;
  readonly viewersOfAddress: number;
}
