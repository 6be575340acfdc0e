/*
 * Finds addresses at which nothing is mapped, nor next to them. The kernel itself chooses the highest
 * place where nothing is: so as much is left above.
 */
static void reserve(size_t pages)
{
	size_t size;
	char *start;

	page = sysconf(_SC_PAGESIZE);
	size = (pages + 2) * page;
	start = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED || munmap(start + page, pages * page) == -1 ||
	    munmap(start + size, size) == -1)
		cannot_tell("mmap");
	area = start + page;
}
