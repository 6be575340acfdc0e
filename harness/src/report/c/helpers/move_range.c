/* The structure that is meant, uffdio_move, has the layout of this one, which older headers know. */
static int move_range(int handler, const char *to, const char *from, size_t length)
{
	struct uffdio_copy request = { (uintptr_t)to, (uintptr_t)from, length, 0, 0 };

	return ioctl(handler, UFFDIO_MOVE, &request);
}
