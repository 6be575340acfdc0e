static int write_protect(int handler, const char *at, size_t length, uint64_t mode)
{
	struct uffdio_writeprotect request = { make_range(at, length), mode };

	return ioctl(handler, UFFDIO_WRITEPROTECT, &request);
}
