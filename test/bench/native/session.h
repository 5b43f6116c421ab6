// A client's connection: opened, over TLS or not, and taken through the dialogue of a login.
#include "common.h"
#include "tls.h"

enum state { CLOSED, CONNECTING, HANDSHAKE, TALKING, IN };
enum failure { REFUSED, LOST, DENIED, FAILURES };

struct session {
  int fd;
  int lane;
  enum state state;
  int step;       // of the dialogue
  int resumed;    // its TLS session is the one of the connection before
  uint64_t since; // when it was opened
  void *tls;
  // For who comes after the login.
  uint64_t to_send;
  uint64_t to_come;
  long times;
  size_t used;
  char line[1024];
};

// What becomes of every session; in_came may close it and open it again.
struct plan {
  const char *host;
  long port;
  const char *protocol;
  int over_tls;
  int logs_in; // or stays at the greeting
  void (*in_came)(struct session *);
  void (*failed)(struct session *, enum failure);
  void (*after)(struct session *, uint32_t events); // events of a session that is in
};

extern struct plan plan;

void session_open(struct session *session, int lane);
void session_event(struct session *session, uint32_t events);
// By reset where the address is to be free at once.
void session_close(struct session *session, int by_reset);
ssize_t session_read(struct session *session, char *bytes, size_t count);
ssize_t session_write(struct session *session, const char *bytes, size_t count);
// Appends to the line. 1: a whole reply has come, and its last line begins with the text; 0: not yet; -1: the
// connection is over; -2: the reply is another.
int session_reply(struct session *session, const char *expected);
