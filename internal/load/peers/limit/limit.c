// limit is the bare loop that Parley and its peers are measured against: what the kernel lets one thread do, and nothing else. It
// takes WebSocket handshakes (RFC 6455), makes one unmasked frame of every text frame it gets, and writes all that came in one round
// of epoll to every connection with one write(). What comes in meanwhile gathers in the kernel and is the next round: batching by
// load alone, without a timer. It knows no names, rooms or log, stores nothing, and checks neither UTF-8 nor Origin.
//
//     limit [TEMPLATE]
//
// TEMPLATE is what each frame holds, with %s where the text goes; the text alone without it. A template of a chat's own frame
// makes both write the same number of bytes. The address, http://127.0.0.1:PORT with a free port, is the one line it prints.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INBOX = 1 << 16,   // bytes; no handshake and no frame may be longer
	BACKLOG = 1 << 24, // bytes that may wait for one connection before it is cut
	ROUND = 4096,      // events of one round: enough for everyone to be heard in it
	TEXT = 1, CLOSE = 8, PING = 9, PONG = 10,
};

struct bytes {
	char *at;
	size_t length, room;
};

struct connection {
	int socket;
	int upgraded;
	size_t place;        // in everyone
	struct bytes unread; // the beginning of a frame whose rest has not come yet
	struct bytes unsent; // what the socket has not taken yet
};

static struct connection **everyone;
static size_t count, room;
static struct bytes round_frames; // what this round has to tell everyone
static const char *before = "", *after = "";
static int poller;

static void append(struct bytes *b, const void *more, size_t length) {
	if (b->length + length > b->room) {
		b->room = 2 * (b->length + length);
		if (!(b->at = realloc(b->at, b->room))) err(1, "realloc");
	}
	memcpy(b->at + b->length, more, length);
	b->length += length;
}

static void clear(struct bytes *b) { // and give the memory back: an idle connection has none
	free(b->at);
	*b = (struct bytes){0};
}

// broadcast prepares the frame of a text for everyone.
static void broadcast(const char *text, size_t length) {
	size_t whole = strlen(before) + length + strlen(after);
	uint8_t header[4] = {0x80 | TEXT, whole < 126 ? whole : 126, whole >> 8, whole}; // take_frame keeps it below 2^16
	append(&round_frames, header, whole < 126 ? 2 : 4);
	append(&round_frames, before, strlen(before));
	append(&round_frames, text, length);
	append(&round_frames, after, strlen(after));
}

static void watch(struct connection *c, int operation) {
	struct epoll_event event = {.events = EPOLLIN | (c->unsent.length ? EPOLLOUT : 0), .data.ptr = c};
	if (epoll_ctl(poller, operation, c->socket, &event) < 0) err(1, "epoll_ctl");
}

static void cut(struct connection *c) {
	everyone[c->place] = everyone[--count];
	everyone[c->place]->place = c->place;
	close(c->socket);
	clear(&c->unread);
	clear(&c->unsent);
	free(c);
}

// send_bytes writes what the socket takes at once and keeps the rest. It says 0 if it had to cut the connection.
static int send_bytes(struct connection *c, const char *bytes, size_t length) {
	size_t waited = c->unsent.length;
	if (!waited) {
		ssize_t n = write(c->socket, bytes, length);
		if (n == (ssize_t)length) return 1;
		if (n < 0 && errno != EAGAIN) return cut(c), 0;
		if (n > 0) bytes += n, length -= n;
	}
	if (waited + length > BACKLOG) return cut(c), 0;
	append(&c->unsent, bytes, length);
	if (!waited) watch(c, EPOLL_CTL_MOD);
	return 1;
}

// flush goes on with what a full socket left. It says 0 if it had to cut the connection.
static int flush(struct connection *c) {
	ssize_t n = write(c->socket, c->unsent.at, c->unsent.length);
	if (n < 0 && errno != EAGAIN) return cut(c), 0;
	if (n <= 0) return 1;
	c->unsent.length -= n;
	memmove(c->unsent.at, c->unsent.at + n, c->unsent.length);
	if (!c->unsent.length) {
		clear(&c->unsent);
		watch(c, EPOLL_CTL_MOD);
	}
	return 1;
}

static uint32_t rotated(uint32_t x, int by) { return x << by | x >> (32 - by); }

// sha1 is FIPS 180-4 for up to 119 bytes, which two blocks hold; a handshake's are 60.
static void sha1(const char *text, size_t length, uint8_t digest[20]) {
	uint8_t message[128] = {0};
	memcpy(message, text, length);
	message[length] = 0x80;
	size_t padded = length < 56 ? 64 : 128;
	message[padded - 2] = length >> 5;
	message[padded - 1] = length << 3;
	uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	for (uint8_t *block = message; block < message + padded; block += 64) {
		uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
		for (int i = 0; i < 80; i++) {
			const uint8_t *p = block + 4 * i;
			if (i < 16) w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
			else w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
			uint32_t f = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
			static const uint32_t k[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
			uint32_t next = rotated(a, 5) + f + e + k[i / 20] + w[i];
			e = d, d = c, c = rotated(b, 30), b = a, a = next;
		}
		h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
	}
	for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - i % 4 * 8);
}

static void base64(const uint8_t digest[20], char out[29]) {
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (int i = 0; i < 27; i++) { // the letter i begins at bit 6i
		int bit = 6 * i, two = digest[bit / 8] << 8 | (bit / 8 < 19 ? digest[bit / 8 + 1] : 0);
		out[i] = letters[two >> (10 - bit % 8) & 63];
	}
	out[27] = '=';
	out[28] = 0;
}

// handshake answers the request that the bytes begin with. It says how long that is, 0 if it isn't all there, -1 if it cut.
static ssize_t handshake(struct connection *c, char *bytes, size_t length) {
	char *end = memmem(bytes, length, "\r\n\r\n", 4);
	if (!end) return 0;
	*end = 0;
	char *key = strcasestr(bytes, "\r\nSec-WebSocket-Key:");
	if (!key) return cut(c), -1;
	key += strlen("\r\nSec-WebSocket-Key:");
	key += strspn(key, " \t");
	uint8_t digest[20];
	char text[64], accept[29], answer[256];
	int n = snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	sha1(text, n, digest);
	base64(digest, accept);
	n = snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\n\r\n", accept);
	if (!send_bytes(c, answer, n)) return -1;
	c->upgraded = 1;
	return end + 4 - bytes;
}

// take_frame takes the frame that the bytes begin with. It says how long that is, 0 if it isn't all there, -1 if it cut.
static ssize_t take_frame(struct connection *c, char *bytes, size_t length) {
	uint8_t *b = (uint8_t *)bytes;
	if (length < 2) return 0;
	size_t header = 6, size = b[1] & 127;
	int whole = b[0] & 0x80, masked = b[1] & 0x80, opcode = b[0] & 15;
	if (!whole || !masked || size == 127) return cut(c), -1; // fragments and giants aren't measured
	if (size == 126) {
		if (length < 4) return 0;
		size = b[2] << 8 | b[3];
		header = 8;
	}
	if (header + size > INBOX - strlen(before) - strlen(after)) return cut(c), -1;
	if (length < header + size) return 0;
	for (size_t i = 0; i < size; i++) b[header + i] ^= b[header - 4 + i % 4];
	if (opcode == TEXT) broadcast(bytes + header, size);
	if ((opcode == PING || opcode == CLOSE) && size < 126) { // the mask makes room for the answer's header
		b[header - 2] = 0x80 | (opcode == PING ? PONG : CLOSE);
		b[header - 1] = size;
		if (!send_bytes(c, bytes + header - 2, size + 2)) return -1;
		if (opcode == CLOSE) return cut(c), -1;
	}
	return header + size;
}

static void receive(struct connection *c) {
	static char inbox[INBOX];
	size_t length = c->unread.length, done = 0;
	memcpy(inbox, c->unread.at ? c->unread.at : "", length);
	ssize_t n = read(c->socket, inbox + length, INBOX - length); // 0 also if what is there fills the inbox and is no frame yet
	if (n < 0 && errno == EAGAIN) return;
	if (n <= 0) return cut(c);
	length += n;
	while (done < length) {
		ssize_t taken = (c->upgraded ? take_frame : handshake)(c, inbox + done, length - done);
		if (taken < 0) return;
		if (taken == 0) break;
		done += taken;
	}
	clear(&c->unread);
	if (done < length) append(&c->unread, inbox + done, length - done);
}

static void welcome(int listener) {
	int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	if (socket < 0) {
		if (errno == EAGAIN || errno == ECONNABORTED) return;
		err(1, "accept"); // out of descriptors, say: then there is nothing to measure
	}
	setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	struct connection *c = calloc(1, sizeof *c);
	if (count == room && !(everyone = realloc(everyone, (room = 2 * room + 64) * sizeof *everyone))) err(1, "realloc");
	if (!c) err(1, "calloc");
	c->socket = socket;
	c->place = count;
	everyone[count++] = c;
	watch(c, EPOLL_CTL_ADD);
}

static int listen_somewhere(void) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, SOMAXCONN) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &length) < 0) err(1, "listen");
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	if ((poller = epoll_create1(0)) < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) err(1, "epoll");
	printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

int main(int argc, char **argv) {
	if (argc > 2) errx(2, "usage: limit [TEMPLATE]");
	if (argc == 2) {
		char *text = strstr(argv[1], "%s");
		if (!text) errx(2, "the template has no %%s");
		*text = 0;
		before = argv[1], after = text + 2;
	}
	signal(SIGPIPE, SIG_IGN);
	int listener = listen_somewhere();
	for (;;) {
		static struct epoll_event events[ROUND];
		int ready = epoll_wait(poller, events, ROUND, -1);
		if (ready < 0 && errno != EINTR) err(1, "epoll_wait");
		for (int i = 0; i < ready; i++) { // a connection has one event in a round, so that whoever is cut has no further one
			struct connection *c = events[i].data.ptr;
			if (!c) welcome(listener);
			else if (!(events[i].events & EPOLLOUT) || flush(c))
				if (events[i].events & ~EPOLLOUT) receive(c);
		}
		for (size_t i = count; i-- > 0 && round_frames.length;) // from the end, as a cut moves the last one down
			if (everyone[i]->upgraded) send_bytes(everyone[i], round_frames.at, round_frames.length);
		round_frames.length = 0;
	}
}
