/* Fills a page with a byte. */
static int copy_page(int handler, const char *at, unsigned char value, uint64_t mode)
{
	unsigned char content[page];
	struct uffdio_copy request = { (uintptr_t)at, (uintptr_t)content, page, mode, 0 };

	memset(content, value, page);
	return ioctl(handler, UFFDIO_COPY, &request);
}
