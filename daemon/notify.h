/* Telling the service manager how we are (sd_notify(3)): one datagram to $NOTIFY_SOCKET, nothing
 * where there is none. */
#ifndef ASSERTD_DAEMON_NOTIFY_H
#define ASSERTD_DAEMON_NOTIFY_H

/* Sends "READY=1", "STOPPING=1", "STATUS=..." lines. Never fails: there may be nobody to listen. */
void notify_service_manager(const char *state);

#endif
