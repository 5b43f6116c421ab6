// OpenSSL's error queue in nginx's form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opensslText } from '../../../../src/net/tls/openssl-error.ts';

const error = (message: string, extra = {}): Error => Object.assign(new Error(message), extra);

test('a handshake error loses thread, function, file and line, and keeps its data', () => {
  const line = '80DC6DE4E77F0000:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca';
  const place = '../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1601';
  const short = 'error:0A000418:SSL routines::tlsv1 alert unknown ca';
  assert.equal(opensslText(error(`${line}:${place}:SSL alert number 48\n`)), `${short}:SSL alert number 48`);
  assert.equal(opensslText(error(`${line}:${place}:\n`)), short);
  assert.equal(opensslText(error(`${line}:${place}:\n${line}:${place}:\n`)), `${short} ${short}`);
});

test('the stack of a loading error is told oldest first', () => {
  const opensslErrorStack = [
    'error:0488000D:PEM routines::ASN1 lib',
    'error:0688010A:asn1 encoding routines::nested asn1 error',
  ];
  const got = opensslText(error('error:068000A8:asn1 encoding routines::wrong tag', { opensslErrorStack }), {
    'nested asn1 error': 'Type=X509',
  });
  assert.equal(
    got,
    'error:068000A8:asn1 encoding routines::wrong tag error:0688010A:asn1 encoding routines::nested asn1 error:Type=X509 error:0488000D:PEM routines::ASN1 lib',
  );
});

test('anything else is not one of its errors', () => {
  for (const other of [
    undefined,
    null,
    'error:0A000418:x:y:z',
    error('read ECONNRESET'),
    error('error:00000000:lib(0)::reason(0)'),
  ]) {
    assert.equal(opensslText(other), undefined);
  }
});
