static int read_by_gup_test(void)
{
	unsigned char *content = malloc(page);
	__u64 address = (uintptr_t)content;

	if (ioctl(gup_test, PIN_LONGTERM_TEST_READ, &address) == -1)
		return -1;
	return content[offset_in_page];
}
