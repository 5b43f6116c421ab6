// The client's side of TLS, one connection each; sessions are kept by lane, for the next connection of the same.
#include <sys/types.h>

// What a step of input or output may come to, besides a number of bytes; 0 is the end.
enum { AGAIN_READ = -1, AGAIN_WRITE = -2, BROKEN = -3 };

// version: "1.2" or "1.3"; resume: offer the session of the connection before.
void tls_prepare(const char *version, int resume, int lanes);
void *tls_open(int fd, int lane);
int tls_handshake(void *tls); // 1 when done
int tls_resumed(void *tls);
ssize_t tls_read(void *tls, char *bytes, size_t count);
ssize_t tls_write(void *tls, const char *bytes, size_t count);
void tls_close(void *tls);
