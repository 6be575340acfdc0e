static int zero_pages(int handler, const char *at, size_t length)
{
	struct uffdio_zeropage request = { .range = make_range(at, length) };

	return ioctl(handler, UFFDIO_ZEROPAGE, &request);
}
