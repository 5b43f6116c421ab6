// The folder of documents that both servers serve, so that dates and sizes are the same.
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** 2024-03-01 12:34:56 UTC. */
const MODIFIED_S = 1_709_296_496;

const FILES: Readonly<Record<string, string>> = {
  'index.html': '<p>index</p>\n',
  'a.txt': '0123456789abcdefghij',
  'empty.txt': '',
  'big.txt': 'The quick brown fox jumps over the lazy dog.\n'.repeat(1000),
  'page.html': '<p>page</p>\n',
  'image.gif': 'GIF89a',
  'photo.JPG': 'jpeg',
  'style.css': 'p { }\n',
  noextension: 'plain',
  '.hidden': 'hidden',
  'name.tar.gz': 'archive',
  'a b.txt': 'a space',
  'per%cent.txt': 'percent',
  'caf\u00e9.txt': 'accent',
  'ques?tion.txt': 'question',
  '404.html': '<p>missing</p>\n',
  '50x.html': '<p>failed</p>\n',
  'sub/index.html': '<p>sub</p>\n',
  'sub/page.html': '<p>sub page</p>\n',
  'sub/start.txt': 'start',
  'sub/deeper/file.txt': 'deeper',
  'empty/nothing/.keep': '',
  'one/one.txt': 'one',
  'one/index.html': '<p>one</p>\n',
  'two/two.txt': 'two',
  'some.map': '# of a map\nincluded yes;\n~^incl(.) "in $1";\n',
  'some.geo': '10.9.0.0/16 included; 10.8.0.0/16 too;\n',
  'user.html': '<p>user</p>\n',
};

/** @param dir is created */
export function writeDocuments(dir: string): void {
  for (const [name, content] of Object.entries(FILES)) {
    const path = Buffer.from(join(dir, name), 'latin1');
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(path, content, 'latin1');
    utimesSync(path, MODIFIED_S, MODIFIED_S);
  }
  symlinkSync('a.txt', join(dir, 'link.txt'));
  symlinkSync('nowhere', join(dir, 'broken.txt'));
}
