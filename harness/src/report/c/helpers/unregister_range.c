static int unregister_range(int handler, const char *at, size_t length)
{
	struct uffdio_range request = make_range(at, length);

	return ioctl(handler, UFFDIO_UNREGISTER, &request);
}
