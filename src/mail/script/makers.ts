// What is loaded for the sake of variables: those that there are, what is read that makes more, and access logs.
import type { ByteString, Fault } from '../../conf/directive.ts';
import { addressOf } from '../../script/geo/network.ts';
import { readGeo } from '../../script/geo/read.ts';
import { readMap } from '../../script/map/read.ts';
import { compileRegex, type Regex } from '../../script/regex.ts';
import type { ReadBlock } from '../../script/script-block.ts';
import { readSplit } from '../../script/split-clients/read.ts';
import { type VariableSpec, Variables } from '../../script/variables.ts';
import { createLogMain, defineFormat, readAccessLog } from '../log/conf.ts';
import { MAIL_SCRIPT } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import { mailVariables } from '../variables/all.ts';

interface Makers {
  readonly variables: readonly VariableSpec<Session>[];
  readonly readMap: ReadBlock;
  readonly readGeo: ReadBlock;
  readonly readSplit: ReadBlock;
  readonly createLogMain: typeof createLogMain;
  readonly defineFormat: typeof defineFormat;
  readonly readAccessLog: typeof readAccessLog;
  /** Named groups of it are nothing. */
  readonly compileRegex: (source: ByteString, ignoreCase: boolean) => Regex<Session> | Fault;
}

const CLIENT = { find: ({ client }: Session): Uint8Array => addressOf(client?.address ?? '') };

export const makers: Makers = {
  variables: mailVariables,
  readMap: (cf, words) => readMap(MAIL_SCRIPT, cf, words),
  readGeo: (cf, words) => readGeo(MAIL_SCRIPT, CLIENT, cf, words),
  readSplit: (cf, words) => readSplit(MAIL_SCRIPT, cf, words),
  createLogMain,
  defineFormat,
  readAccessLog,
  compileRegex: (source, ignoreCase) =>
    compileRegex(source, { ignoreCase, variables: new Variables<Session>(() => []) }),
};
