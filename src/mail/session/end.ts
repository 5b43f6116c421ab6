// How sessions end: a word for `$mail_end`, and the status that goes with it, as in nginx's stream module.

const STATUS = {
  // After a login.
  ok: 200,
  idle: 200,
  client_lost: 200,
  backend_lost: 502,
  // Before one: the client.
  quit: 200,
  client_closed: 400,
  timeout: 400,
  bad_proxy_header: 400,
  websocket_refused: 400,
  certificate_refused: 400,
  tls_failed: 500,
  early_talker: 400,
  http: 400,
  invalid_command: 400,
  command_too_long: 400,
  too_many_errors: 400,
  too_many_commands: 400,
  denied: 403,
  refused: 403,
  // The auth server.
  auth_down: 500,
  auth_invalid: 500,
  // The backend.
  no_backend: 502,
  backend_down: 502,
  backend_timeout: 502,
  backend_tls_failed: 502,
  backend_refused: 502,
  backend_invalid: 502,
  // Ourselves.
  unsendable: 500,
  no_certificate: 500,
  bind_failed: 500,
  limit: 503,
  stopped: 503,
  kicked: 503,
  fault: 500,
} as const;

export type SessionEnd = keyof typeof STATUS;

/** Of every word; those that read the documentation check it against this. */
export const SESSION_ENDS: Readonly<Record<SessionEnd, number>> = STATUS;
