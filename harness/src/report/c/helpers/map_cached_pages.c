static int map_cached_pages(int handler, const char *at, size_t length)
{
	struct uffdio_continue request = { .range = make_range(at, length) };

	return ioctl(handler, UFFDIO_CONTINUE, &request);
}
