/* The kernel's own test of pins, mm/gup_test.h, holds one page at a time. */
struct pin_longterm_test {
	__u64 addr;
	__u64 size;
	__u32 flags;
};

#define PIN_LONGTERM_TEST_START _IOW('g', 7, struct pin_longterm_test)
#define PIN_LONGTERM_TEST_STOP _IO('g', 8)
#define PIN_LONGTERM_TEST_READ _IOW('g', 9, __u64)
#define PIN_LONGTERM_TEST_FLAG_USE_FAST 2

static int gup_test = -1;
static size_t offset_in_page;

static int pin_by_gup_test(char *place)
{
	struct pin_longterm_test start = { .size = page, .flags = PIN_LONGTERM_TEST_FLAG_USE_FAST };

	if (gup_test == -1)
		gup_test = open("/sys/kernel/debug/gup_test", O_RDWR | O_CLOEXEC);
	if (gup_test == -1)
		cannot_tell("/sys/kernel/debug/gup_test, which needs root and CONFIG_GUP_TEST");
	offset_in_page = (uintptr_t)place % page;
	start.addr = (uintptr_t)place - offset_in_page;
	return ioctl(gup_test, PIN_LONGTERM_TEST_START, &start);
}
