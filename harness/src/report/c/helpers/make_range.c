static struct uffdio_range make_range(const char *at, size_t length)
{
	return (struct uffdio_range){ (uintptr_t)at, length };
}
