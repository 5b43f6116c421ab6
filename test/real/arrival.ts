// Waits for mail that Postfix delivers.
import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { MailSystem } from './mail-system.ts';

/** The text of a delivered message; waits until it is there. */
export function arrival(
  { dovecot, postfix }: Pick<MailSystem, 'dovecot' | 'postfix'>,
  user: string,
  subject: string,
): Promise<string> {
  const folder = dovecot.newMail(user);
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
      const found = texts.find((text) => text.includes(`\nSubject: ${subject}\n`));
      if (found === undefined) return;
      finish();
      resolve(found);
    };
    const watcher = watch(folder, look);
    const timer = setTimeout(() => {
      finish();
      reject(new Error(`no message "${subject}" in ${folder}:\n${postfix.log.text()}`));
    }, 20_000);
    const finish = (): void => {
      clearTimeout(timer);
      watcher.close();
    };
    look();
  });
}
