/* Unmaps what the kernel has put to another place than the pages of the test; that place if not. */
static long unmap_elsewhere(char *at, size_t length, size_t pages)
{
	if (at >= area && at < area + pages * page)
		return (long)at;
	return at == MAP_FAILED ? -1 : munmap(at, length);
}
