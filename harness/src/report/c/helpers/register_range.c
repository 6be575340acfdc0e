static int register_range(int handler, const char *at, size_t length, uint64_t mode)
{
	struct uffdio_register request = { .range = make_range(at, length), .mode = mode };

	return ioctl(handler, UFFDIO_REGISTER, &request);
}
