// SPDX-License-Identifier: GPL-2.0
/* bpf/cookie.h: which SYNs are answered, and with which bytes. The answers are
 * those of a Linux 6.18 stack, as tests/netns/answer.bats compares them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/cookie.h"

static __u8 buffer[256] __attribute__((aligned(4)));
static __u32 buffer_len;

static int frame_load(struct xdp_md *ctx, __u32 off, void *to, __u32 len)
{
	(void)ctx;
	if (off + len > buffer_len)
		return -1;
	memcpy(to, buffer + 2 + off, len);
	return 0;
}

static __u32 frame_length(struct xdp_md *ctx)
{
	(void)ctx;
	return buffer_len;
}

#define MACS			 "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"
#define MACS_BACK		 "\x02\0\0\0\0\x02\x02\0\0\0\0\x01"
#define TO4			 "\xc0\x00\x02\x19"
#define FROM4			 "\xcb\x00\x71\x09"
#define TO6			 "\x20\x01\x0d\xb8\0\x25\0\0\0\0\0\0\0\0\0\x25"
#define FROM6			 "\x20\x01\x0d\xb8\0\x09\0\0\0\0\0\0\0\0\0\x09"
#define IP4			 "\x45\0\0\x2c\0\0\x40\0\x40\x06\x3c\xa9" FROM4 TO4
#define IP4_OF(first, rest, sum) first "\0\0\x2c\0\0" rest "\x40\x06" sum
#define IP6			 "\x60\0\0\0\0\x18\x06\x40" FROM6 TO6
#define PORTS			 "\x30\x39\0\x19\x12\x34\x56\x78\0\0\0\0"
#define SYN			 PORTS "\x50\x02\xfa\xf0\0\0\0\0"
#define SYN_MSS			 PORTS "\x60\x02\xfa\xf0\0\0\0\0\x02\x04\x05\xb4"
#define SYN_TWO			 PORTS "\x70\x02\xfa\xf0\0\0\0\0"
#define ETH4			 MACS "\x08\0"
#define ETH6			 MACS "\x86\xdd"
#define TAG(tci)		 MACS "\x81\0" tci "\x08\0"

#define FRAME(bytes) bytes, sizeof(bytes) - 1

static struct cookie_syn read_frame(const void *bytes, __u32 len, bool *taken)
{
	struct frame f = {.data = buffer + 2, .end = buffer + 2 + len};
	struct cookie_syn s = {};

	memcpy(buffer + 2, bytes, len);
	buffer_len = len;
	*taken = cookie_read(&f, &s) && cookie_options(&s);
	return s;
}

/* --- which --------------------------------------------------------------- */

static const struct {
	const char *what, *bytes;
	__u32 len;
	bool taken;
} which[] = {
	{"IPv4", FRAME(ETH4 IP4 SYN_MSS), true},
	{"IPv4 without options", FRAME(ETH4 IP4 SYN), true},
	{"IPv6", FRAME(ETH6 IP6 SYN_MSS), true},
	{"a priority tag", FRAME(TAG("\xe0\0") IP4 SYN_MSS), true},
	{"a VLAN", FRAME(TAG("\x00\x05") IP4 SYN_MSS), true},
	{"two tags", FRAME(MACS "\x81\0\0\x05\x81\0\0\x06\x08\0" IP4 SYN_MSS),
	 false},
	{"a service tag", FRAME(MACS "\x88\xa8\0\x05\x08\0" IP4 SYN_MSS),
	 false},
	{"to a group",
	 FRAME("\x03\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" IP4 SYN_MSS), false},
	{"IPv4 options",
	 FRAME(ETH4 IP4_OF("\x46", "\x40\0", "\x39\xa7") FROM4 TO4
	       "\1\1\1\1" SYN_MSS),
	 false},
	{"a first fragment",
	 FRAME(ETH4 IP4_OF("\x45", "\x20\0", "\x5c\xa9") FROM4 TO4 SYN_MSS),
	 false},
	{"a later fragment",
	 FRAME(ETH4 IP4_OF("\x45", "\0\x01", "\x7c\xa8") FROM4 TO4 SYN_MSS),
	 false},
	{"a wrong checksum of IPv4",
	 FRAME(ETH4 IP4_OF("\x45", "\x40\0", "\x3c\xa8") FROM4 TO4 SYN_MSS),
	 false},
	{"from 0.0.0.0",
	 FRAME(ETH4 IP4_OF("\x45", "\x40\0",
			   "\x78\xb3") "\0\0\0\0" TO4 SYN_MSS),
	 false},
	{"IPv6 extension",
	 FRAME(MACS "\x86\xdd\x60\0\0\0\0\x20\x3c\x40" FROM6 TO6
		    "\x06\0\1\4\0\0\0\0" SYN_MSS),
	 false},
	{"from ::1",
	 FRAME(ETH6
	       "\x60\0\0\0\0\x18\x06\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01" TO6
		       SYN_MSS),
	 false},
	{"an ACK", FRAME(ETH4 IP4 PORTS "\x50\x10\xfa\xf0\0\0\0\0"), false},
	{"cut off", FRAME(ETH4 IP4 PORTS "\x60\x02\xfa\xf0\0\0\0\0\x02\x04"),
	 false},
	{"SACK and scale",
	 FRAME(ETH4 IP4 SYN_TWO "\x04\x02\x01\x03\x03\x07\x01\x01"), true},
	{"unknown option", FRAME(ETH4 IP4 SYN_TWO "\xfa\x08zzzzzz"), true},
	{"MD5", FRAME(ETH4 IP4 SYN_TWO "\x01\x13\x04zz\1\1\1"), false},
	{"TCP-AO", FRAME(ETH4 IP4 SYN_TWO "\x1d\x04zz\1\1\1\1"), false},
	{"MPTCP", FRAME(ETH4 IP4 SYN_TWO "\x1e\x08zzzzzz"), false},
	{"Fast Open", FRAME(ETH4 IP4 SYN_TWO "\1\1\1\1\1\1\x22\x02"), false},
	{"an experiment", FRAME(ETH4 IP4 SYN_TWO "\xfe\x08\xf9\x89zzzz"),
	 false},
	{"Fast Open behind the end",
	 FRAME(ETH4 IP4 SYN_TWO "\x00\x22\x02\0\0\0\0\0"), true},
	{"Fast Open behind what is broken",
	 FRAME(ETH4 IP4 SYN_TWO "\x08\x28\x22\x02\0\0\0\0"), true},
	{"Fast Open that is cut off",
	 FRAME(ETH4 IP4 SYN_TWO "\1\1\1\1\1\1\1\x22"), true},
};

static void only_what_a_cookie_can_answer_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(which) / sizeof(*which); i++) {
		bool taken;

		print_message("%s\n", which[i].what);
		read_frame(which[i].bytes, which[i].len, &taken);
		assert_int_equal(taken, which[i].taken);
	}
}

/* --- with which bytes ---------------------------------------------------- */

#define ANSWER4 "\x45\0\0\x2c\0\0\x40\0\x40\x06\x3c\xa9" TO4 FROM4
#define ANSWER	"\0\x19\x30\x39\x01\xec\xd0\x79\x12\x34\x56\x79\x60\x12\xfa\xf0"
#define MSS4	"\0\0\x02\x04\x05\xb4"

static const struct {
	const char *what, *syn;
	__u32 syn_len;
	const char *answer;
	__u32 len;
	__u16 mss;
	__u8 tos, ttl;
} answers[] = {
	{"IPv4", FRAME(ETH4 IP4 SYN_MSS),
	 FRAME(MACS_BACK "\x08\0" ANSWER4 ANSWER "\x33\x9d" MSS4), 1460, 0, 64},
	{"IPv4 from no options", FRAME(ETH4 IP4 SYN),
	 FRAME(MACS_BACK "\x08\0" ANSWER4 ANSWER "\x33\x9d" MSS4), 1460, 0, 64},
	{"a priority tag", FRAME(TAG("\xe0\0") IP4 SYN_MSS),
	 FRAME(MACS_BACK "\x08\0" ANSWER4 ANSWER "\x33\x9d" MSS4), 1460, 0, 64},
	{"a VLAN", FRAME(TAG("\xe1\x05") IP4 SYN_MSS),
	 FRAME(MACS_BACK "\x81\0\x01\x05\x08\0" ANSWER4 ANSWER "\x33\x9d" MSS4),
	 1460, 0, 64},
	{"TOS and TTL of the socket", FRAME(ETH4 IP4 SYN_MSS),
	 FRAME(MACS_BACK
	       "\x08\0\x45\x10\0\x2c\0\0\x40\0\xff\x06\x7d\x98" TO4 FROM4 ANSWER
	       "\x33\x9d" MSS4),
	 1460, 0x10, 255},
	{"IPv6", FRAME(ETH6 IP6 SYN_MSS),
	 FRAME(MACS_BACK
	       "\x86\xdd\x60\x0c\xce\xb4\0\x18\x06\x40" TO6 FROM6 ANSWER
	       "\xd6\x06\0\0\x02\x04\x05\xa0"),
	 1440, 0, 64},
};

/* Adds up as RFC 1071 has it, byte by byte. */
static __u32 sum_of(const __u8 *at, __u32 len)
{
	__u32 sum = 0;

	for (__u32 i = 0; i < len; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void checksums_are_right(const __u8 *ip, bool v6)
{
	const __u8 *tcp = ip + (v6 ? 40 : 20);
	__u32 sum = IPPROTO_TCP + 24;

	sum += v6 ? sum_of(ip + 8, 32) : sum_of(ip + 12, 8);
	sum += sum_of(tcp, 24);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
	if (!v6)
		assert_int_equal(sum_of(ip, 20), 0xffff);
}

static void an_answer_is_what_the_stack_sends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		const struct mw_terms t = {answers[i].mss, 64240,
					   answers[i].ttl, answers[i].tos};
		const __u32 cookie = 0x01ecd079;
		__u8 got[128] __attribute__((aligned(4))) = {};
		struct cookie_syn s;
		__u32 at;
		bool taken;

		print_message("%s\n", answers[i].what);
		s = read_frame(answers[i].syn, answers[i].syn_len, &taken);
		assert_true(taken);
		assert_int_equal(cookie_length(&s), answers[i].len);
		at = cookie_network(&s);
		cookie_write_ethernet(&s, (__u16 *)(got + 2));
		if (s.family == 4)
			cookie_write4(&s, &t, cookie, (__u32 *)(got + 2 + at));
		else
			cookie_write6(&s, &t, cookie, (__u32 *)(got + 2 + at));
		checksums_are_right(got + 2 + at, s.family == 6);
		assert_memory_equal(got + 2, answers[i].answer, answers[i].len);
		assert_int_equal(got[2 + answers[i].len], 0);
	}
}

/* --- with which terms ---------------------------------------------------- */

static void the_mss_is_the_devices_or_the_programs(void **state)
{
	static const struct {
		__u32 mtu;
		__u16 set, mss4, mss6;
	} rows[] = {
		{1500, 0, 1460, 1440},	  {1500, 1200, 1200, 1200},
		{1500, 9000, 1460, 1440}, {9000, 0, 8960, 8940},
		{1280, 0, 1240, 1220},	  {68, 0, 256, 1220},
		{65536, 0, 65495, 65476}, {70000, 0, 65495, 65535},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(cookie_mss(4, rows[i].mtu, rows[i].set),
				 rows[i].mss4);
		assert_int_equal(cookie_mss(6, rows[i].mtu, rows[i].set),
				 rows[i].mss6);
	}
}

static void the_window_is_whole_segments(void **state)
{
	(void)state;
	assert_int_equal(cookie_window(65536, 0, 1460), 64240);
	assert_int_equal(cookie_window(65536, 0, 1440), 64800);
	assert_int_equal(cookie_window(6291456, 0, 1460), 65535);
	assert_int_equal(cookie_window(65536, 5000, 1460), 4380);
	assert_int_equal(cookie_window(1152, 0, 1460), 1152);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_a_cookie_can_answer_is_answered),
		cmocka_unit_test(an_answer_is_what_the_stack_sends),
		cmocka_unit_test(the_mss_is_the_devices_or_the_programs),
		cmocka_unit_test(the_window_is_whole_segments),
	};

	return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
