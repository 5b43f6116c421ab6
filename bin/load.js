// Runs the code of Postern: one script, which is a function of what a CommonJS module has.
'use strict';

/**
 * @param code `file` is its name, `text` its bytes; `cache` is what V8 has made of it, where there is any: V8 takes it
 *   only if it is of this version, of this text, and made with these flags, and compiles the text otherwise
 */
function compile({ file, text, cache }) {
  const { Script } = require('node:vm');
  return new Script(text.latin1Slice(), { filename: file, cachedData: cache });
}

/** @returns what the code exports */
function run(script, file) {
  const module = { exports: {} };
  script.runInThisContext()(require, module, module.exports, file);
  return module.exports;
}

/**
 * Sessions leave little behind, so V8 may keep its young generation small, and collect the old one before it has grown
 * by half. To be called between the two, since V8 does not take a cache once its flags are others.
 */
function saveMemory() {
  const { setFlagsFromString } = require('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=40');
}

/** What a worker process has from its command line: it waits for its code, and runs it. */
const WORKER = `${compile}${run}${saveMemory}
process.once('message', (code) => {
  const script = compile(code);
  saveMemory();
  run(script, code.file).worker();
});`;

module.exports = { compile, run, saveMemory, WORKER };
