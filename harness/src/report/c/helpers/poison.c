/* The structure that is meant, uffdio_poison, has the layout of this one, which older headers know. */
static int poison(int handler, const char *at, size_t length)
{
	struct uffdio_continue request = { .range = make_range(at, length) };

	return ioctl(handler, UFFDIO_POISON, &request);
}
