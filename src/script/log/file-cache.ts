// The open_log_file_cache directive: checked, and without effect.
import { args, type ByteString, type Fault, whole } from '../../conf/directive.ts';
import { type Meta, type Slot, slot } from '../../conf/slots.ts';
import { parseNumber, parseSec } from '../../conf/values.ts';

/** @param meta where it is allowed */
export const openLogFileCache = <K extends string>(key: K, { contexts }: Pick<Meta, 'contexts'>): Slot<K, true> =>
  slot<K, true>(
    'open_log_file_cache',
    key,
    args(1, 4),
    {
      contexts,
      syntax: 'open_log_file_cache max=number [inactive=time] [min_uses=number] [valid=time] | off;',
      default: 'off',
      summary: 'How many log files with variables in their names are kept open.',
      values: ['off', 'max=', 'inactive=', 'min_uses=', 'valid='],
      noEffect: 'such a file is opened for each line',
    },
    check,
  );

function check(words: readonly ByteString[]): true | Fault {
  let max = 0;
  let isOff = false;
  for (const word of words) {
    const [, key, value = ''] = /^(max|inactive|min_uses|valid)=(.*)$/s.exec(word) ?? [];
    const isTime = key === 'inactive' || key === 'valid';
    const parsed = isTime ? parseSec(value) : key === undefined ? undefined : parseNumber(value);
    if (word === 'off') isOff = true;
    else if (parsed === undefined) return whole(`invalid "open_log_file_cache" parameter "${word}"`);
    else if (key === 'max') max = parsed;
  }
  return isOff || max > 0 ? true : whole('"open_log_file_cache" must have "max" parameter');
}
